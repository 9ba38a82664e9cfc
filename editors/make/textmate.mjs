// The TextMate grammar, from the list of words. VS Code, JetBrains and Sublime Text read it.

const NOT_OF_NAME = '\\s\\\\/(){};\\[\\]"#=';
/** A bare word of KDL. */
const BARE = `[^${NOT_OF_NAME}]+`;
/** Behind a whole word, and before one. */
const END = `(?![^${NOT_OF_NAME}])`;
const BEGIN = `(?<![^${NOT_OF_NAME}])`;
/** Where a node may begin: on a line of its own, behind a brace or behind a semicolon. */
const NODE = '(?:^|(?<=[{};]))\\s*';
const NAME = '[A-Za-z0-9_-]+';

const any = (words) => `(?:${[...words].sort((one, other) => other.length - one.length).map(escape).join('|')})`;
const escape = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const captures = (...scopes) =>
  Object.fromEntries(scopes.map((scope, at) => [String(at + 1), { name: `${scope}.leastwise` }]));
const match = (pattern, ...scopes) => ({ match: pattern, captures: captures(...scopes) });
const include = (...names) => names.map((name) => ({ include: `#${name}` }));

/** Words whose arguments are capabilities. */
const GRANTING = ['allow', 'can', 'cannot', 'does'];

