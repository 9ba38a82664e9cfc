// Snippets: for each word of the language from a file in `snippets/`, for each kind from the example of its page in `docs/kinds`.
//
// A snippet is text of a whole spec, so a test can compile it: what stands around it is its `before` and `after`.
import { readFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesBelow } from './words.mjs';

/** What a spec without a project line begins with. */
export const PROJECT = `project docs edition="2026" {
    account main id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }
}
`;

const BEGIN = /^[ \t]*\/\/ snippet: (.*)\n/m;
const FINISH = /^[ \t]*\/\/ end\n/m;

/** Of a word of the language: `{ word, about, body, before, after }`. */
function written(path, words) {
  const text = readFileSync(path, 'utf8').replace('%USES%', words.uses.join(','));
  const begin = text.match(BEGIN);
  const finish = text.match(FINISH);
  if (!begin || !finish) throw new Error(`${path} does not say where its snippet begins and ends`);
  const lines = text.slice(begin.index + begin[0].length, finish.index).replace(/\n$/, '').split('\n');
  const depth = lines[0].match(/^ */)[0].length;
  return {
    word: basename(path, '.kdl'),
    about: begin[1],
    body: lines.map((line) => line.slice(depth)).join('\n'),
    before: text.slice(0, begin.index),
    after: text.slice(finish.index + finish[0].length),
  };
}

/** The first node of a word at the top of a spec: where it begins and ends. */
function topLevel(text, word) {
  const begin = text.search(new RegExp(`^${word} `, 'm'));
  if (begin < 0) return null;
  let depth = 0;
  let at = begin;
  for (; at < text.length; at += 1) {
    if (text[at] === '"') at = text.indexOf('"', at + 1);
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    else if (text[at] === '\n' && depth === 0) break;
  }
  return { begin, end: at };
}

/** Of a kind. What one would type anew, the name, texts and references, are stops for the tabulator. */
function ofKind(root, kind, words) {
  const path = join(root, 'docs/kinds/examples', `${kind}.kdl`);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const place = topLevel(text, kind);
  if (!place) return null;
  let stop = 0;
  const next = (inner) => {
    stop += 1;
    return `\${${stop}:${inner.replace(/[\\}$]/g, '\\$&')}}`;
  };
  const body = text
    .slice(place.begin, place.end)
    .replace(/("(?:[^"\\]|\\.)*")|^(\S+ )([A-Za-z0-9_-]+)|\b((?:key|ca|from|segment|runs-on)=)([A-Za-z0-9_-]+)|([^"]+?)/g, (all, quoted, word, name, key, value) => {
      if (quoted) return `"${next(quoted.slice(1, -1))}"`;
      if (word) return word + next(name);
      if (key) return key + next(value);
      return all.replace(/[$\\]/g, '\\$&');
    });
  const about = words.kinds[kind].doc.split(/(?<=\.)\s/)[0].replace(/\.$/, '');
  return { word: kind, about, body, before: text.slice(0, place.begin), after: text.slice(place.end) };
}

export function snippets(root, words) {
  const own = filesBelow(join(root, 'editors/make/snippets'), '.kdl').map((path) => written(path, words));
  const kinds = Object.keys(words.kinds).map((kind) => ofKind(root, kind, words)).filter((one) => one !== null);
  return [...own, ...kinds].sort((one, other) => (one.word < other.word ? -1 : 1));
}

/** As VS Code and Zed read them. */
export function asJson(all) {
  return Object.fromEntries(all.map(({ word, about, body }) => [word, { prefix: word, description: about, body: body.split('\n') }]));
}

/** As Sublime Text reads them. */
export function asCompletions(all) {
  return {
    scope: 'source.leastwise',
    completions: all.map(({ word, about, body }) => ({
      trigger: word,
      annotation: about,
      // It knows no choices: the first one is what stands there.
      contents: body.replace(/\$\{(\d+)\|([^,|]*)[^|]*\|\}/g, '${$1:$2}'),
      kind: 'snippet',
    })),
  };
}

/** What stands there if one takes every stop as it is. */
export function expanded(body) {
  let text = body;
  const stop = /(?<!\\)\$\{\d+(?:\|([^,|]*)[^|]*\||:((?:[^\\}]|\\.)*))\}/;
  for (let found = text.match(stop); found; found = text.match(stop)) {
    const inner = found[1] ?? found[2];
    text = text.slice(0, found.index) + inner.replace(/\\([\\}$])/g, '\u0000$1') + text.slice(found.index + found[0].length);
  }
  return text.replace(/\\([\\}$])/g, '$1').replace(/\u0000/g, '');
}
