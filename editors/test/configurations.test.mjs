// Every configuration is well formed, names files that are there, and starts the same server.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import plist from 'fast-plist';
import { parse as parseJson } from 'jsonc-parser';
import luaparse from 'luaparse';
import { parse as parseToml } from 'smol-toml';
import { EDITORS } from './specs.mjs';

const SKIPPED = ['node_modules', 'dist', 'target', 'snapshots'];

function files(folder = EDITORS) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : files(path);
    return [path];
  });
}

/** The forms of Emacs Lisp: enough to see that every one is closed. */
function elisp(text) {
  let depth = 0;
  let forms = 0;
  for (const [token] of text.matchAll(/;[^\n]*|"(?:[^"\\]|\\[\s\S])*"|\?\\?.|[()[\]"]|[^\s()[\]";]+/g)) {
    assert.notEqual(token, '"', 'a text is not closed');
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') {
      depth -= 1;
      if (depth === 0) forms += 1;
      assert.ok(depth >= 0, 'a bracket closes nothing');
    }
  }
  assert.equal(depth, 0, 'a bracket is not closed');
  return forms;
}

/** A property list; the reader that VS Code uses overlooks a tag that is not closed. */
function properties(text) {
  const open = [];
  for (const [, close, name, alone] of text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name, 'a tag is closed that is not open');
    else if (!alone) open.push(name);
  }
  assert.deepEqual(open, []);
  return plist.parse(text);
}

const READERS = {
  '.json': (text) => {
    const errors = [];
    const value = parseJson(text, errors, { allowTrailingComma: false });
    assert.deepEqual(errors, []);
    return value;
  },
  '.toml': parseToml,
  '.lua': (text) => luaparse.parse(text, { luaVersion: 'LuaJIT' }),
  '.el': elisp,
  '.tmLanguage': properties,
  '.tmPreferences': properties,
  '.lock': parseToml,
};
for (const alias of ['.sublime-settings', '.sublime-completions']) READERS[alias] = READERS['.json'];

/** What has a reader of its own elsewhere, or none: programs, queries, specs, pages. */
const OTHERS = ['.mjs', '.ts', '.rs', '.scm', '.kdl', '.md', '.vsix', '.svg', '.png', '.elc', '.sh', '', '.py'];

test('every_configuration_is_read_by_a_reader_of_its_format', () => {
  const seen = new Set();
  for (const path of files()) {
    const ending = /(\.[A-Za-z-]+)?$/.exec(path.slice(path.lastIndexOf('/') + 1).replace(/^\./, ''))[0];
    const reader = READERS[ending];
    assert.ok(reader || OTHERS.includes(ending), `${relative(EDITORS, path)} is read by nothing`);
    if (!reader) continue;
    try {
      assert.ok(reader(readFileSync(path, 'utf8')) !== undefined);
    } catch (error) {
      assert.fail(`${relative(EDITORS, path)}: ${error.message}`);
    }
    seen.add(ending);
  }
  assert.deepEqual([...seen].sort(), Object.keys(READERS).sort());
});

test('a_reader_refuses_what_is_broken', () => {
  for (const [ending, text] of [['.json', '{"a": 1,}'], ['.toml', 'a = '], ['.lua', 'return {'], ['.el', '(a "b)'], ['.tmLanguage', '<plist><dict><key>a</dict>']]) {
    assert.throws(() => READERS[ending](text), ending);
  }
});

const read = (path, reader) => reader(readFileSync(join(EDITORS, path), 'utf8'));

test('every_editor_starts_leastwise_lsp', () => {
  const { 'language-server': server, language } = read('helix/languages.toml', parseToml);
  assert.deepEqual([server.leastwise.command, ...server.leastwise.args], ['leastwise', 'lsp']);
  assert.deepEqual(language[0]['language-servers'], ['leastwise']);
  assert.deepEqual(read('sublime/LSP-leastwise.sublime-settings', READERS['.json']).clients.leastwise.command, ['leastwise', 'lsp']);
  assert.equal(read('jetbrains/template/template.json', READERS['.json']).programArgs.default, 'leastwise lsp');
  assert.match(readFileSync(join(EDITORS, 'neovim/lsp/leastwise.lua'), 'utf8'), /cmd = \{ 'leastwise', 'lsp' \}/);
  assert.match(readFileSync(join(EDITORS, 'emacs/leastwise-mode.el'), 'utf8'), /\(list leastwise-command "lsp"\)/);
  assert.match(readFileSync(join(EDITORS, 'zed/src/lib.rs'), 'utf8'), /args: vec!\["lsp"\.to_owned\(\)\]/);
  assert.match(readFileSync(join(EDITORS, 'vscode/src/extension.ts'), 'utf8'), /args: \['lsp'\]/);
});

test('no_editor_takes_every_kdl_file_by_itself', () => {
  const { contributes } = read('vscode/package.json', READERS['.json']);
  for (const { extensions, filenames } of contributes.languages) {
    assert.equal(extensions, undefined);
    assert.deepEqual(filenames, ['leastwise.kdl']);
  }
  assert.equal(JSON.stringify(read('helix/languages.toml', parseToml).language[0]['file-types']), '[{"glob":"leastwise.kdl"}]');
  assert.deepEqual(read('zed/languages/leastwise/config.toml', parseToml).path_suffixes, ['leastwise.kdl']);
  assert.deepEqual(read('sublime/Leastwise.tmLanguage', properties).fileTypes, ['leastwise.kdl']);
  assert.deepEqual(read('jetbrains/template/template.json', READERS['.json']).fileTypeMappings[0].fileType.patterns, ['leastwise.kdl']);
});

test('helix_and_zed_build_one_commit_of_the_grammar', () => {
  const helix = read('helix/languages.toml', parseToml).grammar[0].source;
  const zed = read('zed/extension.toml', parseToml).grammars.kdl;
  assert.deepEqual([helix.git, helix.rev], [zed.repository, zed.rev]);
});

test('manifests_name_files_that_are_there', () => {
  for (const folder of ['vscode', 'jetbrains/bundle']) {
    const { contributes } = read(`${folder}/package.json`, READERS['.json']);
    const named = [
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map(({ path }) => path),
      ...(contributes.snippets ?? []).map(({ path }) => path),
    ];
    assert.ok(named.length > 1);
    for (const path of named) assert.ok(existsSync(join(EDITORS, folder, path)), `${folder}/${path}`);
  }
  for (const path of read('zed/extension.toml', parseToml).snippets) assert.ok(existsSync(join(EDITORS, 'zed', path)), path);
});

test('every_editor_has_a_page_that_says_which_files_are_specs', () => {
  const folders = readdirSync(EDITORS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const index = readFileSync(join(dirname(EDITORS), 'docs/editors.md'), 'utf8');
  for (const folder of folders) {
    if (['make', 'test', 'pictures'].includes(folder)) continue;
    const page = readFileSync(join(EDITORS, folder, 'README.md'), 'utf8');
    assert.match(page, /^## Which files are specs$/m, folder);
    assert.ok(index.includes(`editors/${folder}`), `docs/editors.md does not name ${folder}`);
  }
});
