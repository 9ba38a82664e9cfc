// The words of the language as Emacs Lisp.

const list = (words) => words.map((word) => `"${word}"`).join(' ');

function folded(words) {
  const lines = [];
  for (const word of list(words).split(' ')) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length < 72) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n    ');
}

export function elisp(words) {
  const constant = (name, of, about) => `(defconst leastwise-words-${name}\n  '(${folded(of)})\n  "${about}")\n`;
  return `;;; leastwise-words.el --- The words of Leastwise specs  -*- lexical-binding: t; -*-

;;; Commentary:

;; ${words.about}

;;; Code:

${constant('rules', words.rules, 'Words of trusts, promises and tests.')}
${constant('declarations', [...new Set([...words.declarations, ...words.inBlocks])].filter((word) => !words.rules.includes(word)), 'Words that declare a name.')}
${constant('kinds', Object.keys(words.kinds), 'Kinds of the standard library.')}
${constant('facts', words.facts, 'Facts, in the block of a declaration.')}
${constant('properties', words.properties, 'Properties, on the line of a declaration.')}
${constant('capabilities', words.capabilities, 'What a trust may allow.')}
${constant('selectors', words.selectors, 'What stands before a colon in a promise.')}
${constant('reserved', words.reserved, 'Names that mean something wherever they stand.')}
(provide 'leastwise-words)

;;; leastwise-words.el ends here
`;
}
