//! A file's bytes, taken apart into deliveries.

use serde_json::value::RawValue;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a file is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON text: an event, a package, or an array of events.
    Text,
    /// JSON Lines.
    Lines,
}

/// Limits, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) event: usize,
    pub(crate) file: usize,
}

/// The deliveries of a file, in order, each as it was written.
///
/// What is no JSON is one delivery as it is: the hub sets it aside. What is too long is cut to one byte
/// more than the hub takes: it refuses that, and the file is there to be looked at.
pub(crate) fn split(bytes: &[u8], shape: Shape, limits: Limits) -> Vec<Vec<u8>> {
    if bytes.len() > limits.file {
        return vec![beginning(bytes, limits.event)];
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let pieces = match shape {
        Shape::Lines => lines(text),
        Shape::Text => elements(text).unwrap_or_else(|| vec![text]),
    };
    pieces
        .into_iter()
        .map(|piece| beginning(piece, limits.event))
        .collect()
}

fn beginning(piece: &[u8], limit: usize) -> Vec<u8> {
    piece
        .iter()
        .take(limit.saturating_add(1))
        .copied()
        .collect()
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect()
}

/// The elements of an array; none if the text is anything else.
fn elements(text: &[u8]) -> Option<Vec<&[u8]>> {
    if text.trim_ascii_start().first() != Some(&b'[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_slice(text).ok()?;
    Some(
        elements
            .iter()
            .map(|element| element.get().as_bytes())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        event: 20,
        file: 100,
    };

    fn texts(bytes: &[u8], shape: Shape) -> Vec<String> {
        split(bytes, shape, LIMITS)
            .into_iter()
            .map(|piece| String::from_utf8_lossy(&piece).into_owned())
            .collect()
    }

    #[test]
    fn an_array_is_as_many_deliveries_each_as_it_was_written() {
        let pieces = texts(b"\n [ {\"a\": 1.0}, 7 ,\n{\"b\":[2]} ]\n", Shape::Text);
        assert_eq!(pieces, [r#"{"a": 1.0}"#, "7", r#"{"b":[2]}"#]);
    }

    #[test]
    fn one_object_is_one_delivery_whatever_is_in_it() {
        let package = br#"{"releases":[1,2]}"#;
        assert_eq!(texts(package, Shape::Text), [r#"{"releases":[1,2]}"#]);
    }

    #[test]
    fn each_line_of_json_lines_is_a_delivery_and_blank_ones_are_not() {
        let pieces = texts(b"{\"a\":1}\r\n\n  \nnot json\n[1,2]", Shape::Lines);
        assert_eq!(pieces, [r#"{"a":1}"#, "not json", "[1,2]"]);
    }

    #[test]
    fn what_is_no_json_is_one_delivery_as_it_is() {
        for bytes in [&b"\xff\x00 nonsense"[..], b"[1, 2", b"", b"[1] 2"] {
            assert_eq!(split(bytes, Shape::Text, LIMITS), [bytes]);
        }
    }

    #[test]
    fn nothing_to_deliver_is_no_delivery() {
        assert!(texts(b"[]", Shape::Text).is_empty());
        assert!(texts(b"\n\n", Shape::Lines).is_empty());
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_event() {
        assert_eq!(texts(b"\xef\xbb\xbf{}", Shape::Text), ["{}"]);
        assert_eq!(texts(b"\xef\xbb\xbf{}\n{}", Shape::Lines), ["{}", "{}"]);
    }

    #[test]
    fn what_is_too_long_is_cut_to_one_byte_more_than_the_hub_takes() {
        let long = format!("[{{\"a\":\"{}\"}},1]", "x".repeat(30));
        let pieces = texts(long.as_bytes(), Shape::Text);
        assert_eq!(pieces.iter().map(String::len).collect::<Vec<_>>(), [21, 1]);
        let exact = [b'1'; 20];
        assert_eq!(split(&exact, Shape::Text, LIMITS), [exact]);
        let huge = "1\n".repeat(51);
        let pieces = texts(huge.as_bytes(), Shape::Lines);
        assert_eq!(pieces.iter().map(String::len).collect::<Vec<_>>(), [21]);
    }
}
