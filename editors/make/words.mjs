// The words of the language: read from the resolver, which asks for them, and from the standard library, which declares kinds.
//
// The result is `editors/words.json`. Nothing else in `editors/` lists a word: grammars, queries and snippets are made from this.
// A test holds the list to every spec of the repository that is right: a word that stands there and not here fails by name.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodes } from './kdl.mjs';

/** Every file below a folder whose name ends so, sorted by path. */
export function filesBelow(folder, ending) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, ending));
    else if (entry.name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}

/** The texts of a constant list, `const NAME: &[&str] = &["a", "b"];`. */
function constant(source, name) {
  const list = source.match(new RegExp(`const ${name}: &\\[[^=]*= &\\[(.*?)\\];`, 's'));
  if (!list) throw new Error(`the resolver has no list ${name}`);
  return texts(list[1]);
}

/** Every text in quotes that is spelled as a word is. */
function texts(source) {
  return [...source.matchAll(/"([a-z][a-z0-9-]*)"/g)].map((found) => found[1]);
}

/** What the resolver asks of a block (`facts`) or of a line (`properties`). */
function asked(source) {
  const facts = new Set();
  const properties = new Set();
  const into = { one: facts, several: facts, all: facts, prop: properties, need_prop: properties };
  for (const [, how, word] of source.matchAll(/\.(one|several|all|prop|need_prop)\(\s*(?:cx,\s*)?"([a-z][a-z0-9-]*)"/g)) {
    into[how].add(word);
  }
  // A loop over words: `for word in ["reason", "weekdays"] { … when.one(cx, word) … }`.
  for (const [, list, body] of source.matchAll(/for \(?(?:word|name)\b[^\n]*? in \[(.*?)\] \{(?=(.{0,160}))/gs)) {
    const how = body.match(/\.(one|several|all|prop|need_prop)\(\s*(?:cx,\s*)?(?:word|name)\)/);
    if (how) for (const word of texts(list)) into[how[1]].add(word);
  }
  // A function that is told the word: `fn bare(…, word: &'static str)`.
  for (const [, name, body] of source.matchAll(/fn (\w+)(?:<[^>]*>)?\([^{]*?word: &'static str[^{]*\{(.{0,160})/gs)) {
    const how = body.match(/\.(one|several|all|prop|need_prop)\(\s*(?:cx,\s*)?word\)/);
    if (!how) continue;
    for (const [, word] of source.matchAll(new RegExp(`\\b${name}\\(\\s*(?:&?(?:mut )?\\w+,\\s*)*"([a-z][a-z0-9-]*)"`, 'g'))) {
      into[how[1]].add(word);
    }
  }
  // What a promise may require is asked by no block.
  const required = source.match(/fn required_facts\(.*?\n\}\n/s);
  if (!required) throw new Error('the resolver requires no facts');
  for (const [, list] of required[0].matchAll(/(?:=> &|return |extend\()\[(.*?)\]/gs)) for (const word of texts(list)) facts.add(word);
  return { facts, properties };
}

/** The substitutes that some fact accepts. */
function substitutes(source) {
  const found = [...source.matchAll(/accepts\(&mut \w+, "([a-z-]+)"\)/g)].map((one) => one[1]);
  const listed = source.match(/let words = \[([^\]]*?)\];(?=.{0,200}a substitute for this fact)/s);
  return new Set([...found, ...(listed ? texts(listed[1]) : [])]);
}

/** Kinds, what they are told and what may be done to them; and what `use "std/…"` reads. */
function library(folder) {
  const kinds = {};
  const uses = [];
  for (const path of filesBelow(folder, '.kdl')) {
    let declares = false;
    for (const node of nodes(readFileSync(path, 'utf8'))) {
      if (node.name === 'profile' || node.name === 'baseline') declares = true;
      if (node.name !== 'kind') continue;
      const of = (name) => node.children.filter((child) => child.name === name);
      kinds[node.args[0]] = {
        doc: (of('doc')[0]?.args[0] ?? '').replace(/\s*https?:\S+/g, '').trim(),
        facts: of('property').map((child) => ({ name: child.args[0], type: child.props.type ?? 'text' })),
        capabilities: of('capability').map((child) => child.args[0]),
      };
    }
    if (declares) uses.push(`std/${relative(folder, path).replace(/\.kdl$/, '')}`);
  }
  return { kinds, uses };
}

/** The words that make a trust, a promise, a test: they declare no thing. */
const RULES = /"trust" \| "never"[^=]*(?==> \{\s*gathered\.rules)/;

export function words(root) {
  const source = filesBelow(join(root, 'compiler/resolve/src'), '.rs')
    .map((path) => readFileSync(path, 'utf8').replace(/#\[cfg\(test\)\]\nmod tests \{.*$/s, ''))
    .join('\n');
  const gather = readFileSync(join(root, 'compiler/resolve/src/gather/mod.rs'), 'utf8');
  const selectors = readFileSync(join(root, 'compiler/resolve/src/selectors.rs'), 'utf8');
  const spelling = readFileSync(join(root, 'compiler/resolve/src/spelling.rs'), 'utf8');
  const kinds = readFileSync(join(root, 'compiler/resolve/src/kinds.rs'), 'utf8');
  const capabilities = readFileSync(join(root, 'compiler/resolve/src/capabilities.rs'), 'utf8');
  const { facts, properties } = asked(source);
  const rules = source.match(RULES);
  if (!rules) throw new Error('the resolver tells no rules apart');
  const own = library(join(root, 'stdlib'));
  // A parameter of a profile and a segment of a network are declared in a block, by a name.
  const inBlocks = ['segment', 'param', 'property', 'capability'].filter(
    (word) => facts.has(word) || source.includes(`"${word}" =>`),
  );
  const all = (of) => [...new Set(of)].sort();
  return {
    about: 'Made by editors/make from the resolver and the standard library: edit those.',
    declarations: all(constant(gather, 'WORDS')),
    rules: all(texts(rules[0])),
    inBlocks: all(inBlocks),
    facts: all([...facts, ...inBlocks, ...Object.values(own.kinds).flatMap((kind) => kind.facts.map((fact) => fact.name))]),
    properties: all(properties),
    selectors: all(constant(selectors, 'SORTS')),
    reserved: all(constant(spelling, 'RESERVED')),
    substitutes: all(substitutes(source)),
    types: all(constant(kinds, 'SORTS')),
    effects: all(constant(capabilities, 'EFFECTS')),
    capabilities: all([
      ...Object.values(own.kinds).flatMap((kind) => kind.capabilities),
      ...texts(source.match(/End::Account\(_\) if matches!\(text, (.*?)\)/)?.[1] ?? ''),
    ]),
    uses: all(own.uses),
    kinds: Object.fromEntries(Object.entries(own.kinds).sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}
