//! Every block of every root module, and what references between them mean.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::row::{Gives, Type};
use super::template::{self, Piece};
use crate::facts::Place;
use crate::json::Json;
use crate::letters::{self, Letters};

/// A root module: one account, one region, one stack.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) account: String,
    pub(crate) region: String,
    /// Names of the tags that everything in it bears, and where they stand.
    pub(crate) default_tags: Vec<(String, Place)>,
}

impl Module {
    /// The partition of the region.
    pub(crate) fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// `arn:PARTITION:SERVICE:REGION:NUMBER:REST`.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{rest}",
            self.partition(),
            self.region,
            self.account
        )
    }

    /// The same of a service without regions.
    pub(crate) fn global_arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}::{}:{rest}", self.partition(), self.account)
    }

    /// `KIND:NUMBER:REGION:NAME`.
    pub(crate) fn address(&self, kind: &str, name: &str) -> String {
        format!("{kind}:{}:{}:{name}", self.account, self.region)
    }

    /// The address of what is named by its id. A network is told from one of another account or region: what it holds
    /// is named after it.
    pub(crate) fn of_id(&self, id: &str) -> String {
        if id.starts_with(NETWORK_ID) {
            self.address("vpc", id)
        } else {
            id.to_owned()
        }
    }
}

/// What the id of a network starts with.
const NETWORK_ID: &str = "vpc-";

/// A resource or data source.
pub(crate) struct Block<'a> {
    pub(crate) module: usize,
    pub(crate) sort: &'static Type,
    pub(crate) label: &'a str,
    pub(crate) members: &'a [(Cow<'a, str>, Json<'a>)],
    pub(crate) path: Arc<str>,
    pub(crate) pointer: String,
}

/// A value, references resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Characters.
    Text(String),
    /// A value that the provider assigns: the address of its object, and which of its attributes.
    Assigned(Arc<str>, &'static str),
}

/// All blocks, with indexes from the outside in.
pub(crate) struct World<'a> {
    pub(crate) modules: Vec<Module>,
    pub(crate) blocks: Vec<Block<'a>>,
    index: BTreeMap<(usize, bool, &'a str, &'a str), usize>,
    addresses: RefCell<Vec<Slot>>,
    /// How many references are being followed: a circle ends at [`FOLLOWED_MAX`].
    followed: Cell<u32>,
    /// Parts that give their owner its address, by owner: aliases of a key, associations of a table, a gateway of an address.
    parts: BTreeMap<usize, Vec<usize>>,
    /// Roles by account and name, since names of roles leave out paths.
    roles: BTreeMap<(String, String), usize>,
    /// Blocks that others name without a reference, by type, account, region and name.
    named: BTreeMap<(&'static str, String, String, String), usize>,
}

/// Types whose blocks others may name without a reference.
const NAMED: &[&str] = &["aws_db_subnet_group", "aws_db_parameter_group"];

/// The longest chain of references that is followed.
const FOLLOWED_MAX: u32 = 16;

/// An address, as far as it is known.
#[derive(Clone)]
enum Slot {
    Unknown,
    Busy,
    Known(Option<Arc<str>>),
}

/// Which types name an owner by which argument.
const PARTS: &[(&str, &str)] = &[
    ("aws_kms_alias", "target_key_id"),
    ("aws_route_table_association", "route_table_id"),
    ("aws_network_acl_association", "network_acl_id"),
    ("aws_nat_gateway", "allocation_id"),
];

impl<'a> World<'a> {
    pub(crate) fn new(modules: Vec<Module>, blocks: Vec<Block<'a>>) -> Self {
        let mut world = World {
            addresses: RefCell::new(vec![Slot::Unknown; blocks.len()]),
            followed: Cell::new(0),
            modules,
            blocks,
            index: BTreeMap::new(),
            parts: BTreeMap::new(),
            roles: BTreeMap::new(),
            named: BTreeMap::new(),
        };
        for (id, block) in world.blocks.iter().enumerate() {
            world.index.insert(
                (block.module, block.sort.is_data, block.sort.name, block.label),
                id,
            );
        }
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut roles = BTreeMap::new();
        let mut named = BTreeMap::new();
        for (id, block) in world.blocks.iter().enumerate() {
            let of = PARTS
                .iter()
                .find(|(sort, _)| *sort == block.sort.name && !block.sort.is_data);
            if let Some(owner) = of.and_then(|(_, argument)| world.target(id, argument)) {
                parts.entry(owner).or_default().push(id);
            }
            if NAMED.contains(&block.sort.name)
                && let Some((module, name)) = world.module(id).zip(world.text(id, "name"))
            {
                let place = (
                    block.sort.name,
                    module.account.clone(),
                    module.region.clone(),
                    name,
                );
                named.entry(place).or_insert(id);
            }
            if block.sort.name == "aws_iam_role"
                && !block.sort.is_data
                && let Some((module, name)) = world.module(id).zip(world.text(id, "name"))
            {
                roles.insert((module.account.clone(), name), id);
            }
        }
        world.parts = parts;
        world.roles = roles;
        world.named = named;
        world
    }

