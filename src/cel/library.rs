//! The functions of the standard library. Source: `common/stdlib/standard.go` of `cel-go`.

use super::environment::{Is, Overload};

macro_rules! overloads {
    ($($name:literal $kind:ident [$($takes:ident),*] -> $gives:ident;)+) => {
        &[$(Overload {
            name: $name,
            member: overloads!(@$kind),
            takes: &[$(Is::$takes),*],
            gives: Is::$gives,
        },)+]
    };
    (@on) => { true };
    (@of) => { false };
}

/// Functions: called `of` values, or `on` the first of them.
pub(super) const FUNCTIONS: &[Overload] = overloads! {
    "size" of [Str] -> Int;
    "size" of [Bytes] -> Int;
    "size" of [List] -> Int;
    "size" of [Map] -> Int;
    "size" on [Str] -> Int;
    "size" on [Bytes] -> Int;
    "size" on [List] -> Int;
    "size" on [Map] -> Int;
    "contains" on [Str, Str] -> Bool;
    "startsWith" on [Str, Str] -> Bool;
    "endsWith" on [Str, Str] -> Bool;
    "matches" on [Str, Str] -> Bool;
    "matches" of [Str, Str] -> Bool;
    "type" of [Any] -> Type;
    "dyn" of [Any] -> Dyn;
    "bool" of [Bool] -> Bool;
    "bool" of [Str] -> Bool;
    "bytes" of [Bytes] -> Bytes;
    "bytes" of [Str] -> Bytes;
    "double" of [Double] -> Double;
    "double" of [Int] -> Double;
    "double" of [Str] -> Double;
    "double" of [Uint] -> Double;
    "duration" of [Duration] -> Duration;
    "duration" of [Int] -> Duration;
    "duration" of [Str] -> Duration;
    "int" of [Int] -> Int;
    "int" of [Double] -> Int;
    "int" of [Duration] -> Int;
    "int" of [Str] -> Int;
    "int" of [Timestamp] -> Int;
    "int" of [Uint] -> Int;
    "string" of [Str] -> Str;
    "string" of [Bool] -> Str;
    "string" of [Bytes] -> Str;
    "string" of [Double] -> Str;
    "string" of [Duration] -> Str;
    "string" of [Int] -> Str;
    "string" of [Timestamp] -> Str;
    "string" of [Uint] -> Str;
    "timestamp" of [Timestamp] -> Timestamp;
    "timestamp" of [Int] -> Timestamp;
    "timestamp" of [Str] -> Timestamp;
    "uint" of [Uint] -> Uint;
    "uint" of [Double] -> Uint;
    "uint" of [Int] -> Uint;
    "uint" of [Str] -> Uint;
    "getFullYear" on [Timestamp] -> Int;
    "getFullYear" on [Timestamp, Str] -> Int;
    "getMonth" on [Timestamp] -> Int;
    "getMonth" on [Timestamp, Str] -> Int;
    "getDayOfYear" on [Timestamp] -> Int;
    "getDayOfYear" on [Timestamp, Str] -> Int;
    "getDayOfMonth" on [Timestamp] -> Int;
    "getDayOfMonth" on [Timestamp, Str] -> Int;
    "getDate" on [Timestamp] -> Int;
    "getDate" on [Timestamp, Str] -> Int;
    "getDayOfWeek" on [Timestamp] -> Int;
    "getDayOfWeek" on [Timestamp, Str] -> Int;
    "getHours" on [Timestamp] -> Int;
    "getHours" on [Timestamp, Str] -> Int;
    "getHours" on [Duration] -> Int;
    "getMinutes" on [Timestamp] -> Int;
    "getMinutes" on [Timestamp, Str] -> Int;
    "getMinutes" on [Duration] -> Int;
    "getSeconds" on [Timestamp] -> Int;
    "getSeconds" on [Timestamp, Str] -> Int;
    "getSeconds" on [Duration] -> Int;
    "getMilliseconds" on [Timestamp] -> Int;
    "getMilliseconds" on [Timestamp, Str] -> Int;
    "getMilliseconds" on [Duration] -> Int;
};

/// The operators on two sides, but for those that take any type: what they take, and what they give.
pub(super) const OPERATORS: &[Overload] = overloads! {
    "+" of [Int, Int] -> Int;
    "+" of [Uint, Uint] -> Uint;
    "+" of [Double, Double] -> Double;
    "+" of [Str, Str] -> Str;
    "+" of [Bytes, Bytes] -> Bytes;
    "+" of [Duration, Duration] -> Duration;
    "+" of [Duration, Timestamp] -> Timestamp;
    "+" of [Timestamp, Duration] -> Timestamp;
    "-" of [Int, Int] -> Int;
    "-" of [Uint, Uint] -> Uint;
    "-" of [Double, Double] -> Double;
    "-" of [Duration, Duration] -> Duration;
    "-" of [Timestamp, Duration] -> Timestamp;
    "-" of [Timestamp, Timestamp] -> Duration;
    "*" of [Int, Int] -> Int;
    "*" of [Uint, Uint] -> Uint;
    "*" of [Double, Double] -> Double;
    "/" of [Int, Int] -> Int;
    "/" of [Uint, Uint] -> Uint;
    "/" of [Double, Double] -> Double;
    "%" of [Int, Int] -> Int;
    "%" of [Uint, Uint] -> Uint;
};

/// Names that are types.
pub(super) const TYPES: &[&str] =
    &["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

/// Macros that are called on a list or map, with how many arguments.
pub(super) const MACROS: &[(&str, usize)] =
    &[("all", 2), ("exists", 2), ("exists_one", 2), ("map", 2), ("map", 3), ("filter", 2)];
