// The matchers of VS Code find what `leastwise check` tells people, whatever the width and the signs of the terminal: as much as its JSON says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EDITORS, PROGRAM, ROOT } from './specs.mjs';

const matchers = JSON.parse(readFileSync(join(EDITORS, 'vscode/package.json'), 'utf8')).contributes.problemMatchers;

/** As VS Code does it: every line is tried as the first one of every matcher; lines of one problem follow one another. */
function problems(text) {
  const lines = text.split('\n').map((line) => line.replace(/\x1b\[[0-9;]*m/g, '').replace(/\r$/, ''));
  const found = [];
  lines.forEach((_, from) => {
    for (const { pattern, severity } of matchers) {
      const patterns = Array.isArray(pattern) ? pattern : [pattern];
      const results = patterns.map(({ regexp }, at) => lines[from + at]?.match(new RegExp(regexp)));
      if (results.some((result) => !result)) continue;
      const problem = { severity, message: [] };
      patterns.forEach((of, at) => {
        for (const key of ['file', 'line', 'column', 'code']) if (of[key]) problem[key] ??= results[at][of[key]];
        if (of.message) problem.message.push(results[at][of.message].trim());
      });
      found.push({ ...problem, message: problem.message.join(' ') });
    }
  });
  return found;
}

/** Every spec that a golden says is refused. */
function projects() {
  const found = [];
  for (const folder of ['golden/resolve', 'golden/checks']) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true })) {
      const path = join(ROOT, folder, String(entry));
      if (path.endsWith('.kdl') && !path.endsWith('.pass.kdl')) found.push(readFileSync(path, 'utf8'));
    }
  }
  return found;
}

const HEAD = 'project docs edition="2026" {\n    account main id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }\n}\nteam docs\nteam idle\n';

function run(spec, format, env) {
  const folder = mkdtempSync(join(tmpdir(), 'leastwise-'));
  try {
    mkdirSync(join(folder, 'parts'));
    const isWhole = /^project /m.test(spec);
    writeFileSync(join(folder, 'leastwise.kdl'), isWhole ? spec : HEAD);
    if (!isWhole) writeFileSync(join(folder, 'parts/spec.kdl'), spec);
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !['COLUMNS', 'TERM', 'LANG', 'LC_ALL', 'NO_COLOR'].includes(name)));
    const { stderr, stdout } = spawnSync(PROGRAM, ['check', '--as-of', '2026-07-01', '--format', format], { cwd: folder, encoding: 'utf8', env: { ...clean, ...env } });
    return stderr + stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the JSON says of what has a place. */
function expected(spec) {
  const { diagnostics } = JSON.parse(run(spec, 'json', {}));
  // What several environments share is told once.
  const once = new Map(diagnostics.map((one) => [JSON.stringify([one.code, one.message, one.place]), one]));
  return [...once.values()].filter(({ place }) => place !== null);
}

const all = projects();

for (const [name, env] of Object.entries({
  in_a_pipe: {},
  in_80_columns: { COLUMNS: '80' },
  in_50_columns: { COLUMNS: '50' },
  with_colours: { FORCE_COLOR: '1', COLUMNS: '80' },
  without_utf_8: { LC_ALL: 'C', COLUMNS: '80' },
})) {
  test(`matchers_find_what_is_told_${name}`, () => {
    let count = 0;
    for (const spec of all) {
      const want = expected(spec);
      const text = run(spec, 'human', env);
      // Of very many, the rest is only counted.
      if (/^and \d+ more of /m.test(text)) continue;
      // What is told of several places far apart is drawn in several frames, and the first frame is not always the main one.
      const open = problems(text);
      const missing = want.filter(({ code, severity, place, labels }) => {
        const places = [place, ...labels.map((label) => label.place)];
        const at = open.findIndex(
          (one) =>
            one.code === code &&
            one.severity === (severity === 'note' ? 'info' : severity) &&
            places.some(({ path, line }) => path === one.file && String(line) === one.line),
        );
        if (at >= 0) open.splice(at, 1);
        return at < 0;
      });
      assert.deepEqual({ missing, open }, { missing: [], open: [] }, text);
      count += want.length;
    }
    assert.ok(count > 50, `only ${count} problems were found`);
  });
}

test('a_folded_message_is_put_together', () => {
  const text = 'void-trust\n\n  × the limits of this trust are void: another\n  │ trust gives the same without them\n    ╭─[a b.kdl:11:1]\n';
  assert.deepEqual(problems(text), [
    { severity: 'error', code: 'void-trust', message: 'the limits of this trust are void: another trust gives the same without them', file: 'a b.kdl', line: '11', column: '1' },
  ]);
});
