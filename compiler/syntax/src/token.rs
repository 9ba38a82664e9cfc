//! The pieces of a document that mean something. What lies between them is trivia: the text that no token covers.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A string without quotes.
    Bare,
    /// A quoted string without escapes.
    Quoted,
    /// A quoted string with escapes.
    Escaped,
    /// A raw string.
    Raw,
    /// A multi-line string.
    MultiLine,
    /// A raw multi-line string.
    RawMultiLine,
    /// Something in the place of a value that is none; it was reported.
    Malformed,
    /// A decimal integer.
    Integer,
    /// A decimal number with a point or an exponent.
    Float,
    /// An integer after `0x`.
    Hexadecimal,
    /// An integer after `0o`.
    Octal,
    /// An integer after `0b`.
    Binary,
    /// `#inf`, `#-inf` or `#nan`.
    KeywordNumber,
    /// `#true`.
    True,
    /// `#false`.
    False,
    /// `#null`.
    Null,
    /// `{`.
    OpenBlock,
    /// `}`.
    CloseBlock,
    /// `(`.
    OpenAnnotation,
    /// `)`.
    CloseAnnotation,
    /// `=`.
    Equals,
    /// `;`.
    Semicolon,
    /// `/-`.
    Slashdash,
    /// A character that begins nothing; it was reported.
    Junk,
    /// The end of the text; never stored.
    End,
}

impl TokenKind {
    /// Whether it can name a node or a property.
    #[must_use]
    pub fn is_string(self) -> bool {
        match self {
            Self::Bare | Self::Quoted | Self::Escaped | Self::Raw | Self::MultiLine | Self::RawMultiLine => {
                true
            }
            // It was reported already; taking it for a name keeps one mistake from becoming two.
            Self::Malformed => true,
            Self::Integer
            | Self::Float
            | Self::Hexadecimal
            | Self::Octal
            | Self::Binary
            | Self::KeywordNumber => false,
            Self::True | Self::False | Self::Null => false,
            Self::OpenBlock | Self::CloseBlock | Self::OpenAnnotation | Self::CloseAnnotation => false,
            Self::Equals | Self::Semicolon | Self::Slashdash | Self::Junk | Self::End => false,
        }
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(self) -> bool {
        match self {
            Self::Integer
            | Self::Float
            | Self::Hexadecimal
            | Self::Octal
            | Self::Binary
            | Self::KeywordNumber => true,
            Self::Bare | Self::Quoted | Self::Escaped | Self::Raw | Self::MultiLine | Self::RawMultiLine => {
                false
            }
            Self::Malformed | Self::True | Self::False | Self::Null => false,
            Self::OpenBlock | Self::CloseBlock | Self::OpenAnnotation | Self::CloseAnnotation => false,
            Self::Equals | Self::Semicolon | Self::Slashdash | Self::Junk | Self::End => false,
        }
    }

    /// Whether it is a value: a string, a number, a boolean or null.
    #[must_use]
    pub fn is_value(self) -> bool {
        match self {
            Self::True | Self::False | Self::Null => true,
            Self::Bare | Self::Quoted | Self::Escaped | Self::Raw | Self::MultiLine | Self::RawMultiLine => {
                true
            }
            Self::Malformed => true,
            Self::Integer
            | Self::Float
            | Self::Hexadecimal
            | Self::Octal
            | Self::Binary
            | Self::KeywordNumber => true,
            Self::OpenBlock | Self::CloseBlock | Self::OpenAnnotation | Self::CloseAnnotation => false,
            Self::Equals | Self::Semicolon | Self::Slashdash | Self::Junk | Self::End => false,
        }
    }
}

/// What a token does in the tree: all that the formatter needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first token of a node: its `/-`, its annotation or its name.
    Node,
    /// The first token of an argument, a property, or a slashdashed entry or block.
    Entry,
    /// What follows a `/-`.
    Commented,
    /// Belongs to the token before it without a space.
    Joined,
    /// Opens the block of a node.
    Open,
    /// Opens a block behind a `/-`.
    OpenCommented,
    /// Closes a block.
    Close,
    /// Ends a node.
    Terminator,
    /// Has no place in the tree; it was reported.
    Stray,
}

/// One token: its bytes and its part in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: TokenKind,
    /// What it does.
    pub role: Role,
}
