// Makes what `editors/` has from the list of words: `node editors/make/make.mjs`. With `--check` it changes nothing and exits 1 if a file
// is not as it would make it.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elisp } from './emacs.mjs';
import { problemMatchers } from './problems.mjs';
import { queries } from './queries.mjs';
import { asCompletions, asJson, snippets } from './snippets.mjs';
import { grammar, plist } from './textmate.mjs';
import { words as read } from './words.mjs';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folders in which every file is made: what is there and is not made here is left over. */
const WHOLLY_MADE = ['neovim/queries/leastwise', 'helix/queries/leastwise', 'jetbrains/bundle', 'vscode/syntaxes', 'vscode/snippets', 'zed/snippets'];

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Every file that is made, by its path below `editors/`. */
export function made(root) {
  const words = read(root);
  const all = snippets(root, words);
  const textmate = grammar(words);
  const read_ = (path) => readFileSync(join(root, 'editors', path), 'utf8');
  const extension = JSON.parse(read_('vscode/package.json'));
  extension.contributes.problemMatchers = problemMatchers();
  const { version, displayName, description, license } = extension;
  const { languages, grammars } = extension.contributes;
  const files = {
    'words.json': json(words),
    'vscode/package.json': json(extension),
    'vscode/LICENSE': readFileSync(join(root, 'LICENSE'), 'utf8'),
    'vscode/syntaxes/leastwise.tmLanguage.json': json(textmate),
    'vscode/snippets/leastwise.json': json(asJson(all)),
    'zed/snippets/leastwise.json': json(asJson(all)),
    'sublime/Leastwise.tmLanguage': plist({
      comment: words.about,
      name: 'Leastwise',
      scopeName: textmate.scopeName,
      fileTypes: ['leastwise.kdl'],
      firstLineMatch: '^// leastwise\\b',
      patterns: textmate.patterns,
      repository: textmate.repository,
    }),
    'sublime/Leastwise.sublime-completions': json(asCompletions(all)),
    'emacs/leastwise-words.el': elisp(words),
    // A bundle is an extension without a program.
    'jetbrains/bundle/package.json': json({
      name: 'leastwise',
      displayName,
      description,
      version,
      license,
      engines: { vscode: '*' },
      contributes: { languages, grammars },
    }),
    'jetbrains/bundle/syntaxes/leastwise.tmLanguage.json': json(textmate),
    'jetbrains/bundle/language-configuration.json': read_('vscode/language-configuration.json'),
  };
  for (const [editor, folder] of [['neovim', 'neovim/queries/leastwise'], ['helix', 'helix/queries/leastwise'], ['zed', 'zed/languages/leastwise']]) {
    for (const [name, text] of Object.entries(queries(words, editor))) files[`${folder}/${name}`] = text;
  }
  return files;
}

/** What is not as it would be made, one sentence each. */
export function outdated(root) {
  const files = made(root);
  const problems = [];
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, 'editors', path);
    if (!existsSync(place)) problems.push(`editors/${path} is missing`);
    else if (readFileSync(place, 'utf8') !== text) problems.push(`editors/${path} is not what editors/make makes`);
  }
  for (const path of leftOver(root, files)) problems.push(`editors/${path} is made by nothing`);
  return problems;
}

function leftOver(root, files) {
  return WHOLLY_MADE.flatMap((folder) =>
    readdirSync(join(root, 'editors', folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(root, 'editors').length + 1))
      .filter((path) => !(path in files)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const problems = outdated(ROOT);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) {
      console.error('run: node editors/make/make.mjs');
      process.exitCode = 1;
    }
  } else {
    const files = made(ROOT);
    for (const [path, text] of Object.entries(files)) {
      const place = join(ROOT, 'editors', path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    }
    for (const path of leftOver(ROOT, files)) rmSync(join(ROOT, 'editors', path));
  }
}
