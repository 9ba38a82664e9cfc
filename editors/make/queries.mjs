// Tree-sitter queries, from the list of words, for each editor in its own names of captures.
//
// Editors differ in which of two matching patterns wins. So no two patterns for colours match one node.
//
// A pattern that names a node and its arguments below it, `(node (identifier) (node_field))`, takes minutes to be compiled: the grammar has
// so many hidden rules there. What stands beside a word is asked without the node above, or with `(_)`; a test holds each file to a time.

/** What each thing is called, editor by editor. */
const CAPTURES = {
  neovim: {
    rule: 'keyword', import: 'keyword.import', declare: 'keyword.type', kind: 'type', fact: 'property', other: 'tag',
    name: 'type.definition', capability: 'function.method.call', arrow: 'keyword.operator', selector: 'constant.builtin',
    action: 'function.builtin', reserved: 'constant.builtin', parameter: 'variable.parameter', property: 'attribute', string: 'string',
    escape: 'string.escape', number: 'number', boolean: 'boolean', null: 'constant.builtin', comment: 'comment',
    bracket: 'punctuation.bracket', delimiter: 'punctuation.delimiter', operator: 'operator',
  },
  helix: {
    rule: 'keyword.control', import: 'keyword.control.import', declare: 'keyword.storage.type', kind: 'type', fact: 'variable.other.member',
    other: 'tag', name: 'type.enum.variant', capability: 'function.method', arrow: 'keyword.operator', selector: 'constant.builtin',
    action: 'function.builtin', reserved: 'constant.builtin', parameter: 'variable.parameter', property: 'attribute', string: 'string',
    escape: 'constant.character.escape', number: 'constant.numeric', boolean: 'constant.builtin.boolean', null: 'constant.builtin',
    comment: 'comment', bracket: 'punctuation.bracket', delimiter: 'punctuation.delimiter', operator: 'operator',
  },
  zed: {
    rule: 'keyword', import: 'keyword', declare: 'keyword', kind: 'type', fact: 'property', other: 'tag', name: 'title',
    capability: 'function.method', arrow: 'operator', selector: 'constant', action: 'function', reserved: 'constant',
    parameter: 'variable.special', property: 'attribute', string: 'string', escape: 'string.escape', number: 'number', boolean: 'boolean',
    null: 'constant', comment: 'comment', bracket: 'punctuation.bracket', delimiter: 'punctuation.delimiter', operator: 'operator',
  },
};

const GRANTING = ['allow', 'can', 'cannot', 'does'];
const quoted = (words) => words.map((word) => `"${word}"`);

/** Words in quotes, folded to lines. */
function folded(words, indent) {
  const lines = [[]];
  let width = 0;
  for (const word of quoted(words)) {
    if (width + word.length > 110) {
      lines.push([]);
      width = 0;
    }
    lines[lines.length - 1].push(word);
    width += word.length + 1;
  }
  return lines.map((line) => indent + line.join(' ')).join('\n');
}

/** Which words are what, each in one list only. */
function sorted(words) {
  const kinds = Object.keys(words.kinds);
  const imports = ['use', 'in'];
  const declare = [
    ...words.declarations.filter(
      (word) =>
        !words.rules.includes(word) && !imports.includes(word) && !kinds.includes(word) && (word === 'account' || !words.facts.includes(word)),
    ),
    ...words.inBlocks,
  ];
  const known = new Set([...words.rules, ...imports, ...declare, ...kinds]);
  const facts = [...words.facts, ...words.declarations, ...GRANTING].filter((word) => !known.has(word));
  return { rules: words.rules, imports, declare, kinds, facts: [...new Set(facts)].sort() };
}

function head(words, what) {
  return `; ${what}\n; ${words.about}\n; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).\n`;
}

export function highlights(words, editor) {
  const as = CAPTURES[editor];
  const of = sorted(words);
  const all = [...of.rules, ...of.imports, ...of.declare, ...of.kinds, ...of.facts];
  const node = (list, capture) => `((node name: (identifier) @${capture})
  (#any-of? @${capture}
${folded(list, '    ')}))`;
  return `${head(words, 'Colours.')}
; What a line begins with: rules, declarations, kinds, facts, and what no list knows (a kind of the project's own).
${node(of.rules, as.rule)}

${node(of.imports, as.import)}

${node(of.declare, as.declare)}

${node(of.kinds, as.kind)}

${node(of.facts, as.fact)}

((node name: (identifier) @${as.other})
  (#not-any-of? @${as.other}
${folded(all, '    ')}))

; The name that a declaration gives.
((_) @_word
  .
  (node_field argument: (value value: (string) @${as.name}))
  (#any-of? @_word
${folded([...of.declare, ...of.kinds], '    ')})
  (#not-any-of? @${as.name} ${quoted(words.reserved).join(' ')})
  (#match? @${as.name} "^[A-Za-z0-9_-]+$"))

; What a trust allows, and what a test asks.
((_) @_word
  .
  (node_field argument: (value value: (string) @${as.capability}))+
  (#any-of? @_word ${quoted(GRANTING).join(' ')})
  (#any-of? @${as.capability}
${folded(words.capabilities, '    ')}))

; Arguments that are not names.
((value value: (string) @${as.arrow})
  (#any-of? @${as.arrow} "->" "~>"))

((value value: (string) @${as.selector})
  (#match? @${as.selector} "^(${words.selectors.join('|')}):[A-Za-z0-9_-]+$"))

((value value: (string) @${as.selector})
  (#eq? @${as.selector} "*"))

((value value: (string) @${as.action})
  (#match? @${as.action} "^[a-z0-9-]+:[A-Z][A-Za-z0-9]*$"))

((value value: (string) @${as.parameter})
  (#match? @${as.parameter} "^[$][A-Za-z0-9_-]+$"))

((value value: (string) @${as.reserved})
  (#any-of? @${as.reserved} ${quoted(words.reserved).join(' ')}))

((value value: (string) @${as.string})
  (#match? @${as.string} "^[\\"#]"))

(escape) @${as.escape}

(escaped_whitespace) @${as.escape}

; Properties.
(prop key: (identifier) @${as.property})

"=" @${as.operator}

(number) @${as.number}

(boolean) @${as.boolean}

["null" "#null"] @${as.null}

["{" "}"] @${as.bracket}

";" @${as.delimiter}

; Comments, and what \`/-\` takes out.
[
  (single_line_comment)
  (multi_line_comment)
  (node_comment)
  (node_field_comment)
  (node_children_comment)
] @${as.comment}
`;
}

