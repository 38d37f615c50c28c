//! Distinguished encoding (X.690) read strictly: definite, shortest lengths and one-byte tags only;
//! and written.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;
/// `[0]`, primitive.
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;
/// `[1]`, primitive.
pub(crate) const CONTEXT_1_PRIMITIVE: u8 = 0x81;

/// The bytes are not DER, or not the structure that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// One tag, its content, and both with the length between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may follow.
    pub(crate) fn finish(self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let (tag, after_tag) = self.rest.split_first().ok_or(Malformed)?;
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (length, after_length) = read_length(after_tag)?;
        let (content, rest) = after_length.split_at_checked(length).ok_or(Malformed)?;
        let whole_length = self.rest.len() - rest.len();
        let (whole, _) = self.rest.split_at_checked(whole_length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(Element {
            tag: *tag,
            content,
            whole,
        })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.any()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Malformed)
        }
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn enter(&mut self, tag: u8) -> Result<Reader<'a>, Malformed> {
        self.expect(tag).map(|element| Self::new(element.content))
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }
}

fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (first, rest) = bytes.split_first().ok_or(Malformed)?;
    let count = match first {
        0..=0x7f => return Ok((usize::from(*first), rest)),
        0x81..=0x84 => usize::from(first & 0x7f),
        // 0x80 is BER's indefinite length; longer ones than four bytes are beyond any limit.
        _ => return Err(Malformed),
    };
    let (digits, rest) = rest.split_at_checked(count).ok_or(Malformed)?;
    let length = digits
        .iter()
        .fold(0, |length, digit| (length << 8) | usize::from(*digit));
    let shortest = length > 0x7f && digits.first() != Some(&0);
    if shortest {
        Ok((length, rest))
    } else {
        Err(Malformed)
    }
}

/// One element: tag, length, and the parts as its content.
pub(crate) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut element = Vec::with_capacity(length + 6);
    element.push(tag);
    push_length(&mut element, length);
    for part in parts {
        element.extend_from_slice(part);
    }
    element
}

fn push_length(element: &mut Vec<u8>, length: usize) {
    if let Some(short) = u8::try_from(length).ok().filter(|short| *short < 0x80) {
        element.push(short);
        return;
    }
    let digits = length.to_be_bytes();
    let digits = digits.iter().skip_while(|digit| **digit == 0);
    // A length has at most eight bytes, so that their count fits.
    element.push(0x80 | u8::try_from(digits.clone().count()).unwrap_or_default());
    element.extend(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut reader = Reader::new(bytes);
        let element = reader.any()?;
        reader.finish()?;
        Ok(element.content.to_vec())
    }

    #[test]
    fn definite_lengths_are_read() {
        assert_eq!(read(&[0x04, 0x02, 1, 2]), Ok(vec![1, 2]));
        let long = [&[0x04, 0x81, 0x80], [7; 128].as_slice()].concat();
        assert_eq!(read(&long), Ok(vec![7; 128]));
    }

    #[test]
    fn what_is_written_reads_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            assert_eq!(read(&write(OCTET_STRING, &[&content])), Ok(content));
        }
        assert_eq!(write(SET, &[&[1], &[2, 3]]), [0x31, 3, 1, 2, 3]);
    }

    #[test]
    fn indefinite_padded_cut_and_followed_elements_are_refused() {
        let odd: [&[u8]; 9] = [
            &[],
            &[0x04],
            &[0x24, 0x80, 0x04, 0x01, 1, 0, 0],
            &[0x04, 0x81, 0x01, 1],
            &[0x04, 0x82, 0x00, 0x01, 1],
            &[0x04, 0x03, 1, 2],
            &[0x04, 0x01, 1, 0],
            &[0x1f, 0x81, 0x01, 0x00],
            &[0x04, 0x85, 0, 0, 0, 0, 1, 1],
        ];
        for bytes in odd {
            assert_eq!(read(bytes), Err(Malformed), "{bytes:02x?}");
        }
    }
}
