//! The words of the columns `type` and `merge` in Rust.

use super::list;

/// A type in Rust.
pub(super) fn ty(text: &str) -> Result<String, String> {
    let int = |signed: bool, bits: &str| format!("Type::Int {{ signed: {signed}, bits: {bits} }}");
    Ok(match text {
        "block" => "Type::Block".to_owned(),
        "bool" => "Type::Bool".to_owned(),
        "int" => int(true, "64"),
        "uint" => int(false, "64"),
        "float" => "Type::Float".to_owned(),
        "string" => "Type::String".to_owned(),
        "duration" => "Type::Duration".to_owned(),
        "size" => "Type::Size".to_owned(),
        "size or percent" => "Type::SizeOrPercent".to_owned(),
        "url" => "Type::Url".to_owned(),
        "address" => "Type::Address".to_owned(),
        "prefix" => "Type::Prefix".to_owned(),
        "address and port" => "Type::AddressAndPort".to_owned(),
        "mac" => "Type::Mac".to_owned(),
        "cel" => "Type::Cel".to_owned(),
        "mode" => "Type::Mode".to_owned(),
        "ports" => "Type::Ports".to_owned(),
        "bytes" => "Type::Bytes".to_owned(),
        "string or strings" => "Type::StringOrStrings".to_owned(),
        "any" => "Type::Any".to_owned(),
        _ => {
            if let Some(inner) = text.strip_prefix("list of ") {
                format!("Type::List(&{})", ty(inner)?)
            } else if let Some(inner) = text.strip_prefix("map of ") {
                format!("Type::Map(&{})", ty(inner)?)
            } else if let Some(words) = text.strip_prefix("enum ") {
                format!("Type::Enum({})", list(words, '|'))
            } else if let Some(words) = text.strip_prefix("word ") {
                format!("Type::Word({})", list(words, '|'))
            } else if let Some(bits) = text.strip_prefix("uint") {
                int(false, bits)
            } else if let Some(bits) = text.strip_prefix("int") {
                int(true, bits)
            } else {
                return Err(format!("`{text}` is no type"));
            }
        }
    })
}

/// A way of merging in Rust.
pub(super) fn merge(text: &str) -> Result<String, String> {
    Ok(match text {
        "" => "Merge::Default".to_owned(),
        "replace" => "Merge::Replace".to_owned(),
        "nonzero" => "Merge::NonZero".to_owned(),
        "always" => "Merge::Always".to_owned(),
        "fails" => "Merge::Fails".to_owned(),
        "entries" => "Merge::Entries".to_owned(),
        "bytes first" => "Merge::BytesFirst".to_owned(),
        _ => match (text.strip_prefix("keyed replace "), text.strip_prefix("keyed ")) {
            (Some(key), _) => format!("Merge::KeyedReplace({key:?})"),
            (None, Some(keys)) => format!("Merge::Keyed({})", list(keys, ' ')),
            (None, None) => return Err(format!("`{text}` is no way of merging")),
        },
    })
}
