// Matchers of what `leastwise check` prints for people: VS Code lists it as problems.
//
// A diagnostic is its code, an empty line, a sign and the message, and where:
//
//     undeclared-name
//
//       × no thing is called `scribr`
//         ╭─[leastwise.kdl:10:7]
//
// A narrow terminal folds the message, so there is a matcher for each number of its lines. A terminal without UTF-8 has other signs.

/** The most lines that a message is folded to: it has 500 characters at most in what is listed here. */
const LINES_MAX = 6;
const SIGNS = { error: '[×x]', warning: '[⚠!]' };

export function problemMatchers() {
  const common = { owner: 'leastwise', source: 'leastwise', fileLocation: ['autoDetect', '${workspaceFolder}'], applyTo: 'allDocuments' };
  const drawn = Object.entries(SIGNS).flatMap(([severity, sign]) =>
    Array.from({ length: LINES_MAX }, (_, more) => ({
      ...common,
      name: `leastwise-${severity}-${more + 1}`,
      label: `Leastwise: an ${severity} of ${more + 1} lines`.replace('an warning', 'a warning').replace('1 lines', 'one line'),
      severity,
      pattern: [
        { regexp: '^([a-z][a-z0-9-]*)$', code: 1 },
        { regexp: '^$' },
        { regexp: `^  ${sign} (.*)$`, message: 1 },
        ...Array.from({ length: more }, () => ({ regexp: '^  [│|] (.*)$', message: 1 })),
        { regexp: '^ *(?:╭─|,-)\\[(.+):(\\d+):(\\d+)\\]$', file: 1, line: 2, column: 3 },
      ],
    })),
  );
  // `note: leastwise.kdl:6: team `idle` owns and signs nothing [unused-team]`
  const note = {
    ...common,
    name: 'leastwise-note',
    label: 'Leastwise: a note',
    severity: 'info',
    pattern: [{ regexp: '^note: (.+?):(\\d+): (.*) \\[([a-z][a-z0-9-]*)\\]$', file: 1, line: 2, message: 3, code: 4 }],
  };
  const folded = {
    ...common,
    name: 'leastwise-note-folded',
    label: 'Leastwise: a note of two lines',
    severity: 'info',
    pattern: [
      { regexp: '^note: (.+?):(\\d+): (.*[^\\]])$', file: 1, line: 2, message: 3 },
      { regexp: '^ {6}(.*) \\[([a-z][a-z0-9-]*)\\]$', message: 1, code: 2 },
    ],
  };
  return [...drawn, note, folded];
}
