// All tests of `editors/`: `node editors/test/run.mjs`. Packages come first: `npm ci --ignore-scripts` in `editors/test` and `editors/vscode`.
// `BLESS=1` makes what is made, and writes the snapshots.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
for (const folder of [here, join(here, '../vscode')]) {
  if (!existsSync(join(folder, 'node_modules/.package-lock.json'))) {
    console.error(`${folder} has no packages: run \`npm ci --ignore-scripts\` there, or .ci/tools`);
    process.exit(1);
  }
}
if (process.env.BLESS) {
  const { status } = spawnSync(process.execPath, [join(here, '../make/make.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
const wanted = process.argv[2] ?? '';
const tests = readdirSync(here).filter((name) => name.endsWith('.test.mjs') && name.includes(wanted)).map((name) => join(here, name));
const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=2', ...tests], { stdio: 'inherit' });
process.exit(status ?? 1);
