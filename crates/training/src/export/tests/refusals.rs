//! Networks that cannot be written down.

use burn::tensor::{Device, Tensor, s};

use super::layers::Bench;
use crate::export::{to_onnx, to_onnx_with};

type Forward = fn(Tensor<4>) -> Tensor<2>;

fn refusal(forward: Forward) -> String {
    to_onnx(&Bench::new(), [6, 4, 4], |_, x| forward(x)).unwrap_err().to_string()
}

fn flat(x: Tensor<4>) -> Tensor<2> {
    x.flatten(1, 3)
}

#[test]
fn operations_without_counterpart_are_named() {
    let cases: [(Forward, &str); 4] = [
        (|x| flat(x.cumsum(1)), "the operation CumSum of Burn"),
        (|x| flat(x.flip([1])), "the operation Flip of Burn"),
        (|x| flat(x.sin()), "the operation Sin of Burn"),
        (|x| flat(x.slice(s![.., ..;-1])), "reads a tensor backwards"),
    ];
    for (forward, words) in cases {
        let error = refusal(forward);
        assert!(error.starts_with("the network cannot be exported: ") && error.contains(words), "{error}");
    }
}

#[test]
fn what_depends_on_the_number_of_images_is_refused() {
    let cases: [(Forward, &str); 6] = [
        (|x| flat(x.clone().mean_dim(0) + x), "across the images"),
        (|x| flat(x.clone() * x.dims()[0] as f32), "its operation MulScalar depends on how many images"),
        (|x| flat(Tensor::cat(vec![x.clone(), x], 0)), "has not one row for each image"),
        (|x| flat(x.clone() + x.narrow(0, 0, 1)), "across the images"),
        (
            |x| {
                let count = x.dims()[0] as f32;
                flat(x.clone() + Tensor::<1>::from_floats([count], &x.device()).reshape([1, 1, 1, 1]))
            },
            "one of its constants depends on how many images",
        ),
        (|x| Tensor::ones([x.dims()[0], 4], &x.device()).exp(), "a constant that is as large as the batch"),
    ];
    for (forward, words) in cases {
        let error = refusal(forward);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn outputs_must_come_from_the_images() {
    let constant = |x: Tensor<4>| Tensor::zeros([x.dims()[0], 4], &Device::flex());
    assert!(refusal(constant).contains("its output `embedding` does not depend on the images"));
    let merged = |x: Tensor<4>| x.reshape([1, -1]);
    assert!(refusal(merged).contains("its output `embedding` has not one row for each image"));
    let none = to_onnx_with(&Bench::new(), [6, 4, 4], |_, _| vec![]).unwrap_err();
    assert!(none.to_string().contains("it has no outputs"), "{none}");
}
