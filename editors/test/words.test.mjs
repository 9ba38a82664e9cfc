// The list of words is held to what stands in specs: a word that the resolver reads and the list lacks is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dirname } from 'node:path';
import { words } from '../make/words.mjs';
import { ROOT, nodesOf, parse, right } from './specs.mjs';

const list = words(ROOT);
const known = new Set([...list.declarations, ...list.facts, ...Object.keys(list.kinds)]);
/** Blocks whose words are the provider's or the project's, not the language's. */
const FREE = ['terraform', 'fleet'];

/** The kinds that a project declares itself, and their properties; by the folder of the file. */
function own(files) {
  const found = new Map();
  for (const { path, tree } of files) {
    for (const { word, node, within } of nodesOf(tree.rootNode)) {
      const name = node.namedChildren.find((part) => part.type === 'node_field')?.text.trim();
      if (name && ((word === 'kind' && within.length === 0) || (word === 'property' && within[0] === 'kind'))) {
        const of = found.get(dirname(path)) ?? new Set();
        found.set(dirname(path), of.add(name));
      }
    }
  }
  return found;
}

const files = right().map((spec) => ({ ...spec, tree: parse(spec.text) }));
const ownOf = own(files);
const isOwn = (path, word) => [...ownOf].some(([folder, names]) => dirname(path).startsWith(folder) && names.has(word));

test('every_word_that_begins_a_line_of_a_right_spec_is_listed', () => {
  const missing = new Map();
  let count = 0;
  for (const { path, tree } of files) {
    for (const { word, within } of nodesOf(tree.rootNode)) {
      count += 1;
      if (known.has(word) || within.some((one) => FREE.includes(one)) || isOwn(path, word)) continue;
      missing.set(`${within.join(' / ')} / ${word}`, path);
    }
  }
  assert.ok(count > 5000, `only ${count} lines were looked at`);
  assert.deepEqual(Object.fromEntries(missing), {});
});

test('every_property_of_a_right_spec_is_listed_or_free', () => {
  const missing = new Map();
  for (const { path, tree } of files) {
    for (const { word, node, within } of nodesOf(tree.rootNode)) {
      for (const field of node.namedChildren.filter((part) => part.type === 'node_field')) {
        const key = field.childForFieldName('property')?.childForFieldName('key').text;
        if (key === undefined || list.properties.includes(key)) continue;
        // A tag and a parameter have names of the project; a reference is named by its kind; a test names attributes.
        const isFree = ['tag', 'apply', 'as', 'can', 'cannot'].includes(word) || key in list.kinds || isOwn(path, key);
        if (!isFree && !within.some((one) => FREE.includes(one))) missing.set(`${word} ${key}=`, path);
      }
    }
  }
  assert.deepEqual(Object.fromEntries(missing), {});
});

test('a_kind_has_what_its_file_says', () => {
  const { bucket } = list.kinds;
  assert.deepEqual(bucket.facts.find((fact) => fact.name === 'retain'), { name: 'retain', type: 'duration' });
  assert.ok(bucket.capabilities.includes('read'));
});
