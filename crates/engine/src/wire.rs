//! Checks the form of an ONNX file before an engine parses it.
//!
//! An ONNX file is a protobuf message. rten 0.27 never returns from a number that does not end within ten bytes, and
//! overflows the stack on graphs that are nested too deeply; neither can be caught. So the messages that it reads are
//! walked here first: numbers must end, lengths must fit, and nesting is bounded. So are paddings, strides and kernels,
//! from which rten computes how much memory to ask for; where there is not as much, the process ends. Both engines are
//! guarded, so that a file which is no model at all is refused in the same words.

/// Graphs within graphs (the branches of an `If`) and types within types: far more than any model has.
const MAX_DEPTH: usize = 32;

/// No kernel is wider than this, and nothing is padded by more pixels. Faces come in thousands of pixels at most.
const MAX_WINDOW: u64 = 1024;

/// Attributes that say how a window moves over a picture.
const WINDOW: [&[u8]; 5] = [b"pads", b"kernel_shape", b"strides", b"dilations", b"output_padding"];

/// The messages of `onnx.proto` that an engine reads into, and the kinds of content that it does not.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    SequenceType,
    TensorType,
    Shape,
    /// A message without messages in it.
    Leaf,
    /// Numbers of variable length, one after the other.
    Packed,
    /// Bytes, text, or what engines skip.
    Bytes,
}

impl Message {
    /// What the field `number` of this message holds if it has a length.
    fn field(self, number: u64) -> Self {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 8 | 14) | (Self::Tensor, 13) | (Self::Shape, 1) => Self::Leaf,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::Attribute, 8) | (Self::Tensor, 1 | 5 | 7) => Self::Packed,
            (Self::ValueInfo, 2) | (Self::SequenceType, 1) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::Type, 4) => Self::SequenceType,
            (Self::TensorType, 2) => Self::Shape,
            _ => Self::Bytes,
        }
    }
}

/// Checks that `onnx` has the form of an ONNX file, or says why not.
pub(crate) fn check(onnx: &[u8]) -> Result<(), &'static str> {
    if onnx.is_empty() {
        return Err("the file is empty");
    }
    let mut graphs = 0;
    walk(onnx, Message::Model, 0, &mut graphs).map_err(|fault| match fault {
        Fault::TooDeep => "its graphs are nested too deeply",
        Fault::Window => "its kernels, strides or paddings are negative or larger than 1024 pixels",
        Fault::Malformed => "it is damaged, cut off, or another kind of file",
    })?;
    if graphs == 0 { Err("it holds no graph, so it is another kind of file") } else { Ok(()) }
}

enum Fault {
    Malformed,
    TooDeep,
    Window,
}

fn walk(mut bytes: &[u8], message: Message, depth: usize, graphs: &mut usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH * 3 {
        return Err(Fault::TooDeep);
    }
    while !bytes.is_empty() {
        let key = number(&mut bytes)?;
        if matches!(message, Message::Packed) {
            continue;
        }
        if key & 7 == 0 {
            number(&mut bytes)?;
            continue;
        }
        let content = content(&mut bytes, key & 7)?;
        match message.field(key >> 3) {
            _ if key & 7 != 2 => {}
            Message::Bytes => {}
            field => {
                *graphs += usize::from(matches!(field, Message::Graph));
                if matches!(field, Message::Attribute) {
                    check_window(content)?;
                }
                walk(content, field, depth + 1, graphs)?;
            }
        }
    }
    Ok(())
}

/// Checks the numbers of an attribute if it is one of [`WINDOW`].
fn check_window(mut attribute: &[u8]) -> Result<(), Fault> {
    let (mut is_window, mut largest) = (false, 0);
    while !attribute.is_empty() {
        let key = number(&mut attribute)?;
        match (key >> 3, key & 7) {
            // The bits of a negative number are those of a large one.
            (8, 0) => largest = largest.max(number(&mut attribute)?),
            (_, 0) => _ = number(&mut attribute)?,
            (field, wire) => {
                let mut content = content(&mut attribute, wire)?;
                match (field, wire) {
                    (1, 2) => is_window = WINDOW.contains(&content),
                    (8, 2) => {
                        while !content.is_empty() {
                            largest = largest.max(number(&mut content)?);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    if is_window && largest > MAX_WINDOW { Err(Fault::Window) } else { Ok(()) }
}

/// Takes the content of a field that is not a single number.
fn content<'a>(bytes: &mut &'a [u8], wire: u64) -> Result<&'a [u8], Fault> {
    let length = match wire {
        1 => 8,
        2 => number(bytes)?,
        5 => 4,
        _ => return Err(Fault::Malformed),
    };
    let length = usize::try_from(length).map_err(|_| Fault::Malformed)?;
    let (content, rest) = bytes.split_at_checked(length).ok_or(Fault::Malformed)?;
    *bytes = rest;
    Ok(content)
}

/// Takes a number of variable length: seven bits of each byte, the lowest first, until a byte without its high bit.
fn number(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut value = 0;
    for index in 0..10 {
        let (&byte, rest) = bytes.split_first().ok_or(Fault::Malformed)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Fault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that has a length.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(content);
        bytes
    }

    #[test]
    fn models_pass() {
        for onnx in [fixtures::models::detector_onnx(), fixtures::models::embedder_onnx(0)] {
            assert_eq!(check(&onnx), Ok(()));
            assert!(check(&onnx[..onnx.len() - 1]).is_err());
        }
        // The weights may be any bytes.
        let tensor = field(9, &[0xff; 200]);
        assert_eq!(check(&field(7, &field(5, &tensor))), Ok(()));
    }

    #[test]
    fn what_is_no_model_is_named() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "empty"),
            (&[0xff; 1000], "damaged"),
            (b"<!DOCTYPE html>", "damaged"),
            (&[8, 7], "no graph"),
            // A dimension that does not end, where an engine would read it.
            (&field(7, &field(5, &[&[8][..], &[0xff; 20]].concat())), "damaged"),
        ];
        for (bytes, words) in cases {
            let reason = check(bytes).unwrap_err();
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn windows_are_bounded() {
        let padded = |name: &[u8], pad: &[u8]| {
            let pads = [&field(1, name)[..], &[8 << 3], pad].concat();
            check(&field(7, &field(1, &field(5, &pads))))
        };
        let (most, more, negative) = (&[0x80, 8], &[0x81, 8], &[&[0xff; 9][..], &[1]].concat());
        assert_eq!(padded(b"pads", most), Ok(()));
        for pad in [&more[..], negative] {
            assert!(padded(b"pads", pad).unwrap_err().contains("1024"));
            assert_eq!(padded(b"axes", pad), Ok(()));
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels| {
            let graph = (0..levels).fold(Vec::new(), |graph, _| field(1, &field(5, &field(6, &graph))));
            check(&field(7, &graph))
        };
        assert_eq!(nested(MAX_DEPTH - 1), Ok(()));
        assert_eq!(nested(MAX_DEPTH + 1), Err("its graphs are nested too deeply"));
        assert_eq!(nested(3000), Err("its graphs are nested too deeply"));
    }
}
