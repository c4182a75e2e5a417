//! Messages between parent and worker: eight bytes of length, then JSON.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest message: the plan of a trace of millions of edits fits.
const LENGTH_MAX: u64 = 4 << 30;

/// Writes one message.
///
/// # Errors
/// If the stream takes no more, or the message is none that JSON can say.
pub fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(&bytes)?;
    to.flush()
}

/// Reads one message; none at the end of the stream.
///
/// The buffer is allocated once, at its final size: how a pipe cuts its bytes
/// must not decide where later allocations of the process lie.
///
/// # Errors
/// If the stream ends within a message, or what it holds is no message.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u64::from_le_bytes(length);
    if length > LENGTH_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message of absurd length"));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut stream = Vec::new();
        for message in ["", "one", "two"] {
            write(&mut stream, &message).expect("memory takes it");
        }
        let mut stream = stream.as_slice();
        for message in ["", "one", "two"] {
            assert_eq!(read::<String>(&mut stream).expect("well-formed").as_deref(), Some(message));
        }
        assert!(read::<String>(&mut stream).expect("the end is no error").is_none());
    }

    #[test]
    fn a_torn_message_is_an_error() {
        let mut stream = Vec::new();
        write(&mut stream, &"a message").expect("memory takes it");
        stream.pop();
        assert!(read::<String>(&mut stream.as_slice()).is_err());
        assert!(read::<String>(&mut [0xff; 9].as_slice()).is_err());
    }
}
