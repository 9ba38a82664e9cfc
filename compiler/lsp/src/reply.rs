//! One answer for each request, whatever happens to whoever works on it.

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, RequestId, Response};
use serde_json::Value;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A code of the protocol.
    pub code: i32,
    /// For people.
    pub message: String,
}

impl Refusal {
    /// The request asks for something that cannot be done.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::RequestFailed as i32,
            message: message.into(),
        }
    }

    /// The request is not as the protocol has it.
    pub fn malformed(error: &serde_json::Error) -> Self {
        Self {
            code: ErrorCode::InvalidParams as i32,
            message: error.to_string(),
        }
    }
}

/// A request that waits for its answer. If it is dropped, the client is told that the text changed meanwhile.
#[derive(Debug)]
pub struct Reply {
    id: RequestId,
    to: Sender<Message>,
    is_sent: bool,
}

impl Reply {
    /// For a request.
    #[must_use]
    pub fn new(id: RequestId, to: Sender<Message>) -> Self {
        Self {
            id,
            to,
            is_sent: false,
        }
    }

    /// The request's id.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        &self.id
    }

    /// Sends the answer.
    pub fn send(mut self, answer: Result<Value, Refusal>) {
        let response = match answer {
            Ok(value) => Response::new_ok(self.id.clone(), value),
            Err(refusal) => Response::new_err(self.id.clone(), refusal.code, refusal.message),
        };
        self.is_sent = true;
        let _ = self.to.send(response.into());
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.is_sent {
            return;
        }
        let (code, message) = if std::thread::panicking() {
            (
                ErrorCode::InternalError,
                "the compiler contradicts itself: please report it",
            )
        } else {
            (ErrorCode::ContentModified, "the text changed meanwhile")
        };
        let response = Response::new_err(self.id.clone(), code as i32, message.to_owned());
        let _ = self.to.send(response.into());
    }
}
