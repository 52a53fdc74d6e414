//! Operations that treat each value alone, sums over dimensions, and products of matrices.

use burn_ir::{
    ActivationOperationIr, BinaryOpIr, FloatOperationIr, NumericOperationIr, ReduceDimOpIr, ScalarIr,
    ScalarOpIr, TensorIr,
};

use super::{Lowered, Lowering, Value};
use crate::error::Result;
use crate::export::graph::{Constant, Side};
use crate::export::recording::refused;

impl Lowering<'_> {
    pub(super) fn arithmetic(&mut self, operation: &NumericOperationIr) -> Lowered {
        use NumericOperationIr as Op;
        match operation {
            Op::Add(op) => self.pair("Add", op),
            Op::Sub(op) => self.pair("Sub", op),
            Op::Mul(op) => self.pair("Mul", op),
            Op::Div(op) => self.pair("Div", op),
            Op::AddScalar(op) => self.with_scalar("Add", op),
            Op::SubScalar(op) => self.with_scalar("Sub", op),
            Op::MulScalar(op) => self.with_scalar("Mul", op),
            Op::DivScalar(op) => self.with_scalar("Div", op),
            Op::PowiScalar(op) => self.power(op),
            Op::Abs(op) => self.unary("Abs", &op.input),
            Op::Neg(op) => self.unary("Neg", &op.input),
            Op::Clamp(op) => self.clip(&op.tensor, Some(op.min), Some(op.max)),
            Op::ClampMin(op) => self.clip(&op.lhs, Some(op.rhs), None),
            Op::ClampMax(op) => self.clip(&op.lhs, None, Some(op.rhs)),
            Op::Lower(op) => self.pair("Less", op),
            Op::LowerElem(op) => self.with_scalar("Less", op),
            Op::Greater(op) => self.pair("Greater", op),
            Op::GreaterElem(op) => self.with_scalar("Greater", op),
            Op::MeanDim(op) => self.reduction("ReduceMean", op),
            Op::MaxDim(op) => self.reduction("ReduceMax", op),
            Op::MinDim(op) => self.reduction("ReduceMin", op),
            Op::SumDim(op) => self.sum(&op.input, &[op.axis]),
            Op::SumDims(op) => self.sum(&op.input, &op.axes),
            Op::Full(op) => self.filled(&op.out, op.value.elem()),
            _ => Ok(None),
        }
    }

    pub(super) fn function(&mut self, operation: &FloatOperationIr) -> Lowered {
        use FloatOperationIr as Op;
        match operation {
            Op::Exp(op) => self.unary("Exp", &op.input),
            Op::Log(op) => self.unary("Log", &op.input),
            Op::Sqrt(op) => self.unary("Sqrt", &op.input),
            Op::Tanh(op) => self.unary("Tanh", &op.input),
            Op::Erf(op) => self.unary("Erf", &op.input),
            Op::Recip(op) => self.unary("Reciprocal", &op.input),
            Op::PowfScalar(op) => self.power(op),
            Op::Matmul(op) => {
                let inputs = [self.read(&op.lhs)?, self.read(&op.rhs)?];
                let operator = if self.sides(&op.out).len() == 2 { "Gemm" } else { "MatMul" };
                Ok(Some(self.graph.node(operator, &inputs, vec![])))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn activation(&mut self, operation: &ActivationOperationIr) -> Lowered {
        use ActivationOperationIr as Op;
        match operation {
            Op::Relu(op) => self.unary("Relu", &op.input),
            Op::Sigmoid(op) => self.unary("Sigmoid", &op.input),
            Op::LeakyRelu(op) => {
                let input = self.read(&op.lhs)?;
                let slope = vec![("alpha", op.rhs.elem::<f32>().into())];
                Ok(Some(self.graph.node("LeakyRelu", &[input], slope)))
            }
            Op::PRelu(op) => {
                let inputs = [self.read(&op.lhs)?, self.slopes(&op.rhs)?];
                Ok(Some(self.graph.node("PRelu", &inputs, vec![])))
            }
            Op::HardSigmoid(op) => {
                let input = self.read(&op.tensor)?;
                let line = [("alpha", op.alpha), ("beta", op.beta)];
                let line = line.map(|(name, value)| (name, value.elem::<f32>().into())).to_vec();
                Ok(Some(self.graph.node("HardSigmoid", &[input], line)))
            }
            Op::Softmax(op) => {
                self.fixed(&op.input, op.axis)?;
                let input = self.read(&op.input)?;
                Ok(Some(self.graph.node("Softmax", &[input], vec![("axis", op.axis.into())])))
            }
            _ => Ok(None),
        }
    }

    /// An operation on two tensors, of which a constant may be spread over the images of the other.
    fn pair(&mut self, operator: &str, op: &BinaryOpIr) -> Lowered {
        let (a, b) = (self.read(&op.lhs)?, self.read(&op.rhs)?);
        let [spread_a, spread_b] = [a, b].map(|value| self.spread.contains(&value));
        for (one, other, whole) in [(spread_a, spread_b, &op.rhs), (spread_b, spread_a, &op.lhs)] {
            if one && !other && self.sides(whole) != self.sides(&op.out) {
                return Err(refused("it spreads a constant over the images of a batch".to_owned()));
            }
        }
        let whole = |tensor| self.sides(tensor) == self.sides(&op.out);
        if operator == "Mul" && !spread_a && whole(&op.lhs) && self.is_one(b) {
            return Ok(Some(a));
        }
        if operator == "Mul" && !spread_b && whole(&op.rhs) && self.is_one(a) {
            return Ok(Some(b));
        }
        if operator == "Add"
            && let Some(product) = self.biased(a, b)
        {
            return Ok(Some(product));
        }
        let value = self.graph.node(operator, &[a, b], vec![]);
        if spread_a && spread_b {
            self.spread.insert(value);
        }
        Ok(Some(value))
    }

    /// A product of matrices and the bias that is added to each row of it, in one.
    fn biased(&mut self, product: Value, bias: Value) -> Option<Value> {
        let made = self.graph.nodes[self.graph.maker(product)?].clone();
        let columns = *self.graph.constants.get(&made.input(1)?)?.shape.get(1)?;
        let constant = self.graph.constants.get(&bias)?.clone();
        let is_row =
            constant.shape.last() == Some(&columns) && constant.shape.iter().product::<usize>() == columns;
        if made.operator != "Gemm" || made.inputs.len() > 2 || !is_row {
            return None;
        }
        let bias = self.graph.constant([columns], constant.numbers);
        Some(self.graph.node("Gemm", &[made.input(0)?, made.input(1)?, bias], vec![]))
    }

    /// Slopes without the dimension of the images: some engines want them to be as few as they can.
    fn slopes(&mut self, slopes: &TensorIr) -> Result<Value> {
        let value = self.read(slopes)?;
        match self.graph.constants.get(&value).cloned() {
            Some(constant) if constant.shape.len() > 1 && constant.shape[0] == 1 => {
                Ok(self.graph.constant(&constant.shape[1..], constant.numbers))
            }
            _ => Ok(value),
        }
    }

    fn is_one(&self, value: Value) -> bool {
        let floats = self.graph.constants.get(&value).and_then(Constant::floats);
        floats.is_some_and(|floats| floats.iter().all(|&float| float == 1.0))
    }

    fn with_scalar(&mut self, operator: &str, op: &ScalarOpIr) -> Lowered {
        let inputs = [self.read(&op.lhs)?, self.scalar(op.rhs)];
        Ok(Some(self.graph.node(operator, &inputs, vec![])))
    }

    fn power(&mut self, op: &ScalarOpIr) -> Lowered {
        if op.rhs.elem::<f32>() != 2.0 {
            return self.with_scalar("Pow", op);
        }
        let input = self.read(&op.lhs)?;
        Ok(Some(self.graph.node("Mul", &[input, input], vec![])))
    }

    fn clip(&mut self, input: &TensorIr, low: Option<ScalarIr>, high: Option<ScalarIr>) -> Lowered {
        let input = self.read(input)?;
        let [low, high] = [low, high].map(|bound| bound.map(|bound| self.scalar(bound)));
        let value = self.graph.node("Clip", &[input], vec![]);
        if let Some(node) = self.graph.nodes.last_mut() {
            node.inputs.push(low);
            node.inputs.extend(high.map(Some));
        }
        Ok(Some(value))
    }

    fn reduction(&mut self, operator: &str, op: &ReduceDimOpIr) -> Lowered {
        self.fixed(&op.input, op.axis)?;
        let input = self.read(&op.input)?;
        let attributes = vec![("axes", [op.axis].into()), ("keepdims", 1.into())];
        Ok(Some(self.graph.node(operator, &[input], attributes)))
    }

    /// Of the reductions, the sum alone has its axes as an input in operator set 17.
    fn sum(&mut self, input: &TensorIr, axes: &[usize]) -> Lowered {
        for &axis in axes {
            self.fixed(input, axis)?;
        }
        let input = self.read(input)?;
        let axes = self.graph.ints(axes.iter().map(|&axis| axis as i64).collect());
        Ok(Some(self.graph.node("ReduceSum", &[input, axes], vec![("keepdims", 1.into())])))
    }

    /// A constant of one value, with one image where Burn has all.
    pub(super) fn filled(&mut self, out: &TensorIr, value: f32) -> Lowered {
        let sides = self.sides(out).to_vec();
        let size = |side: &Side| match side {
            Side::Fixed(size) => *size,
            Side::Batch(_) => 1,
        };
        let shape: Vec<usize> = sides.iter().map(size).collect();
        let constant = self.graph.floats(shape.clone(), vec![value; shape.iter().product()]);
        if sides.iter().any(|side| matches!(side, Side::Batch(_))) {
            self.spread.insert(constant);
        }
        Ok(Some(constant))
    }
}
