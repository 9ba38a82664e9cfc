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

/** The most lines that a message is folded to: it is short, and a narrow terminal has 40 columns. */
const LINES_MAX = 6;
const NOTE_LINES_MAX = 4;
const SIGNS = { error: '[×x]', warning: '[⚠!]' };

export function problemMatchers() {
  const common = { owner: 'leastwise', source: 'leastwise', fileLocation: ['autoDetect', '${workspaceFolder}'], applyTo: 'allDocuments' };
  const drawn = Object.entries(SIGNS).flatMap(([severity, sign]) =>
    Array.from({ length: LINES_MAX }, (_, more) => ({
      ...common,
      name: `leastwise-${severity}-${more + 1}`,
      label: `Leastwise: ${severity === 'error' ? 'an error' : 'a warning'} of ${more === 0 ? 'one line' : `${more + 1} lines`}`,
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
  // A note takes one line, or what it is folded to:
  //
  //     note: leastwise.kdl:6: team `idle` owns and
  //           signs nothing [unused-team]
  const CODE = '\\[([a-z][a-z0-9-]*)\\]$';
  const GOES_ON = '(?!.*\\[[a-z][a-z0-9-]*\\]$)';
  const notes = Array.from({ length: NOTE_LINES_MAX }, (_, more) => {
    const begin = '^note: (.+?):(\\d+): ';
    const place = { file: 1, line: 2, message: 3 };
    const first = more === 0 ? { regexp: `${begin}(.*?) ?${CODE}`, ...place, code: 4 } : { regexp: `${begin}${GOES_ON}(.*)$`, ...place };
    const between = Array.from({ length: Math.max(0, more - 1) }, () => ({ regexp: `^ {6}${GOES_ON}(.+)$`, message: 1 }));
    const last = more === 0 ? [] : [{ regexp: `^ {6}(.*?) ?${CODE}`, message: 1, code: 2 }];
    return { ...common, name: `leastwise-note-${more + 1}`, label: `Leastwise: a note of ${more === 0 ? 'one line' : `${more + 1} lines`}`, severity: 'info', pattern: [first, ...between, ...last] };
  });
  return [...drawn, ...notes];
}
