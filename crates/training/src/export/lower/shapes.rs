//! Operations that move values and compute none.

use burn::tensor::Slice;
use burn_ir::{BaseOperationIr, SliceOpIr, TensorIr};

use super::{Lowered, Lowering};
use crate::export::graph::Side;
use crate::export::recording::refused;

impl Lowering<'_> {
    pub(super) fn shape(&mut self, operation: &BaseOperationIr) -> Lowered {
        use BaseOperationIr as Op;
        match operation {
            Op::Reshape(op) => self.reshape(&op.input, &op.out),
            Op::Expand(op) => self.expand(&op.input, &op.out),
            Op::Permute(op) => self.transpose(&op.input, op.axes.clone()),
            Op::SwapDims(op) => {
                let mut axes: Vec<usize> = (0..self.sides(&op.input).len()).collect();
                axes.swap(op.dim1, op.dim2);
                self.transpose(&op.input, axes)
            }
            Op::Slice(op) => self.slice(op),
            Op::Select(op) => {
                self.fixed(&op.tensor, op.dim)?;
                let inputs = [self.read(&op.tensor)?, self.read(&op.indices)?];
                Ok(Some(self.graph.node("Gather", &inputs, vec![("axis", op.dim.into())])))
            }
            Op::Cat(op) => {
                self.fixed(&op.out, op.dim)?;
                let inputs =
                    op.tensors.iter().map(|tensor| self.read(tensor)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(self.graph.node("Concat", &inputs, vec![("axis", op.dim.into())])))
            }
            Op::RepeatDim(op) => {
                self.fixed(&op.tensor, op.dim)?;
                let mut times = vec![1; self.sides(&op.tensor).len()];
                times[op.dim] = op.times as i64;
                let inputs = [self.read(&op.tensor)?, self.graph.ints(times)];
                Ok(Some(self.graph.node("Tile", &inputs, vec![])))
            }
            Op::MaskWhere(op) => {
                let inputs = [self.read(&op.mask)?, self.read(&op.value)?, self.read(&op.tensor)?];
                Ok(Some(self.graph.node("Where", &inputs, vec![])))
            }
            Op::MaskFill(op) => {
                let inputs = [self.read(&op.mask)?, self.scalar(op.value), self.read(&op.tensor)?];
                Ok(Some(self.graph.node("Where", &inputs, vec![])))
            }
            Op::Cast(op) if op.input.dtype == op.out.dtype => Ok(Some(self.read(&op.input)?)),
            Op::Zeros(op) => self.filled(&op.out, 0.0),
            Op::Ones(op) => self.filled(&op.out, 1.0),
            _ => Ok(None),
        }
    }

    /// A shape without the number of images in it: at most one dimension is `-1`, what is left.
    fn reshape(&mut self, input: &TensorIr, out: &TensorIr) -> Lowered {
        let sides = self.sides(out).to_vec();
        if sides.iter().filter(|side| matches!(side, Side::Batch(_))).count() > 1 {
            return Err(refused("it reshapes the images of a batch into two dimensions".to_owned()));
        }
        let input = self.read(input)?;
        if let Some(constant) = self.graph.constants.get(&input).cloned() {
            let fixed = sides.iter().map(|side| match side {
                Side::Fixed(size) => *size,
                Side::Batch(_) => 1,
            });
            return Ok(Some(self.graph.constant(fixed.collect::<Vec<_>>(), constant.numbers)));
        }
        let shape = sides.iter().map(|side| match side {
            Side::Fixed(size) => *size as i64,
            Side::Batch(_) => -1,
        });
        let shape = self.graph.ints(shape.collect());
        Ok(Some(self.graph.node("Reshape", &[input, shape], vec![])))
    }

    /// ONNX keeps the size of a dimension that shall become 1.
    fn expand(&mut self, input: &TensorIr, out: &TensorIr) -> Lowered {
        let (from, to) = (self.sides(input), self.sides(out));
        let added = to.len().saturating_sub(from.len());
        let kept = |at: usize| at >= added && from[at - added] == to[at];
        let shape = to.iter().enumerate().map(|(at, side)| match side {
            Side::Fixed(size) => Ok(*size as i64),
            Side::Batch(_) if kept(at) => Ok(1),
            Side::Batch(_) => Err(refused("it repeats a tensor for each image of a batch".to_owned())),
        });
        let shape = shape.collect::<Result<Vec<i64>, _>>()?;
        let inputs = [self.read(input)?, self.graph.ints(shape)];
        Ok(Some(self.graph.node("Expand", &inputs, vec![])))
    }

    fn transpose(&mut self, input: &TensorIr, axes: Vec<usize>) -> Lowered {
        let input = self.read(input)?;
        let order = axes.into_iter().map(|axis| axis as i64).collect();
        Ok(Some(self.graph.node("Transpose", &[input], vec![("perm", super::Attribute::Ints(order))])))
    }

    fn slice(&mut self, op: &SliceOpIr) -> Lowered {
        let [mut starts, mut ends, mut axes, mut steps] = [const { Vec::new() }; 4];
        for (axis, range) in op.ranges.iter().enumerate().filter(|(_, range)| **range != Slice::full()) {
            let size = self.fixed(&op.tensor, axis)? as i64;
            if range.step < 1 {
                return Err(refused("it reads a tensor backwards".to_owned()));
            }
            starts.push(range.start as i64);
            ends.push(range.end.map_or(size, |end| end as i64));
            axes.push(axis as i64);
            steps.push(range.step as i64);
        }
        let input = self.read(&op.tensor)?;
        if axes.is_empty() {
            return Ok(Some(input));
        }
        let [starts, ends, axes, steps] = [starts, ends, axes, steps].map(|values| self.graph.ints(values));
        Ok(Some(self.graph.node("Slice", &[input, starts, ends, axes, steps], vec![])))
    }
}