    /// Blocks that were declared under one name more than once, second and later ones.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = usize> + '_ {
        self.blocks.iter().enumerate().filter_map(|(id, block)| {
            let first = self
                .index
                .get(&(block.module, block.sort.is_data, block.sort.name, block.label));
            (first != Some(&id)).then_some(id)
        })
    }

    pub(crate) fn module(&self, block: usize) -> Option<&Module> {
        self.modules.get(self.blocks.get(block)?.module)
    }

    pub(crate) fn find(&self, module: usize, is_data: bool, sort: &str, label: &str) -> Option<usize> {
        self.index.get(&(module, is_data, sort, label)).copied()
    }

    /// The blocks that give `owner` its address.
    pub(crate) fn parts_of(&self, owner: usize) -> &[usize] {
        self.parts.get(&owner).map(Vec::as_slice).unwrap_or_default()
    }

    /// The role of a name in the account of a block.
    pub(crate) fn role(&self, block: usize, name: &str) -> Option<String> {
        let module = self.module(block)?;
        match self.roles.get(&(module.account.clone(), name.to_owned())) {
            Some(role) => self.address(*role).map(|address| address.to_string()),
            None => Some(module.global_arn("iam", &format!("role/{name}"))),
        }
    }

    /// The block of a type with this name, in the account and region of another one.
    pub(crate) fn by_name(&self, block: usize, sort: &'static str, name: &str) -> Option<usize> {
        let module = self.module(block)?;
        self.named
            .get(&(
                sort,
                module.account.clone(),
                module.region.clone(),
                name.to_owned(),
            ))
            .copied()
    }

    /// Whether a role of this name is declared in the account of a block.
    pub(crate) fn declares_role(&self, block: usize, name: &str) -> bool {
        self.module(block).is_some_and(|module| {
            self.roles
                .contains_key(&(module.account.clone(), name.to_owned()))
        })
    }

    /// An argument as it stands.
    pub(crate) fn argument(&self, block: usize, name: &str) -> Option<&'a Json<'a>> {
        let members = self.blocks.get(block)?.members;
        members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
            .filter(|value| **value != Json::Null)
    }

    /// An argument that is text without values that the provider assigns.
    pub(crate) fn text(&self, block: usize, name: &str) -> Option<String> {
        let module = self.blocks.get(block)?.module;
        match self.argument(block, name)? {
            Json::Text(text) => plain(self.resolve(module, text).ok()?),
            Json::Number(number) => Some((*number).to_owned()),
            Json::Bool(flag) => Some(flag.to_string()),
            Json::Null | Json::List(_) | Json::Object(_) => None,
        }
    }

    /// The block that an argument, being one reference, refers to.
    pub(crate) fn target(&self, block: usize, name: &str) -> Option<usize> {
        let module = self.blocks.get(block)?.module;
        let pieces = template::parse(self.argument(block, name)?.text()?).ok()?;
        match pieces.as_slice() {
            [Piece::Reference(to)] => self.find(module, to.is_data, &to.sort, &to.label),
            _ => None,
        }
    }

    /// The address that an argument names: of the object that it refers to, or an id that is written out.
    pub(crate) fn named(&self, block: usize, name: &str) -> Option<String> {
        let module = self.blocks.get(block)?.module;
        match self
            .resolve(module, self.argument(block, name)?.text()?)
            .ok()?
            .as_slice()
        {
            [Part::Assigned(address, _)] => Some(address.to_string()),
            [Part::Text(text)] => Some(self.module(block)?.of_id(text)),
            _ => None,
        }
    }

    /// An argument that is text as it stands, or the key of one assigned value.
    pub(crate) fn text_or_key(&self, block: usize, name: &str) -> Option<String> {
        let module = self.blocks.get(block)?.module;
        let parts = self.resolve(module, self.argument(block, name)?.text()?).ok()?;
        text_or_key(&parts)
    }

    /// The block that makes what a data source looks up, if one of these does.
    pub(crate) fn looked_up(&self, source: usize) -> Option<usize> {
        let sort = self.blocks.get(source).filter(|block| block.sort.is_data)?.sort;
        let address = self.address(source)?;
        (0..self.blocks.len()).find(|other| {
            self.blocks
                .get(*other)
                .is_some_and(|block| !block.sort.is_data && block.sort.name == sort.name)
                && self.address(*other).as_ref() == Some(&address)
        })
    }

    /// What names an object that nothing uses, where its users would: its place among those of its type.
    pub(crate) fn unused(&self, block: usize) -> Option<String> {
        let module = self.module(block)?;
        let own = self.blocks.get(block)?;
        let before = self.blocks.iter().take(block);
        let place = before
            .filter(|other| other.module == own.module && other.sort.name == own.sort.name)
            .count();
        Some(format!("{}:{}:unused/{place}", module.account, module.region))
    }

    /// The address of a block's object.
    pub(crate) fn address(&self, block: usize) -> Option<Arc<str>> {
        let sort = self.blocks.get(block)?.sort;
        match self.addresses.borrow().get(block)? {
            Slot::Known(address) => return address.clone(),
            // A circle of references: no name comes of it.
            Slot::Busy => return None,
            Slot::Unknown => {}
        }
        self.fill(block, Slot::Busy);
        let address: Option<Arc<str>> = (sort.address)(self, block).map(Into::into);
        self.fill(block, Slot::Known(address.clone()));
        address
    }

    fn fill(&self, block: usize, slot: Slot) {
        if let Some(open) = self.addresses.borrow_mut().get_mut(block) {
            *open = slot;
        }
    }

    /// A template's value; the reason if a reference leads nowhere.
    pub(crate) fn resolve(&self, module: usize, text: &str) -> Result<Vec<Part>, String> {
        self.resolve_with(module, text, &mut |_| {})
    }

    /// The same, telling each block that a reference leads to.
    pub(crate) fn resolve_with(
        &self,
        module: usize,
        text: &str,
        visit: &mut dyn FnMut(usize),
    ) -> Result<Vec<Part>, String> {
        if !text.contains(['$', '%']) {
            return Ok(vec![Part::Text(text.to_owned())]);
        }
        let mut parts: Vec<Part> = Vec::new();
        for piece in template::parse(text)? {
            let part = match piece {
                Piece::Text(text) => Part::Text(text),
                Piece::Reference(to) => {
                    let found = self.find(module, to.is_data, &to.sort, &to.label);
                    let unknown =
                        || format!("a reference to `{}.{}`, which is not declared", to.sort, to.label);
                    let block = found.ok_or_else(unknown)?;
                    visit(block);
                    self.given(block, &to.attribute)?
                }
            };
            match (parts.last_mut(), part) {
                (Some(Part::Text(open)), Part::Text(more)) => open.push_str(&more),
                (_, part) => parts.push(part),
            }
        }
        Ok(parts)
    }

    fn given(&self, block: usize, attribute: &str) -> Result<Part, String> {
        let followed = self.followed.get();
        if followed >= FOLLOWED_MAX {
            return Err("references in a circle".to_owned());
        }
        self.followed.set(followed + 1);
        let given = self.gives(block, attribute);
        self.followed.set(followed);
        given
    }

    fn gives(&self, block: usize, attribute: &str) -> Result<Part, String> {
        let sort = self
            .blocks
            .get(block)
            .map(|block| block.sort)
            .ok_or_else(String::new)?;
        let gives = sort.gives.iter().find(|(name, _)| *name == attribute);
        let Some((_, gives)) = gives else {
            return Err(format!(
                "a reference to the attribute `{attribute}` of `{}`",
                sort.name
            ));
        };
        let unknown = || format!("a reference to a `{}` whose name is not known", sort.name);
        match gives {
            Gives::Assigned(name) => {
                let address = self.address(block).ok_or_else(unknown)?;
                // What is named by its id is assigned nothing: the id is its text.
                match written_id(&address) {
                    Some(id) => Ok(Part::Text(id.to_owned())),
                    None => Ok(Part::Assigned(address, name)),
                }
            }
            Gives::AssignedOf(of, name) => of(self, block)
                .map(|address| Part::Assigned(address.into(), name))
                .ok_or_else(unknown),
            Gives::Argument(name) => self.text(block, name).map(Part::Text).ok_or_else(unknown),
            Gives::Address => self
                .address(block)
                .map(|address| Part::Text(address.to_string()))
                .ok_or_else(unknown),
            Gives::Formed(form) => form(self, block).map(Part::Text).ok_or_else(unknown),
        }
    }

    /// The addresses of all emitted objects.
    pub(crate) fn emitted(&self) -> BTreeSet<Arc<str>> {
        // What nothing can refer to is a part of another object.
        let is_object = |block: &Block<'_>| !block.sort.is_data && !block.sort.gives.is_empty();
        let ids = self
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| is_object(block));
        ids.filter_map(|(id, _)| self.address(id)).collect()
    }
}