export function grammar(words) {
  const { rules, declarations, inBlocks, properties, selectors, reserved, substitutes } = words;
  const kinds = Object.keys(words.kinds);
  const isRead = new Set(['use', 'in', ...rules]);
  // What is a fact elsewhere (`owner`, `group`) declares no name; an account does, in the project.
  const declares = declarations.filter(
    (word) => !isRead.has(word) && !kinds.includes(word) && (word === 'account' || !words.facts.includes(word)),
  );
  const facts = [...new Set([...words.facts, ...declarations.filter((word) => !isRead.has(word))])];
  const type = (pattern) => ({ name: 'string.quoted.double.leastwise', match: `"${pattern}"`, captures: captures('constant.other.value') });

  return {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    comment: words.about,
    name: 'Leastwise',
    scopeName: 'source.leastwise',
    patterns: include('nodes'),
    repository: {
      nodes: { patterns: include('comments', 'continued', 'node', 'block', 'arguments') },
      comments: {
        patterns: [
          { name: 'comment.line.double-slash.leastwise', match: '//.*$' },
          ...include('comment'),
          // What `/-` takes out: a whole node, a block, or one argument.
          {
            name: 'comment.block.slashdash.leastwise',
            begin: `${NODE}(/-)`,
            beginCaptures: captures('punctuation.definition.comment'),
            end: '(?=[;}])|$',
            patterns: include('inside-slashdash'),
          },
          {
            name: 'comment.block.slashdash.leastwise',
            begin: '(/-)\\s*\\{',
            beginCaptures: captures('punctuation.definition.comment'),
            end: '\\}',
            patterns: include('inside-slashdash'),
          },
          {
            name: 'comment.block.slashdash.leastwise',
            match: `/-\\s*(?:${BARE}\\s*=\\s*)?(?:"(?:[^"\\\\]|\\\\.)*"|#?${BARE})`,
          },
        ],
      },
      comment: {
        name: 'comment.block.leastwise',
        begin: '/\\*',
        end: '\\*/',
        patterns: include('comment'),
      },
      'inside-slashdash': {
        patterns: [
          { begin: '\\{', end: '\\}', patterns: include('inside-slashdash') },
          { match: '"(?:[^"\\\\]|\\\\.)*"' },
          { match: '//.*$' },
          ...include('comment'),
        ],
      },
      // A line that ends with `\` goes on: the next one begins no node.
      continued: {
        begin: '(\\\\)\\s*(?://.*)?$',
        beginCaptures: captures('constant.character.escape.line-continuation'),
        end: '^\\s*',
      },
      block: {
        name: 'meta.block.leastwise',
        begin: '\\{',
        beginCaptures: { 0: { name: 'punctuation.section.block.begin.leastwise' } },
        end: '\\}',
        endCaptures: { 0: { name: 'punctuation.section.block.end.leastwise' } },
        patterns: include('nodes'),
      },
      node: {
        patterns: [
          match(`${NODE}(${any(rules)})${END}`, 'keyword.control.rule'),
          match(`${NODE}(use)${END}`, 'keyword.control.import'),
          match(`${NODE}(in)${END}`, 'keyword.control.environment'),
          {
            begin: `${NODE}(${any(GRANTING)})${END}`,
            beginCaptures: captures('support.type.fact'),
            end: '(?=[;{}])|(?=//)|$',
            patterns: [
              match(`${BEGIN}(${any(words.capabilities)})${END}(?!\\s*=)`, 'support.function.capability'),
              ...include('comments', 'continued', 'arguments'),
            ],
          },
          match(`${NODE}(${any([...declares, ...inBlocks])})${END}(?:\\s+(${NAME})${END})(?!\\s*=)`, 'storage.type.declaration', 'entity.name.type'),
          match(`${NODE}(${any(kinds)})${END}(?:\\s+(${NAME})${END})(?!\\s*=)`, 'storage.type.kind', 'entity.name.type'),
          match(`${NODE}(${any(facts)})${END}`, 'support.type.fact'),
          match(`${NODE}(${any(kinds)})${END}`, 'storage.type.kind'),
          // A kind of the project's own, a block of Terraform, a fact that the list does not know.
          match(`${NODE}(?![+-]?\\d)(${BARE})`, 'entity.name.tag'),
        ],
      },
      arguments: { patterns: include('strings', 'properties', 'words', 'values', 'punctuation') },
      properties: {
        patterns: [
          match(`${BEGIN}(accept)\\s*(=)\\s*(${any(substitutes)})${END}`, 'entity.other.attribute-name', 'keyword.operator.assignment', 'constant.language.substitute'),
          match(`${BEGIN}(${any(properties)})\\s*(=)`, 'entity.other.attribute-name', 'keyword.operator.assignment'),
          match(`${BEGIN}(${BARE})\\s*(=)`, 'variable.parameter.free', 'keyword.operator.assignment'),
        ],
      },
      words: {
        patterns: [
          match(`${BEGIN}([-~]>)${END}`, 'keyword.operator.arrow'),
          match(`${BEGIN}(${any(selectors)})(:)(${NAME})${END}`, 'support.constant.selector', 'punctuation.separator.selector', 'variable.other.name'),
          match(`${BEGIN}(\\*)${END}`, 'support.constant.selector'),
          match(`${BEGIN}([a-z0-9-]+)(:)([A-Z][A-Za-z0-9]*\\*?)${END}`, 'support.class.service', 'punctuation.separator.action', 'support.function.action'),
          match(`${BEGIN}(\\$${NAME})${END}`, 'variable.other.parameter'),
          match(`${BEGIN}(${any(reserved)})${END}`, 'constant.language.reserved'),
        ],
      },
      values: {
        patterns: [
          match('(#(?:true|false|null|inf|-inf|nan))\\b', 'constant.language.keyword'),
          // KDL v1: refused, with a help that shows the right spelling.
          match(`${BEGIN}(true|false|null)${END}`, 'invalid.deprecated.keyword'),
          match(`${BEGIN}([+-]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|\\d[\\d_]*(?:\\.\\d[\\d_]*)?(?:[eE][+-]?\\d[\\d_]*)?))${END}`, 'constant.numeric'),
          match(`${BEGIN}(${BARE})`, 'variable.other.name'),
        ],
      },
      strings: {
        patterns: [
          {
            name: 'string.quoted.triple.leastwise',
            begin: '(#*)"""$',
            end: '^\\s*"""\\1',
            patterns: include('escapes', 'placeholders'),
          },
          { name: 'string.quoted.other.raw.leastwise', begin: '(#+)"', end: '"\\1' },
          type('(\\d+[dhms])'),
          type('(\\d{4}-\\d{2}-\\d{2})'),
          type('(\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,2})?)'),
          type('([0-9a-fA-F:]*::?[0-9a-fA-F:]*/\\d{1,3})'),
          type('(secret://[^"\\s]*)'),
          {
            name: 'string.quoted.double.leastwise',
            begin: '"',
            end: '"|$',
            patterns: include('escapes', 'placeholders'),
          },
        ],
      },
      escapes: {
        patterns: [
          { name: 'constant.character.escape.leastwise', match: '\\\\(?:["\\\\/bfnrts]|u\\{[0-9a-fA-F]{1,6}\\}|\\s+|$)' },
          { name: 'invalid.illegal.escape.leastwise', match: '\\\\.' },
        ],
      },
      placeholders: {
        patterns: [{ name: 'variable.other.placeholder.leastwise', match: '\\{[A-Za-z][\\w.-]*(?::\\d+)?\\}' }],
      },
      punctuation: {
        patterns: [
          { name: 'punctuation.terminator.leastwise', match: ';' },
          // Annotations of types are of KDL, not of this language.
          { name: 'invalid.illegal.annotation.leastwise', match: '\\([^)\\n]*\\)' },
        ],
      },
    },
  };
}

/** The same as a property list, for Sublime Text. */
export function plist(value) {
  const text = (string) => string.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const write = (part, indent) => {
    if (typeof part === 'string') return `${indent}<string>${text(part)}</string>`;
    if (Array.isArray(part)) {
      return [`${indent}<array>`, ...part.map((one) => write(one, `${indent}\t`)), `${indent}</array>`].join('\n');
    }
    const lines = Object.entries(part).flatMap(([key, inner]) => [
      `${indent}\t<key>${text(key)}</key>`,
      write(inner, `${indent}\t`),
    ]);
    return [`${indent}<dict>`, ...lines, `${indent}</dict>`].join('\n');
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    write(value, ''),
    '</plist>',
    '',
  ].join('\n');
}
