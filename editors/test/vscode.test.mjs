// The extension is checked, bundled and packed as it would be published; its parts are run without VS Code.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EDITORS } from './specs.mjs';

const FOLDER = join(EDITORS, 'vscode');
const require = createRequire(import.meta.url);
const esbuild = require(join(FOLDER, 'node_modules/esbuild'));
const scratch = mkdtempSync(join(tmpdir(), 'leastwise-'));
after(() => rmSync(scratch, { recursive: true }));

test('one_command_makes_a_package_that_holds_what_it_needs_and_no_more', () => {
  execFileSync('npm', ['run', '--silent', 'package'], { cwd: FOLDER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const yazl = execFileSync('npx', ['--no-install', 'vsce', 'ls', '--no-dependencies'], { cwd: FOLDER, encoding: 'utf8' });
  assert.deepEqual(yazl.trim().split('\n').sort(), [
    'LICENSE', 'README.md', 'dist/extension.js', 'language-configuration.json', 'package.json', 'snippets/leastwise.json', 'syntaxes/leastwise.tmLanguage.json',
  ]);
  const archive = readFileSync(join(FOLDER, 'leastwise.vsix'));
  assert.equal(archive.subarray(0, 2).toString(), 'PK');
  for (const part of ['extension.vsixmanifest', 'extension/dist/extension.js', 'extension/syntaxes/leastwise.tmLanguage.json']) {
    assert.ok(archive.includes(part), `${part} is not in the package`);
  }
});

/** A part of the client, on a stand-in for VS Code. */
async function part(name, vscode) {
  const outfile = join(scratch, `${name}.cjs`);
  await esbuild.build({ entryPoints: [join(FOLDER, 'src', `${name}.ts`)], bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], outfile, logLevel: 'error' });
  const load = Module._load;
  Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));
  try {
    return require(outfile);
  } finally {
    Module._load = load;
  }
}

test('a_spec_is_a_kdl_file_at_or_below_a_project', async () => {
  const { isOfProject } = await part('project', {});
  const there = new Set(['/home/me/shop/leastwise.kdl']);
  const is = (path) => isOfProject(path, (one) => there.has(one));
  assert.ok(is('/home/me/shop/leastwise.kdl') && is('/home/me/shop/parts/trusts.kdl'));
  assert.ok(!is('/home/me/zellij/config.kdl') && !is('/home/me/shop/fleet.csv') && !is('/a.kdl'));
});

class TreeItem {
  constructor(label, state) {
    this.label = label;
    this.collapsibleState = state;
  }
}
class EventEmitter {
  fired = 0;
  event = () => {};
  fire() {
    this.fired += 1;
  }
}
const VSCODE = {
  TreeItem,
  EventEmitter,
  TreeItemCollapsibleState: { Expanded: 2 },
  Range: class {
    constructor(...numbers) {
      this.numbers = numbers;
    }
  },
  Uri: { parse: (text) => ({ text }) },
  commands: { executeCommand: async () => {} },
};
const RANGE = { start: { line: 3, character: 0 }, end: { line: 3, character: 5 } };
const editor = { document: { languageId: 'leastwise', uri: 'file:///x/leastwise.kdl' }, selection: { active: { line: 7, character: 9 } } };

function client(answer) {
  const asked = [];
  return {
    asked,
    isRunning: () => true,
    code2ProtocolConverter: { asTextDocumentIdentifier: ({ uri }) => ({ uri }), asPosition: (place) => place },
    sendRequest: async (method, parameters) => {
      asked.push([method, parameters]);
      return answer;
    },
  };
}

test('the_view_shows_what_the_server_says_and_nothing_else', async () => {
  const { WhoReaches } = await part('whoReaches', VSCODE);
  const server = client({ title: 'bucket notes', subjects: [{ name: 'scribe', detail: 'write in/', uri: 'file:///x/leastwise.kdl', range: RANGE }] });
  const view = new WhoReaches(() => server);
  assert.deepEqual(view.getChildren(), []);
  await view.show(editor);
  assert.deepEqual(server.asked, [['leastwise/whoReaches', { textDocument: { uri: 'file:///x/leastwise.kdl' }, position: { line: 7, character: 9 } }]]);
  const [title] = view.getChildren();
  assert.equal(view.getTreeItem(title).label, 'bucket notes');
  const [subject, ...others] = view.getChildren(title);
  assert.deepEqual(others, []);
  const item = view.getTreeItem(subject);
  assert.deepEqual([item.label, item.description], ['scribe', 'write in/']);
  assert.deepEqual(item.command.arguments[0], { text: 'file:///x/leastwise.kdl' });
  assert.deepEqual(item.command.arguments[1].selection.numbers, [3, 0, 3, 5]);
});

test('an_answer_that_comes_late_is_not_shown', async () => {
  const { WhoReaches } = await part('whoReaches', VSCODE);
  const answers = [];
  const server = { ...client(null), sendRequest: () => new Promise((done) => answers.push(done)) };
  const view = new WhoReaches(() => server);
  const shown = [view.show(editor), view.show(editor)];
  answers[1]({ title: 'second', subjects: [] });
  answers[0]({ title: 'first', subjects: [] });
  await Promise.all(shown);
  assert.deepEqual(view.getChildren(), ['second']);
});

test('a_server_without_the_request_is_asked_for_the_callers', async () => {
  const { WhoReaches } = await part('whoReaches', VSCODE);
  const item = { name: 'notes', kind: 5, uri: 'file:///x/leastwise.kdl', range: RANGE, selectionRange: RANGE };
  const from = { name: 'scribe', detail: 'write', kind: 5, uri: 'file:///x/parts.kdl', range: RANGE, selectionRange: RANGE };
  const server = client(null);
  server.sendRequest = async (method, parameters) => {
    server.asked.push(method);
    if (method === 'textDocument/prepareCallHierarchy') return [item];
    if (method === 'callHierarchy/incomingCalls') return parameters.item === item ? [{ from, fromRanges: [] }] : [];
    throw Object.assign(new Error('unknown'), { code: -32601 });
  };
  const view = new WhoReaches(() => server);
  await view.show(editor);
  assert.deepEqual(server.asked, ['leastwise/whoReaches', 'textDocument/prepareCallHierarchy', 'callHierarchy/incomingCalls']);
  assert.deepEqual(view.getChildren(), ['notes']);
  assert.deepEqual(view.getChildren('notes'), [{ name: 'scribe', detail: 'write', uri: from.uri, range: RANGE }]);
  // Any other fault is no reason to ask otherwise.
  server.sendRequest = async () => {
    throw Object.assign(new Error('late'), { code: -32800 });
  };
  await view.show(editor);
  assert.deepEqual(view.getChildren(), []);
});

test('the_view_is_empty_where_the_server_has_nothing_to_say_and_asks_nobody_about_other_files', async () => {
  const { WhoReaches } = await part('whoReaches', VSCODE);
  const nothing = new WhoReaches(() => client(null));
  await nothing.show(editor);
  assert.deepEqual(nothing.getChildren(), []);
  const server = client(null);
  new WhoReaches(() => server).follow({ document: { languageId: 'kdl' } });
  await new Promise((done) => setTimeout(done, 400));
  assert.deepEqual(server.asked, []);
});
