// The TextMate grammar: on tokens (`tokens/*.kdl`), on every right spec, and as pictures in letters of all examples (`snapshots/`).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import plist from 'fast-plist';
import { filesBelow, words } from '../make/words.mjs';
import { EDITORS, HERE, ROOT, right, specs } from './specs.mjs';

const require = createRequire(import.meta.url);
const { createRegistryFromGrammars } = require('vscode-tmgrammar-test/dist/common/index.js');
const { INITIAL } = require('vscode-textmate');

const FILE = join(EDITORS, 'vscode/syntaxes/leastwise.tmLanguage.json');
const content = readFileSync(FILE, 'utf8');
const grammar = await createRegistryFromGrammars([
  { grammar: { path: FILE, scopeName: 'source.leastwise' }, content },
]).loadGrammar('source.leastwise');

/** The tokens of each line: `{ text, scopes }`. */
function* lines(text) {
  let state = INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    yield {
      line,
      depth: ruleStack.depth,
      tokens: tokens.map(({ startIndex, endIndex, scopes }) => ({ text: line.slice(startIndex, endIndex), scopes })),
    };
  }
}

test('tokens_are_what_their_tests_say', () => {
  const tool = join(HERE, 'node_modules/.bin/vscode-tmgrammar-test');
  const run = execFileSync(tool, ['--config', join(EDITORS, 'vscode/package.json'), '-g', FILE, join(HERE, 'tokens/*.kdl')], { encoding: 'utf8' });
  assert.equal(run.match(/✓/g)?.length, filesBelow(join(HERE, 'tokens'), '.kdl').length, run);
});

/** One letter for each scope that is a colour; the last scope of a token that is listed counts. */
const LETTERS = {
  'comment.': '-', 'keyword.control.': 'K', 'storage.type.declaration': 'D', 'storage.type.kind': 'T', 'entity.name.type': 'N',
  'support.type.fact': 'f', 'entity.name.tag': '?', 'support.function.capability': 'C', 'keyword.operator.arrow': '>',
  'keyword.operator.assignment': '=', 'entity.other.attribute-name': 'p', 'variable.parameter.free': 'q', 'support.constant.selector': 'S',
  'support.class.service': 'a', 'support.function.action': 'A', 'variable.other.parameter': '$', 'variable.other.placeholder': 'h',
  'variable.other.name': 'n', 'constant.language': 'W', 'constant.other.value': 'v', 'constant.numeric': '9', 'constant.character': '\\',
  'string.': '"', 'punctuation.section': '{', 'punctuation.': '.', 'invalid.': '!',
};

function letter(scopes) {
  for (const scope of [...scopes].reverse()) {
    const known = Object.keys(LETTERS).find((prefix) => scope.startsWith(prefix));
    if (known) return LETTERS[known];
  }
  return ' ';
}

function picture(text) {
  const out = [];
  for (const { line, tokens } of lines(text)) {
    if (line.trim() === '') continue;
    const below = tokens.map((token) => [...token.text].map((one) => (one.trim() ? letter(token.scopes) : ' ')).join('')).join('');
    out.push(line, below.trimEnd());
  }
  return `${out.join('\n')}\n`;
}

test('examples_look_as_their_snapshots', () => {
  const folder = join(HERE, 'snapshots');
  const wanted = new Map(specs('examples').map(({ path, text }) => [join(folder, `${path}.txt`), picture(text)]));
  assert.ok(wanted.size > 10);
  if (process.env.BLESS) {
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of wanted) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  for (const [path, text] of wanted) {
    assert.ok(existsSync(path), `${relative(ROOT, path)} is missing: BLESS=1 writes it`);
    assert.equal(readFileSync(path, 'utf8'), text, relative(ROOT, path));
  }
  const over = filesBelow(folder, '.txt').filter((path) => !wanted.has(path));
  assert.deepEqual(over, []);
});

test('a_right_spec_has_no_token_that_is_shown_as_wrong_and_every_block_is_closed', () => {
  const wrong = [];
  for (const { path, text } of right()) {
    let last = { depth: 1 };
    for (const line of lines(text.endsWith('\n') ? text : `${text}\n`)) {
      last = line;
      for (const token of line.tokens) {
        if (token.scopes.some((scope) => scope.startsWith('invalid.'))) wrong.push(`${path}: ${line.line}: ${token.text}`);
      }
    }
    if (last.depth !== 1) wrong.push(`${path}: something stays open at its end`);
  }
  assert.deepEqual(wrong, []);
});

test('each_list_of_words_has_a_colour', () => {
  const list = words(ROOT);
  const first = (text) => [...lines(text)][0].tokens;
  const scopeOf = (text, word) => first(text).find((token) => token.text === word)?.scopes.at(-1);
  const cases = [
    [list.rules, (word) => `${word} x {`, ['keyword.control.rule.leastwise']],
    [list.facts.filter((word) => !list.declarations.includes(word) && !(word in list.kinds) && !list.inBlocks.includes(word)), (word) => `a { ${word} "x" }`, ['support.type.fact.leastwise']],
    [Object.keys(list.kinds), (word) => `${word} x`, ['storage.type.kind.leastwise']],
    [list.capabilities, (word) => `allow ${word}`, ['support.function.capability.leastwise']],
    [list.properties, (word) => `a ${word}=x`, ['entity.other.attribute-name.leastwise']],
    [list.selectors, (word) => `never ${word}:x -> y`, ['support.constant.selector.leastwise']],
    [list.reserved, (word) => `trust ${word} -> y`, ['constant.language.reserved.leastwise']],
    [list.declarations.filter((word) => !(word in list.kinds)), (word) => `${word} x`, ['storage.type.declaration.leastwise', 'keyword.control.rule.leastwise', 'keyword.control.import.leastwise', 'keyword.control.environment.leastwise', 'support.type.fact.leastwise']],
  ];
  for (const [of, spec, scopes] of cases) {
    assert.ok(of.length > 0);
    for (const word of of) assert.ok(scopes.includes(scopeOf(spec(word), word)), `${spec(word)}: ${scopeOf(spec(word), word)}`);
  }
});

test('sublime_text_has_the_same_grammar', () => {
  const { patterns, repository } = plist.parse(readFileSync(join(EDITORS, 'sublime/Leastwise.tmLanguage'), 'utf8'));
  const own = JSON.parse(content);
  assert.deepEqual(JSON.parse(JSON.stringify({ patterns, repository })), { patterns: own.patterns, repository: own.repository });
});
