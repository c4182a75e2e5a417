//! The leaves of a scenario file: values that know their place, and amounts
//! with their unit.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, Range};

use deadzone_core::time::Span;
use deadzone_core::units::{BitsPerSecond, Milliwatts, PartsPerMillion};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use crate::error::{Located, Problem};
use crate::units::{self, Quantity};

/// A value and the bytes of the file that it stands in. Compares by value.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) span: Range<usize>,
}

impl<T> At<T> {
    /// A problem with this value.
    pub(crate) fn problem(&self, what: impl Into<String>) -> Located {
        Problem::new(what).at(self.span.clone())
    }

    /// A problem with this value, and what would be right.
    pub(crate) fn wrong(&self, what: impl Into<String>, expected: impl Into<String>) -> Located {
        Problem::new(what).expected(expected).at(self.span.clone())
    }

    /// The same, said of the value: `what` goes on from the value as it is
    /// written in the file.
    pub(crate) fn refused(&self, what: impl Into<String>, expected: impl Into<String>) -> Located {
        Located { begins_with_value: true, ..self.wrong(what, expected) }
    }
}

impl<T> Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<T: PartialOrd> PartialOrd for At<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for At<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self { span: spanned.span(), value: spanned.into_inner() })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Reads a text by a function that says itself what it expects.
struct TextVisitor<T, F> {
    expected: String,
    parse: F,
    made: PhantomData<T>,
}

impl<'de, T, F: Fn(&str) -> Result<T, String>> Visitor<'de> for TextVisitor<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom(format!("`{number}` has no unit; expected {}", self.expected)))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<T, E> {
        Err(E::custom(format!("`{number}` has no unit; expected {}", self.expected)))
    }
}

fn text<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: String,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextVisitor { expected, parse, made: PhantomData })
}

macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident: $quantity:expr => $inner:ty, $make:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const QUANTITY: &Quantity = &$quantity;
                let make: fn(u64) -> $inner = $make;
                text(deserializer, QUANTITY.expected(), |text| QUANTITY.parse(text))
                    .map(|amount| Self(make(amount)))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $quantity.expected(),
                    "examples": [$quantity.example],
                })
            }
        }
    )*};
}

/// What the bound of a quantity leaves never exceeds 32 bits.
fn small(amount: u64) -> u32 {
    u32::try_from(amount).expect("the quantity is bounded far below 2^32")
}

amounts! {
    /// A time.
    TimeText: units::TIME => Span, Span::from_nanos;
    /// A rate.
    RateText: units::RATE => BitsPerSecond, BitsPerSecond;
    /// A size in bytes.
    SizeText: units::SIZE => u64, |bytes| bytes;
    /// A share.
    ShareText: units::SHARE => PartsPerMillion, |share| PartsPerMillion(small(share));
    /// Words per minute.
    WritingText: units::WRITING => u32, small;
    /// A power.
    PowerText: units::POWER => Milliwatts, Milliwatts;
    /// A power in microwatts.
    FinePowerText: units::FINE_POWER => u64, |microwatts| microwatts;
    /// An energy in nanojoules.
    FineEnergyText: units::FINE_ENERGY => u64, |nanojoules| nanojoules;
    /// An energy in millijoules.
    BatteryText: units::BATTERY => u64, |millijoules| millijoules;
    /// A slowdown in per cent.
    SlowdownText: units::SLOWDOWN => u64, |percent| percent;
}

/// CPU time per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuotaText(pub(crate) deadzone_core::profile::Quota);

impl<'de> Deserialize<'de> for QuotaText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "CPU time per period such as \"20ms/100ms\"".to_owned();
        text(deserializer, expected, units::parse_quota).map(|(busy, period)| {
            Self(deadzone_core::profile::Quota {
                busy: Span::from_nanos(busy),
                period: Span::from_nanos(period),
            })
        })
    }
}

/// A jump of a clock in milliseconds, back if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JumpText(pub(crate) i64);

impl<'de> Deserialize<'de> for JumpText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a time in whole milliseconds, forwards or back, such as \"-1h\"";
        let (back, nanoseconds) =
            text(deserializer, EXPECTED.to_owned(), units::parse_signed_time)?;
        if nanoseconds == 0 || nanoseconds % 1_000_000 != 0 {
            return Err(D::Error::custom(format!("this is no jump; expected {EXPECTED}")));
        }
        let milliseconds = i64::try_from(nanoseconds / 1_000_000)
            .expect("64 bits of nanoseconds are 44 bits of milliseconds");
        Ok(Self(if back { -milliseconds } else { milliseconds }))
    }
}

macro_rules! text_schemas {
    ($($name:ident: $description:literal;)*) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $description })
            }
        }
    )*};
}

text_schemas! {
    QuotaText: "CPU time per period such as \"20ms/100ms\"";
    JumpText: "a time in whole milliseconds, forwards or back, such as \"-1h\"";
}

/// One value, or a list of them.
#[derive(Clone, Debug)]
pub(crate) struct OneOrMore<T>(pub(crate) Vec<T>);

impl<'de> Deserialize<'de> for OneOrMore<At<String>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Vec<At<String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name in quotes, or an array of names")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(vec![At { value: name.to_owned(), span: 0..0 }])
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut items: A,
            ) -> Result<Self::Value, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = items.next_element()? {
                    names.push(name);
                }
                Ok(names)
            }
        }

        struct Visited(Vec<At<String>>);
        impl<'de> Deserialize<'de> for Visited {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Names).map(Self)
            }
        }

        // A name by itself stands where the whole value does.
        let whole = At::<Visited>::deserialize(deserializer)?;
        let mut names = whole.value.0;
        for name in names.iter_mut().filter(|name| name.span.is_empty()) {
            name.span = whole.span.clone();
        }
        Ok(Self(names))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMore{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

/// Keys with their values.
pub(crate) type Entries<V> = Vec<(At<String>, At<V>)>;

/// All keys of a table with their values, in the file's order.
pub(crate) fn entries<'de, A: MapAccess<'de>, V: Deserialize<'de>>(
    mut map: A,
) -> Result<Entries<V>, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) = map.next_entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

/// Structs that stand for tables, and only for tables: what serde derives would
/// take an array of the values, too.
macro_rules! tables {
    ($($table:ident: $expecting:literal;)*) => {$(
        impl<'de> serde::Deserialize<'de> for $table {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Table;
                impl<'de> serde::de::Visitor<'de> for Table {
                    type Value = $table;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        map: A,
                    ) -> Result<$table, A::Error> {
                        // The one that serde derived beside this trait.
                        $table::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    }
                }
                deserializer.deserialize_any(Table)
            }
        }
    )*};
}
pub(crate) use tables;
