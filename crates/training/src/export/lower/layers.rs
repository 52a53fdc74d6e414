//! Convolutions, pooling, normalisation and fully connected layers.

use burn_ir::{
    AdaptiveAvgPool2dOpIr, BatchNormOpIr, Conv2dOpIr, ConvTranspose2dOpIr, InterpolateModeIr,
    InterpolateOpIr, LinearOpIr, ModuleOperationIr, TensorIr,
};

use super::{Attribute, Lowered, Lowering, Value};
use crate::error::Result;
use crate::export::recording::refused;

impl Lowering<'_> {
    pub(super) fn layer(&mut self, operation: &ModuleOperationIr) -> Lowered {
        use ModuleOperationIr as Op;
        match operation {
            Op::Conv2d(op) => self.convolution(op),
            Op::ConvTranspose2d(op) => self.transposed_convolution(op),
            Op::Linear(op) => self.linear(op),
            Op::BatchNorm(op) => self.normalisation(op),
            Op::MaxPool2d(op) => {
                if op.dilation != [1, 1] {
                    return Err(refused("its maxima are taken with gaps, which rten cannot run".to_owned()));
                }
                let window = window(op.kernel_size, op.stride, op.padding, op.ceil_mode);
                self.pooled("MaxPool", &op.x, window)
            }
            Op::AvgPool2d(op) => {
                let mut window = window(op.kernel_size, op.stride, op.padding, op.ceil_mode);
                window.push(("count_include_pad", usize::from(op.count_include_pad).into()));
                self.pooled("AveragePool", &op.x, window)
            }
            Op::AdaptiveAvgPool2d(op) => self.adaptive_mean(op),
            Op::Interpolate(op) => self.interpolation(op),
            _ => Ok(None),
        }
    }

    fn convolution(&mut self, op: &Conv2dOpIr) -> Lowered {
        let options = &op.options;
        let [(top, bottom), (left, right)] = options.padding;
        let attributes = vec![
            ("dilations", options.dilation.into()),
            ("group", options.groups.into()),
            ("kernel_shape", self.kernel(&op.weight)?),
            ("pads", [top, left, bottom, right].into()),
            ("strides", options.stride.into()),
        ];
        let inputs = self.weighted(&op.x, &op.weight, op.bias.as_ref())?;
        Ok(Some(self.graph.node("Conv", &inputs, attributes)))
    }

    fn transposed_convolution(&mut self, op: &ConvTranspose2dOpIr) -> Lowered {
        let options = &op.options;
        let [down, across] = options.padding;
        let attributes = vec![
            ("dilations", options.dilation.into()),
            ("group", options.groups.into()),
            ("kernel_shape", self.kernel(&op.weight)?),
            ("output_padding", options.padding_out.into()),
            ("pads", [down, across, down, across].into()),
            ("strides", options.stride.into()),
        ];
        let inputs = self.weighted(&op.x, &op.weight, op.bias.as_ref())?;
        Ok(Some(self.graph.node("ConvTranspose", &inputs, attributes)))
    }

    fn kernel(&self, weight: &TensorIr) -> Result<Attribute> {
        Ok([self.fixed(weight, 2)?, self.fixed(weight, 3)?].into())
    }

    fn weighted(&mut self, x: &TensorIr, weight: &TensorIr, bias: Option<&TensorIr>) -> Result<Vec<Value>> {
        [Some(x), Some(weight), bias].into_iter().flatten().map(|tensor| self.read(tensor)).collect()
    }

    /// Burn's weights are `[in, out]`, as those of `Gemm` and `MatMul` are.
    fn linear(&mut self, op: &LinearOpIr) -> Lowered {
        if self.sides(&op.x).len() == 2 {
            let inputs = self.weighted(&op.x, &op.weight, op.bias.as_ref())?;
            return Ok(Some(self.graph.node("Gemm", &inputs, vec![])));
        }
        let inputs = self.weighted(&op.x, &op.weight, None)?;
        let product = self.graph.node("MatMul", &inputs, vec![]);
        let Some(bias) = &op.bias else { return Ok(Some(product)) };
        let bias = self.read(bias)?;
        Ok(Some(self.graph.node("Add", &[product, bias], vec![])))
    }

    fn normalisation(&mut self, op: &BatchNormOpIr) -> Lowered {
        let inputs = [&op.x, &op.gamma, &op.beta, &op.mean, &op.variance];
        let inputs = inputs.into_iter().map(|tensor| self.read(tensor)).collect::<Result<Vec<_>>>()?;
        let epsilon = vec![("epsilon", op.epsilon.elem::<f32>().into())];
        Ok(Some(self.graph.node("BatchNormalization", &inputs, epsilon)))
    }

    fn pooled(&mut self, operator: &str, x: &TensorIr, window: Vec<(&str, Attribute)>) -> Lowered {
        let input = self.read(x)?;
        Ok(Some(self.graph.node(operator, &[input], window)))
    }

    fn adaptive_mean(&mut self, op: &AdaptiveAvgPool2dOpIr) -> Lowered {
        if op.output_size == [1, 1] {
            return self.unary("GlobalAveragePool", &op.x);
        }
        let [height, width] = [self.fixed(&op.x, 2)?, self.fixed(&op.x, 3)?];
        let [rows, columns] = op.output_size;
        if !height.is_multiple_of(rows) || !width.is_multiple_of(columns) {
            return Err(refused(format!(
                "it pools {height} x {width} into {rows} x {columns} means of windows that are not equal"
            )));
        }
        let kernel = [height / rows, width / columns];
        self.pooled("AveragePool", &op.x, window(kernel, kernel, [0, 0], false))
    }

    /// Enlarged without interpolation, a whole number of times.
    fn interpolation(&mut self, op: &InterpolateOpIr) -> Lowered {
        let from = [self.fixed(&op.x, 2)?, self.fixed(&op.x, 3)?];
        let whole = from.iter().zip(&op.output_size).all(|(from, to)| to.is_multiple_of(*from));
        if op.options.mode != InterpolateModeIr::Nearest || !whole {
            return Err(refused("it resizes in another way than by repeating rows and columns".to_owned()));
        }
        let [down, across] = [0, 1].map(|at| (op.output_size[at] / from[at]) as f32);
        let input = self.read(&op.x)?;
        let value = self.graph.node(
            "Resize",
            &[input],
            vec![
                ("coordinate_transformation_mode", "asymmetric".into()),
                ("mode", "nearest".into()),
                ("nearest_mode", "floor".into()),
            ],
        );
        let scales = self.graph.floats([4], vec![1.0, 1.0, down, across]);
        if let Some(node) = self.graph.nodes.last_mut() {
            // Between the two is a region that this mode has not.
            node.inputs.extend([None, Some(scales)]);
        }
        Ok(Some(value))
    }
}

fn window(
    kernel: [usize; 2],
    stride: [usize; 2],
    [down, across]: [usize; 2],
    ceil: bool,
) -> Vec<(&'static str, Attribute)> {
    vec![
        ("ceil_mode", usize::from(ceil).into()),
        ("kernel_shape", kernel.into()),
        ("pads", [down, across, down, across].into()),
        ("strides", stride.into()),
    ]
}
