// Which specs there are, and what tree-sitter makes of them.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { ROOT } from '../make/make.mjs';
import { filesBelow } from '../make/words.mjs';

export { ROOT };
export const HERE = dirname(fileURLToPath(import.meta.url));
export const EDITORS = join(ROOT, 'editors');
export const PROGRAM = process.env.LEASTWISE ?? join(ROOT, 'target/debug/leastwise');

/** Every KDL file below folders of the repository: `{ path, text }`. */
export function specs(...folders) {
  return folders.flatMap((folder) =>
    filesBelow(join(ROOT, folder), '.kdl').map((file) => ({ path: relative(ROOT, file), text: readFileSync(file, 'utf8') })),
  );
}

/** Specs that are refused on purpose, or that are no specs. */
const WRONG = [/^golden\/syntax\/(?!valid)/, /^golden\/mistakes\//, /\.fail\.kdl$/, /^golden\/resolve\//, /^golden\/cli\/findings\//];

/** Specs in which every word is one of the language, or of the project's own kinds. */
export const right = () => specs('examples', 'golden', 'docs/kinds/examples', 'stdlib').filter(({ path }) => !WRONG.some((wrong) => wrong.test(path)));

await Parser.init();
export const KDL = await Language.load(join(HERE, 'node_modules/tree-sitter-kdl/tree-sitter-kdl.wasm'));
const parser = new Parser();
parser.setLanguage(KDL);

export const parse = (text) => parser.parse(text);

/** Every node of a document with the words of the nodes that it stands in, outermost first: `{ word, node, within }`. */
export function* nodesOf(node, within = []) {
  for (const child of node.namedChildren) {
    if (child.type === 'node') {
      if (child.namedChildren.some((part) => part.type === 'node_comment')) continue;
      const word = child.childForFieldName('name').text;
      yield { word, node: child, within };
      yield* nodesOf(child, [...within, word]);
    } else if (child.type === 'node_children') {
      yield* nodesOf(child, within);
    }
  }
}
