//! Documents that are nearly right: pieces of a corpus, cut, doubled, joined and spiced.

/// A generator of numbers with a seed (xorshift64*): the same seed, the same documents, on every machine.
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below another; 0 below 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            0
        } else {
            (self.next() >> 11) as usize % end
        }
    }

    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

/// Documents to begin with.
pub const SEEDS: &[&str] = &[
    "trust a b -> c.d { allow read write; under \"x/\" /* c */ ; because \"y\" } // z\n",
    "network cloud cidr=\"10.0.0.0/8\" {\n    segment a cidr=\"10.0.0.0/24\" \\ // on\n        level=3 { endpoints }\n}\n",
    "a #\"raw\"# \"\\u{41}\\n\" \"\"\"\n    x\n      y\n    \"\"\" /-b {\n} /-{ c } // d\n\n\n\ne (t)1 k=(t)0x1f\n",
    "/- kdl-version 2\nnode /- // c\n  1 2; /-other { x }\n",
];

/// What matters to a reader.
const SPICE: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "=",
    ";",
    "\"",
    "\"\"\"",
    "#",
    "#\"",
    "\"#",
    "#\"\"\"",
    "\"\"\"#",
    "\\",
    "\\\n",
    "/-",
    "//",
    "/*",
    "*/",
    "\n",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    " ",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "\u{feff}",
    "\u{202e}",
    "\u{200b}",
    "\u{7f}",
    "\u{0}",
    "0x",
    "1.",
    "-",
    "+",
    ".",
    "90d",
    "true",
    "#true",
    "#null",
    "r\"",
    "a,",
    ",",
    "é",
    "👍",
    "[",
    "]",
    "/",
    "a/b",
    "https://x",
    "\\u{110000}",
    "\\q",
    "k=",
    "/-{",
    " { ",
    " } ",
    "; ",
    "\\ // c\n",
    "\\s",
];

/// A document made of a corpus.
pub fn mutate(corpus: &[String], random: &mut Random) -> String {
    let mut text: Vec<char> = corpus[random.below(corpus.len())].chars().collect();
    for _ in 0..=random.below(6) {
        let at = random.below(text.len() + 1);
        match random.below(7) {
            0 => {
                let end = (at + 1 + random.below(8)).min(text.len());
                text.drain(at..end);
            }
            1 => {
                let end = (at + random.below(40)).min(text.len());
                let piece: Vec<char> = text[at..end].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, piece);
            }
            2 => {
                let other: Vec<char> = corpus[random.below(corpus.len())].chars().collect();
                let from = random.below(other.len() + 1);
                let end = (from + random.below(60)).min(other.len());
                text.splice(at..at, other[from..end].iter().copied());
            }
            _ => {
                let spice = random.pick(SPICE);
                text.splice(at..at, spice.chars());
            }
        }
    }
    text.into_iter().collect()
}
