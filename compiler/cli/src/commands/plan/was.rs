//! An output as it stands: what its manifest lists.

use std::collections::BTreeMap;
use std::path::Path;

use bundle::{Bundle, File};
use rayon::prelude::*;
use serde::Deserialize;

use crate::output;
use crate::render::sanitise::sanitise;
use project::Trouble;

/// What a manifest says of an output, as far as a plan asks.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Was {
    /// The digest of the spec from which it came.
    #[serde(default, rename = "spec_sha256")]
    pub(super) spec: String,
    #[serde(default)]
    files: Vec<Listed>,
    /// What was proved, target by target: also of one that wrote no file.
    #[serde(default)]
    proved: Vec<Proved>,
}

#[derive(Debug, Deserialize)]
struct Proved {
    target: String,
}

#[derive(Debug, Deserialize)]
struct Listed {
    path: String,
    target: String,
    /// The lines of the spec for which it stands.
    #[serde(default)]
    because: Vec<String>,
}

impl Listed {
    /// The target that wrote it; `None` for one that this version does not have.
    fn target(&self) -> Option<&'static str> {
        targets::names().find(|name| *name == self.target)
    }
}

fn trouble(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(
        format!("{}: {error}", path.display()),
        "name an output folder that `leastwise compile` wrote",
    )
}

impl Was {
    /// Reads the manifest of a folder. An environment that was not there yet has none.
    pub(super) fn listed(folder: &Path, may_be_new: bool) -> Result<Self, Trouble> {
        if may_be_new && !folder.exists() {
            return Ok(Self::default());
        }
        output::recover(folder).map_err(|refused| {
            Trouble::new(
                format!("{}: {}", refused.path.display(), refused.why),
                refused.help,
            )
        })?;
        let path = folder.join("manifest.json");
        let bytes = std::fs::read(&path).map_err(|error| trouble(&path, &error))?;
        serde_json::from_slice(&bytes).map_err(|error| trouble(&path, &error))
    }

    /// The targets that it is of, in our order.
    pub(super) fn targets(&self) -> Vec<String> {
        let has = |name: &&str| {
            self.files.iter().any(|file| file.target == *name)
                || self.proved.iter().any(|clause| clause.target == *name)
        };
        targets::names().filter(has).map(str::to_owned).collect()
    }

    /// By file the lines of the spec for which it stands.
    pub(super) fn lines(&self) -> BTreeMap<String, Vec<String>> {
        let files = self.files.iter();
        files
            .map(|file| (file.path.clone(), file.because.clone()))
            .collect()
    }

    /// Its files.
    pub(super) fn load(&self, folder: &Path) -> Result<Bundle, Trouble> {
        let path = folder.join("manifest.json");
        let known = self
            .files
            .par_iter()
            .filter_map(|file| Some((file, file.target()?)));
        let read = known.map(|(listed, target)| {
            let name = listed.path.as_str();
            if name.split('/').any(|part| part.is_empty() || part == "..") {
                return Err(trouble(
                    &path,
                    &format!("lists a path outside: {}", sanitise(name)),
                ));
            }
            let at = folder.join(name);
            let bytes = std::fs::read(&at).map_err(|error| trouble(&at, &error))?;
            let file = File {
                bytes,
                target,
                executable: false,
                because: Vec::new(),
            };
            Ok((name, file))
        });
        let mut bundle = Bundle::default();
        for one in read.collect::<Result<Vec<_>, Trouble>>()? {
            let (name, file) = one;
            bundle
                .add(name, file)
                .map_err(|taken| trouble(&path, &format!("lists {} twice", taken.path)))?;
        }
        Ok(bundle)
    }
}
