// What is made is what stands here: nobody edits it by hand, and no list of words is forgotten.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { made, outdated } from '../make/make.mjs';
import { EDITORS, ROOT } from './specs.mjs';

test('what_is_made_is_what_stands_here', () => {
  assert.deepEqual(outdated(ROOT), []);
});

test('no_file_that_is_made_is_empty_or_says_undefined', () => {
  for (const [path, text] of Object.entries(made(ROOT))) {
    assert.ok(text.length > 40, path);
    assert.doesNotMatch(text, /undefined|\[object Object\]|NaN\b/, path);
  }
});

test('both_manifests_and_the_zed_extension_have_one_version', () => {
  const version = JSON.parse(readFileSync(join(EDITORS, 'vscode/package.json'), 'utf8')).version;
  const workspace = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8').match(/^version = "(.*)"/m)[1];
  assert.equal(version, workspace);
  for (const file of ['zed/extension.toml', 'zed/Cargo.toml']) {
    assert.equal(readFileSync(join(EDITORS, file), 'utf8').match(/^version = "(.*)"/m)[1], workspace, file);
  }
});
