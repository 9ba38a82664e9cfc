// Tree-sitter: the grammar of KDL reads what our reader reads, and every query runs on every spec.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Query } from 'web-tree-sitter';
import { filesBelow } from '../make/words.mjs';
import { EDITORS, KDL, PROGRAM, parse, right, specs } from './specs.mjs';

const FOLDERS = ['neovim/queries/leastwise', 'helix/queries/leastwise', 'zed/languages/leastwise'];
/** An editor compiles a query when it opens the first file. Some patterns take minutes on this grammar: see `make/queries.mjs`. */
const COMPILED_MILLISECONDS_MAX = 3000;

/** What our reader refuses and the grammar reads: it also reads KDL 1, and knows no rule of ours. */
const READ_BY_THE_GRAMMAR_ALONE = {
  'golden/syntax/duplicate-property.kdl': 'the grammar does not compare the properties of a node',
  'golden/syntax/kdl-v1-habits.kdl': 'the grammar reads KDL 1, too',
  'golden/syntax/kdl-version.kdl': 'the grammar reads KDL 1, too',
  'golden/syntax/url-without-quotes.kdl': 'what follows `//` is a comment to the grammar',
};

/** Whether our reader takes a text for KDL: `fmt` does all of it, and no more. */
function isRead(text) {
  const folder = mkdtempSync(join(tmpdir(), 'leastwise-'));
  try {
    writeFileSync(join(folder, 'leastwise.kdl'), text);
    const { status, error } = spawnSync(PROGRAM, ['fmt', folder], { encoding: 'utf8' });
    assert.ok(!error, `${PROGRAM}: ${error}`);
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const read = specs('examples', 'golden', 'stdlib', 'docs/kinds/examples', 'editors/make/snippets').map((spec) => ({ ...spec, tree: parse(spec.text) }));

test('the_grammar_reads_every_spec_that_our_reader_reads', () => {
  assert.ok(read.length > 500, `${read.length} specs`);
  const unread = read.filter(({ tree }) => tree.rootNode.hasError);
  assert.ok(unread.length > 5, 'specs with mistakes are among them');
  const differences = unread.filter(({ text }) => isRead(text)).map(({ path }) => path);
  assert.deepEqual(differences, []);
});

test('what_only_the_grammar_reads_is_listed', () => {
  const differences = read
    .filter(({ path, text, tree }) => path.startsWith('golden/syntax/') && !tree.rootNode.hasError && !isRead(text))
    .map(({ path }) => path);
  assert.deepEqual(differences, Object.keys(READ_BY_THE_GRAMMAR_ALONE));
});

/** A generator of numbers, the same for a seed. */
function* drawn(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('the_grammar_reads_what_our_reader_reads_of_broken_specs', () => {
  const number = Number(process.env.LEASTWISE_DRAWN ?? (process.env.LEASTWISE_ORACLES === 'full' ? 3000 : 150));
  const draw = drawn(20261201);
  const next = (below) => Math.floor(draw.next().value * below);
  const texts = specs('examples').map(({ text }) => text);
  const pieces = ['{', '}', ';', '"', '/-', '/*', '*/', '//', '\\\n', '\n', ' ', '=', '#"', '"#', '"""\n', '#true', '-1', '0x1f', 'a/b', '->', '(u8)'];
  let both = 0;
  const differences = [];
  for (let at = 0; at < number; at += 1) {
    const text = texts[next(texts.length)];
    const lines = text.split('\n');
    const from = next(lines.length);
    // A few lines of a spec, with something put in or taken out.
    const part = lines.slice(from, from + 12).join('\n');
    const place = next(part.length + 1);
    const broken = next(2) === 0
      ? part.slice(0, place) + pieces[next(pieces.length)] + part.slice(place)
      : part.slice(0, place) + part.slice(place + 1 + next(3));
    if (!parse(broken).rootNode.hasError) continue;
    if (isRead(broken)) differences.push(broken);
    else both += 1;
  }
  assert.ok(both > number / 10, `only ${both} of ${number} were broken`);
  assert.deepEqual(differences, []);
});

const files = FOLDERS.flatMap((folder) => filesBelow(join(EDITORS, folder), '.scm'));
/** Queries by their file; none if one does not compile, which the first test says. */
const compiled = new Map();

test('every_query_is_compiled_soon', () => {
  assert.ok(files.length > 15);
  for (const file of files) {
    const begun = performance.now();
    compiled.set(file, new Query(KDL, readFileSync(file, 'utf8')));
    const taken = performance.now() - begun;
    assert.ok(taken < COMPILED_MILLISECONDS_MAX, `${file}: ${Math.round(taken)} ms`);
  }
});

test('every_pattern_of_every_query_finds_something', () => {
  // Few specs have these.
  const trees = [...read.map(({ tree }) => tree), parse('/* note */\ndoc "goes \\\n    on"\n')];
  const idle = [];
  for (const [file, query] of compiled) {
    const seen = new Set();
    for (const tree of trees) {
      for (const match of query.matches(tree.rootNode)) seen.add(match.patternIndex);
      if (seen.size === query.patternCount()) break;
    }
    for (let at = 0; at < query.patternCount(); at += 1) {
      if (!seen.has(at)) idle.push(`${file}: ${readFileSync(file, 'utf8').slice(query.startIndexForPattern(at), query.endIndexForPattern(at)).trim().slice(0, 120)}`);
    }
  }
  assert.deepEqual(idle, []);
});

test('nothing_has_two_colours_since_editors_differ_in_which_wins', () => {
  const twice = new Set();
  for (const [file, query] of compiled) {
    if (!file.endsWith('highlights.scm')) continue;
    for (const { tree } of read) {
      const colours = new Map();
      for (const { name, node } of query.captures(tree.rootNode)) {
        if (name.startsWith('_')) continue;
        const other = colours.get(node.id);
        if (other && other !== name) twice.add(`${file}: ${node.text.slice(0, 40)}: ${other}, ${name}`);
        colours.set(node.id, name);
      }
    }
  }
  assert.deepEqual([...twice], []);
});

test('a_line_has_the_colours_that_it_should_have', () => {
  const expected = {
    trust: 'rule', scribe: undefined, '->': 'arrow', notes: undefined, allow: 'fact', write: 'capability', under: 'fact', '"in/"': 'string', workload: 'kind',
    'runs-on': 'property', lambda: 'reserved', alarm: 'other', team: 'declare', writers: 'name', 'kind:bucket': 'selector', never: 'rule',
  };
  const tree = parse('trust scribe -> notes { allow write; under "in/" }\nworkload x runs-on=lambda\nalarm y\nteam writers\nnever kind:bucket -> notes\n');
  const names = {
    'neovim/queries/leastwise': { rule: 'keyword', arrow: 'keyword.operator', fact: 'property', capability: 'function.method.call', string: 'string', kind: 'type', property: 'attribute', reserved: 'constant.builtin', other: 'tag', declare: 'keyword.type', name: 'type.definition', selector: 'constant.builtin' },
    'helix/queries/leastwise': { rule: 'keyword.control', arrow: 'keyword.operator', fact: 'variable.other.member', capability: 'function.method', string: 'string', kind: 'type', property: 'attribute', reserved: 'constant.builtin', other: 'tag', declare: 'keyword.storage.type', name: 'type.enum.variant', selector: 'constant.builtin' },
    'zed/languages/leastwise': { rule: 'keyword', arrow: 'operator', fact: 'property', capability: 'function.method', string: 'string', kind: 'type', property: 'attribute', reserved: 'constant', other: 'tag', declare: 'keyword', name: 'title', selector: 'constant' },
  };
  for (const folder of FOLDERS) {
    const captures = compiled.get(join(EDITORS, folder, 'highlights.scm')).captures(tree.rootNode).filter(({ name }) => !name.startsWith('_'));
    for (const [text, what] of Object.entries(expected)) {
      const found = captures.find(({ node }) => node.text === text)?.name;
      assert.equal(found, what && names[folder][what], `${folder}: ${text}`);
    }
  }
});

test('folds_and_symbols_are_where_they_should_be', () => {
  const tree = parse('bucket notes {\n    retain "30d"\n}\ntrust a -> b {\n    allow read\n}\nowner x\nkind alarm extra\n');
  const texts = (file, capture) => compiled.get(join(EDITORS, file)).captures(tree.rootNode).filter(({ name }) => name === capture).map(({ node }) => node.text.split('\n')[0].trim());
  assert.deepEqual(texts('neovim/queries/leastwise/folds.scm', 'fold'), ['{', '{']);
  assert.deepEqual(texts('helix/queries/leastwise/tags.scm', 'name'), ['notes', 'alarm']);
  assert.deepEqual(texts('zed/languages/leastwise/outline.scm', 'name'), ['notes', 'a', '->', 'b', 'alarm']);
});

/** What each editor looks for in a file of queries; a capture of another name does nothing, and nobody is told. */
const CAPTURES = {
  neovim: {
    'folds.scm': /^fold$/, 'indents.scm': /^indent\.(begin|end|branch|ignore)$/, 'injections.scm': /^injection\.content$/,
    'locals.scm': /^local\.(scope|reference|definition\.type)$/, 'textobjects.scm': /^(function|block|parameter|comment)\.(inner|outer)$/,
  },
  helix: {
    'indents.scm': /^(indent|outdent)$/, 'injections.scm': /^injection\.content$/, 'locals.scm': /^local\.(scope|reference|definition\.type)$/,
    'rainbows.scm': /^rainbow\.(scope|bracket)$/, 'tags.scm': /^(name|definition\.type)$/, 'textobjects.scm': /^(function|class|parameter|comment)\.(inside|around)$/,
  },
  zed: {
    'brackets.scm': /^(open|close)$/, 'indents.scm': /^(indent|end)$/, 'injections.scm': /^injection\.content$/, 'outline.scm': /^(item|name|context)$/,
    'overrides.scm': /^(string|comment\.inclusive)$/, 'textobjects.scm': /^(function|comment)\.(inside|around)$/,
  },
};

test('captures_have_the_names_that_the_editor_looks_for', () => {
  for (const [file, query] of compiled) {
    const [editor, name] = [file.slice(EDITORS.length + 1).split('/')[0], file.split('/').at(-1)];
    if (name === 'highlights.scm') continue;
    for (const capture of query.captureNames.filter((one) => !one.startsWith('_'))) {
      assert.match(capture, CAPTURES[editor][name], `${file}: @${capture}`);
    }
  }
});