/// The id in an address that was made of one.
fn written_id(address: &str) -> Option<&str> {
    let network = address
        .strip_prefix("vpc:")
        .and_then(|rest| rest.rsplit(':').next());
    match network {
        Some(last) => Some(last).filter(|last| last.starts_with(NETWORK_ID)),
        None => Some(address).filter(|address| !address.contains(':')),
    }
}

/// The text of a value without values that the provider assigns.
pub(crate) fn plain(parts: Vec<Part>) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Assigned(..) => return None,
        }
    }
    Some(out)
}

/// The key of a symbol.
pub(crate) fn key(address: &str, attribute: &str) -> String {
    format!("{address}#{attribute}")
}

/// A text as it stands, or the key of one assigned value.
pub(crate) fn text_or_key(parts: &[Part]) -> Option<String> {
    match parts {
        [Part::Text(text)] => Some(text.clone()),
        [Part::Assigned(address, attribute)] => Some(key(address, attribute)),
        _ => None,
    }
}

/// A value as text in which symbols stand as such; `None` if a symbol has no number.
pub(crate) fn render(parts: &[Part], numbered: &Letters) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Assigned(address, attribute) => {
                letters::push_symbol(&mut out, numbered.symbol(&key(address, attribute))?);
            }
        }
    }
    Some(out)
}
