// Neovim and Emacs themselves, where they are: what they take for a spec, how they colour and indent it.
// `.ci/tools` installs Neovim; Emacs is asked if it is there.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { EDITORS, HERE, ROOT, specs } from './specs.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'leastwise-'));
after(() => rmSync(scratch, { recursive: true }));

const TOOLS = join(ROOT, '.tools/venv/bin');
const env = { ...process.env, PATH: `${TOOLS}${delimiter}${process.env.PATH}`, XDG_CONFIG_HOME: scratch, XDG_DATA_HOME: scratch, XDG_STATE_HOME: scratch, XDG_CACHE_HOME: scratch };
const has = (tool) => spawnSync(tool, ['--version'], { env }).status === 0;

/** Specs, and a file of KDL that is none. */
function project() {
  const folder = join(scratch, 'shop');
  mkdirSync(join(folder, 'parts'), { recursive: true });
  mkdirSync(join(scratch, 'other'), { recursive: true });
  copyFileSync(join(ROOT, 'examples/minimal/leastwise.kdl'), join(folder, 'leastwise.kdl'));
  writeFileSync(join(folder, 'parts/trusts.kdl'), 'trust a -> b { allow read }\n');
  writeFileSync(join(scratch, 'other/config.kdl'), 'layout { pane }\n');
  return [join(folder, 'leastwise.kdl'), join(folder, 'parts/trusts.kdl'), join(scratch, 'other/config.kdl')];
}

const noNeovim = has('nvim') ? false : 'there is no nvim: .ci/tools installs it';
if (noNeovim && process.env.LEASTWISE_ORACLES) throw new Error(noNeovim);

test('neovim_knows_specs_colours_them_and_has_the_server', { skip: noNeovim }, () => {
  const source = join(HERE, 'node_modules/tree-sitter-kdl/src');
  mkdirSync(join(scratch, 'parser'), { recursive: true });
  execFileSync('cc', ['-O1', '-shared', '-fPIC', '-I', source, '-o', join(scratch, 'parser/kdl.so'), join(source, 'parser.c'), join(source, 'scanner.c')]);
  const files = project();
  const output = execFileSync('nvim', ['--headless', '-u', join(HERE, 'neovim.lua')], {
    env: { ...env, EDITORS, PARSERS: scratch, FILES: files.join(':') }, encoding: 'utf8', timeout: 60_000,
  });
  const [whole, part, other] = output.trim().split('\n').map((line) => JSON.parse(line));
  for (const spec of [whole, part]) {
    assert.equal(spec.filetype, 'leastwise', spec.file);
    assert.equal(spec.language, 'leastwise');
    assert.equal(spec.comment, '// %s');
    assert.match(spec.fold, /treesitter/);
    assert.deepEqual(spec.command, ['leastwise', 'lsp']);
    assert.equal(spec.root, 'shop');
    assert.ok(spec.milliseconds < 3000, `${spec.file}: ${spec.milliseconds} ms`);
  }
  assert.ok(whole.captures.includes('keyword.type'), JSON.stringify(whole));
  assert.ok(part.captures.includes('keyword'), JSON.stringify(part));
  assert.equal(other.filetype, 'kdl');
  assert.notEqual(other.language, 'leastwise');
});

const noEmacs = has('emacs') ? false : 'there is no emacs';
const emacs = (...args) => execFileSync('emacs', ['--batch', '-Q', '-L', join(EDITORS, 'emacs'), ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('emacs_compiles_the_mode_without_a_warning', { skip: noEmacs }, () => {
  const folder = join(scratch, 'elisp');
  mkdirSync(folder);
  for (const file of ['leastwise-words.el', 'leastwise-mode.el']) copyFileSync(join(EDITORS, 'emacs', file), join(folder, file));
  emacs('-L', folder, '--eval', '(setq byte-compile-error-on-warn t)', '-f', 'batch-byte-compile', join(folder, 'leastwise-words.el'), join(folder, 'leastwise-mode.el'));
  assert.ok(existsSync(join(folder, 'leastwise-mode.elc')));
});

test('emacs_knows_specs_and_leaves_other_files', { skip: noEmacs }, () => {
  const modes = project().map((file) => emacs('-l', 'leastwise-mode', '--eval', `(progn (find-file "${file}") (princ major-mode))`));
  assert.deepEqual(modes.slice(0, 2), ['leastwise-mode', 'leastwise-mode']);
  assert.notEqual(modes[2], 'leastwise-mode');
});

test('emacs_colours_what_a_line_is_made_of', { skip: noEmacs }, () => {
  const [file] = project();
  const face = (word) => `(progn (goto-char (point-min)) (search-forward "${word}") (princ (get-text-property (match-beginning 0) 'face)) (princ " "))`;
  const faces = emacs('-l', 'leastwise-mode', '--eval', `(progn (find-file "${file}") (font-lock-ensure) ${['bucket', 'trust scribe', 'allow', 'write; under', 'lambda', '"in/'].map((word) => face(word.replaceAll('"', '\\"'))).join('')})`);
  assert.equal(faces.trim(), 'font-lock-type-face font-lock-keyword-face font-lock-variable-name-face font-lock-builtin-face font-lock-constant-face font-lock-string-face');
});

test('emacs_indents_every_example_as_it_stands', { skip: noEmacs }, () => {
  const examples = specs('examples').map((spec, at) => ({ ...spec, file: join(scratch, `indented-${at}.kdl`) }));
  for (const { file, text } of examples) writeFileSync(file, text.replace(/^ +/gm, ''));
  const each = `(find-file file) (leastwise-mode) (indent-region (point-min) (point-max)) (save-buffer) (kill-buffer)`;
  emacs('-l', 'leastwise-mode', '--eval', `(dolist (file '(${examples.map(({ file }) => `"${file}"`).join(' ')})) ${each})`);
  for (const { path, file, text } of examples) assert.equal(readFileSync(file, 'utf8'), text, path);
});
