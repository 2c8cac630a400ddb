//! What a field of Talos holds, and how two values of it become one.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Fields.
    Block,
    /// `true` or `false`.
    Bool,
    /// A whole number of so many bits.
    Int {
        /// Whether it may be below zero.
        signed: bool,
        /// 8, 16, 32 or 64.
        bits: u8,
    },
    /// A number.
    Float,
    /// A text.
    String,
    /// `1h30m`, as Go reads it.
    Duration,
    /// Bytes, `10GiB`.
    Size,
    /// Bytes, or a share of a disk, `80%`.
    SizeOrPercent,
    /// A URL.
    Url,
    /// An IP address.
    Address,
    /// A network, or an address with the length of its network's prefix.
    Prefix,
    /// An IP address and a port.
    AddressAndPort,
    /// A MAC address.
    Mac,
    /// An expression in CEL.
    Cel,
    /// The mode of a file: an octal number.
    Mode,
    /// A port, or a range of them, `80-90`.
    Ports,
    /// Binary data in base64.
    Bytes,
    /// A text or a list of texts.
    StringOrStrings,
    /// Whatever is written.
    Any,
    /// One of some words; another one is not read.
    Enum(&'static [&'static str]),
    /// A text that is one of some words by Talos's documentation.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Type),
    /// A map by any keys.
    Map(&'static Type),
}

/// What becomes of two values of one field. Source: `pkg/machinery/config/merge` and the `Merge` methods and `merge` tags of
/// `pkg/machinery/config/types`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Maps and blocks merge by key, lists are added up, of scalars the later one counts.
    Default,
    /// The later one counts whole, if it is not zero.
    Replace,
    /// The later one counts unless it is zero: `""` and `0` are as if they were not said.
    NonZero,
    /// The later one counts, also where it is not said: then nothing is left.
    Always,
    /// Two values are an error.
    Fails,
    /// A map of which each key's later value counts whole.
    Entries,
    /// Elements of a list that have one value of a key are merged; of several keys the first one counts that an element has.
    Keyed(&'static [&'static str]),
    /// Elements of a list that have one value of a key replace each other.
    KeyedReplace(&'static str),
    /// A size in bytes stays, whatever share of a disk a later value says.
    BytesFirst,
}
