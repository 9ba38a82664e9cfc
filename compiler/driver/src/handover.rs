//! What of a deployment's decisions is still asked for once its files are written: a few lines for the manifest and for people.

use aws::deployment::{Because, Deployment};
use serde_json::Value;

/// What is handed on with the files.
#[derive(Debug)]
pub struct Handover {
    /// The project's declared name.
    pub project: String,
    /// The environment, if the project has any.
    pub environment: Option<String>,
    /// Folders of root modules, in the order in which they are to be applied; some may hold no file.
    pub modules: Vec<String>,
    /// What only the owner of an existing thing can write.
    pub requests: Vec<Request>,
}

/// A statement that the owner of an existing thing has to add.
#[derive(Debug)]
pub struct Request {
    /// The thing, as declared.
    pub thing: String,
    /// What it is called in the cloud.
    pub existing: String,
    /// What its policy must allow, as a policy document for people.
    pub document: Value,
    /// Why.
    pub because: Because,
}

impl Handover {
    /// Of a deployment that every target has written.
    #[must_use]
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let module = |stack: &aws::deployment::stack::Stack| {
            let account = deployment.accounts.get(stack.account);
            let account = account.map_or("", |account| account.name.as_str());
            format!("aws/{account}/terraform/{}/{}", stack.region, stack.name)
        };
        let requests = deployment.requests.iter().map(|request| Request {
            thing: request.thing.clone(),
            existing: request.existing.clone(),
            document: targets::request(deployment, request),
            because: request.because.clone(),
        });
        Self {
            project: deployment.project.clone(),
            environment: deployment.environment.clone(),
            modules: deployment.stacks.iter().map(module).collect(),
            requests: requests.collect(),
        }
    }
}
