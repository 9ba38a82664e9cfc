// As much of a KDL reader as files of the standard library need: nodes, arguments, properties, blocks, comments.
//
// The compiler has the real one. What this cannot read throws.
const TOKEN = /\s*(?:(\/\/[^\n]*)|(\/\*[\s\S]*?\*\/)|("""\n[\s\S]*?""")|("(?:[^"\\]|\\.)*")|(\{)|(\})|(;)|([^\s"{};=]+)|(=))/y;

function* tokens(text) {
  // A line break ends a node, as `;` does; in a comment or a text it does not.
  let at = 0;
  while (at < text.length) {
    const gap = /[^\S\n]*/y;
    gap.lastIndex = at;
    at += gap.exec(text)[0].length;
    if (at >= text.length) return;
    if (text[at] === '\n') {
      at += 1;
      yield { sort: 'end' };
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new Error(`cannot read: ${text.slice(at, at + 40)}`);
    at = TOKEN.lastIndex;
    const [, line, block, long, quoted, open, close, semicolon, bare, equals] = found;
    if (line || block) continue;
    if (long) yield { sort: 'value', value: long.slice(4, -3).trim() };
    else if (quoted) yield { sort: 'value', value: JSON.parse(quoted.replace(/\\s/g, ' ')) };
    else if (open) yield { sort: 'open' };
    else if (close) yield { sort: 'close' };
    else if (semicolon) yield { sort: 'end' };
    else if (equals) yield { sort: 'equals' };
    else yield { sort: 'value', value: bare };
  }
}

/** The nodes of a document: `{ name, args, props, children }`. */
export function nodes(text) {
  const blocks = [[]];
  let node = null;
  let isValueOfProperty = false;
  for (const token of tokens(text)) {
    const block = blocks[blocks.length - 1];
    switch (token.sort) {
      case 'value':
        if (!node) {
          node = { name: token.value, args: [], props: {}, children: [] };
          block.push(node);
        } else if (isValueOfProperty) {
          node.props[node.args.pop()] = token.value;
          isValueOfProperty = false;
        } else {
          node.args.push(token.value);
        }
        break;
      case 'equals':
        isValueOfProperty = true;
        break;
      case 'open':
        blocks.push(node.children);
        node = null;
        break;
      case 'close':
        if (blocks.length === 1) throw new Error('a brace closes nothing');
        blocks.pop();
        node = null;
        break;
      case 'end':
        node = null;
        break;
      default:
        throw new Error(token.sort);
    }
  }
  return blocks[0];
}
