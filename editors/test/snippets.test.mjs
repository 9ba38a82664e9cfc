// Every snippet, with its stops as they are, is a spec that `leastwise check` takes; and every word has one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT, asCompletions, asJson, expanded, snippets } from '../make/snippets.mjs';
import { words } from '../make/words.mjs';
import { PROGRAM, ROOT } from './specs.mjs';

const list = words(ROOT);
const all = snippets(ROOT, list);

function check(spec) {
  const folder = mkdtempSync(join(tmpdir(), 'leastwise-'));
  try {
    const has = (word) => new RegExp(`^${word} `, 'm').test(spec);
    const before = `${has('project') ? '' : PROJECT}${has('team') ? '' : 'team platform\n'}${has('owner') || !/platform/.test(spec + 'platform') ? '' : 'owner platform\n'}`;
    writeFileSync(join(folder, 'leastwise.kdl'), before + spec);
    const { status, stdout, stderr, error } = spawnSync(PROGRAM, ['check', folder, '--as-of', '2026-07-01', '--format', 'json'], { encoding: 'utf8' });
    assert.ok(!error, `${PROGRAM}: ${error}`);
    return { status, told: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const { word, body, before, after } of all) {
  test(`the_snippet_${word}_compiles`, () => {
    const spec = `${before}${expanded(body)}\n${after}`;
    assert.doesNotMatch(spec, /\$\{\d/);
    const { status, told } = check(spec);
    assert.equal(status, 0, `${spec}\n${told}`);
  });
}

test('every_word_has_a_snippet_or_is_refused_or_is_a_part', () => {
  const have = new Set(all.map(({ word }) => word));
  const without = [...new Set([...list.declarations, ...Object.keys(list.kinds)])].filter((word) => !have.has(word));
  for (const word of without) {
    const { told } = check(`${word} x\n`);
    // A listener and a local topic are declared inside of something; a baseline is the library's.
    assert.ok(told.includes('"not-lowered-yet"') || ['listener', 'local-topic', 'baseline'].includes(word), `${word} has no snippet\n${told}`);
  }
});

test('stops_are_expanded_and_escaped', () => {
  assert.equal(expanded('a ${1:b} ${2|c,d|} \\$x ${3:y {z\\}}'), 'a b c $x y {z}');
  assert.match(asCompletions(all).completions.find(({ trigger }) => trigger === 'segment').contents, /exposure \$\{3:private\}/);
  assert.equal(asJson(all).trust.body[0], 'trust ${1:shop} -> ${2:jobs} {');
});