/** What declares a name, as a pattern: its word and the name. */
function declared(words, nameCapture) {
  const of = sorted(words);
  return `((_) @_word
  .
  (node_field argument: (value value: (string) @${nameCapture}))
  (#any-of? @_word
${folded([...of.declare, ...of.kinds], '    ')}))`;
}

const COMMENT_INJECTION = `((single_line_comment) @injection.content
  (#set! injection.language "comment"))

((multi_line_comment) @injection.content
  (#set! injection.language "comment"))
`;

/** Every query file of an editor, by its name. */
export function queries(words, editor) {
  const of = sorted(words);
  const files = { 'highlights.scm': highlights(words, editor) };
  const locals = (definition) => `${head(words, 'Which word declares a name, and which names it.')}
(document) @local.scope

${declared(words, definition)}

(value value: (string) @local.reference)
`;
  const isDeclared = folded([...of.declare, ...of.kinds], '    ');
  switch (editor) {
    case 'neovim':
      files['folds.scm'] = `${head(words, 'What folds.')}\n[\n  (node_children)\n  (multi_line_comment)\n] @fold\n`;
      files['indents.scm'] = `${head(words, 'How deep a line stands.')}\n(node_children) @indent.begin\n\n(node_children "}" @indent.branch @indent.end)\n\n(multi_line_comment) @indent.ignore\n\n(multi_line_string) @indent.ignore\n`;
      files['injections.scm'] = `${head(words, 'Notes in comments.')}\n${COMMENT_INJECTION}`;
      files['locals.scm'] = locals('local.definition.type');
      files['textobjects.scm'] = `${head(words, 'What is selected, and where the cursor jumps to.')}
(node) @function.outer

(node_children) @function.inner

(node_children) @block.outer

(node_field) @parameter.inner

(node_field) @parameter.outer

[
  (single_line_comment)
  (multi_line_comment)
] @comment.outer
`;
      break;
    case 'helix':
      files['indents.scm'] = `${head(words, 'How deep a line stands.')}\n(node_children) @indent\n\n(node_children "}" @outdent)\n`;
      files['injections.scm'] = `${head(words, 'Notes in comments.')}\n${COMMENT_INJECTION}`;
      files['locals.scm'] = locals('local.definition.type');
      files['rainbows.scm'] = `${head(words, 'Brackets in the colour of their depth.')}\n(node_children) @rainbow.scope\n\n(node_children ["{" "}"] @rainbow.bracket)\n`;
      files['tags.scm'] = `${head(words, 'What is declared, for the picker of symbols.')}
((node
  .
  (_) @_word
  .
  (_ (value (string) @name))) @definition.type
  (#any-of? @_word
${isDeclared}))
`;
      files['textobjects.scm'] = `${head(words, 'What is selected, and where the cursor jumps to.')}
(node) @function.around

(node_children) @function.inside

(node_children) @class.around

(node_field) @parameter.inside

(node_field) @parameter.around

[
  (single_line_comment)
  (multi_line_comment)
] @comment.inside

[
  (single_line_comment)
  (multi_line_comment)
]+ @comment.around
`;
      break;
    case 'zed':
      files['brackets.scm'] = `${head(words, 'Which brackets belong together.')}\n(node_children "{" @open "}" @close)\n`;
      files['indents.scm'] = `${head(words, 'How deep a line stands.')}\n(node_children "{" "}" @end) @indent\n`;
      files['injections.scm'] = `${head(words, 'Notes in comments.')}\n${COMMENT_INJECTION}`;
      files['outline.scm'] = `${head(words, 'What is declared, for the outline.')}
((node
  .
  (_) @context
  .
  (_ (value (string) @name))) @item
  (#any-of? @context
${isDeclared}))

; A trust, by both of its ends; a promise, a test, by what stands first.
((node
  .
  (_) @context
  .
  (_ (value (string) @name))
  .
  (_ (value (string) @name))
  .
  (_ (value (string) @name))) @item
  (#any-of? @context "trust" "never"))

((node
  .
  (_) @context
  .
  (_ (value (string) @name))) @item
  (#any-of? @context ${quoted(of.rules.filter((word) => word !== 'trust' && word !== 'never')).join(' ')}))
`;
      files['overrides.scm'] = `${head(words, 'Where keys do other things.')}\n((string) @string\n  (#match? @string "^[\\"#]"))\n\n[\n  (single_line_comment)\n  (multi_line_comment)\n] @comment.inclusive\n`;
      files['textobjects.scm'] = `${head(words, 'What is selected, and where the cursor jumps to.')}
(node) @function.around

(node_children "{" (_)* @function.inside "}")

[
  (single_line_comment)
  (multi_line_comment)
]+ @comment.around
`;
      break;
    default:
      throw new Error(editor);
  }
  return files;
}
