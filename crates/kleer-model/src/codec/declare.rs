//! The macros by which every type of the schema is declared, once.
//!
//! A declaration yields the struct, its reader and writer, a `Debug` without personal data, the
//! serde derives (feature `serde`) and the constant description. A field reads
//!
//! ```text
//! /// Its documentation.
//! optional  vat_nr: String = "vat-nr", personal;
//! ```
//!
//! cardinality, Rust name, type of the element's content, element name, and `personal` if `Debug`
//! must hide it. The cardinality decides the field's Rust type:
//!
//! | cardinality | element | Rust |
//! |---|---|---|
//! | `required` | once | `T` |
//! | `optional` | at most once | `Option<T>` |
//! | `list` | once, wrapper `"rows" / "row"` | `Vec<T>` |
//! | `optional_list` | at most once, wrapper | `Option<Vec<T>>` (absent is not empty) |
//! | `repeated` | any number, no wrapper | `Vec<T>` |
//! | `nillable` | once, may be nil | `Option<T>` |
//! | `optional_nillable` | at most once, may be nil | `Nillable<T>` |
//! | `blankable` | once, may be blank | `Option<T>` |
//! | `nonempty_list`, `optional_nonempty_list` | like `list`, at least one item | likewise |
//! | `nonempty` | at least once, without a wrapper | `Vec<T>` |
//! | `expected` | once, but readers take its absence | `Option<T>` |
//! | `expected_list` | likewise, wrapper | `Option<Vec<T>>` |
//! | `choice` | one of `"a" \| "b"` | `T: Branches` |
//! | `optional_choice` | at most one of them | `Option<T>` |
//! | `repeated_choice` | any number of them, in any order | `Vec<T>` |
//!
//! What must stand is an error when it is missing on reading, except `expected` (Kleer leaves
//! those out where the caller may not see them); it is written or is an error on writing.
//!
//! The macros write only what must differ from type to type; the loop over the elements is one
//! function for all (`read::read_record`), which keeps the compile time of some 500 types low.

/// Declares a record: an element with child elements in a sequence.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident = $schema:literal $(, root $root:literal)? $(, list $list:literal / $list_item:literal $($paged:ident)?)? {
            $(
                $(#[$field_meta:meta])*
                $cardinality:ident $field:ident : $type:ty =
                    $wire:literal $(/ $item:literal)? $(| $branch:literal)* $(, $personal:ident)? ;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                pub $field: $crate::codec::declare::field_type!($cardinality $type),
            )*
            #[cfg_attr(
                feature = "serde",
                serde(default, skip_serializing_if = "crate::codec::Unknown::is_empty")
            )]
            unknown: $crate::codec::Unknown,
        }

        const _: () = {
            // A field's number carries the field's name.
            #[allow(non_camel_case_types, non_upper_case_globals, clippy::upper_case_acronyms)]
            mod slot {
                #[repr(u8)]
                enum Slot { $($field,)* End }
                $(pub(super) const $field: u8 = Slot::$field as u8;)*
                // Which fields were seen is kept in 64 bits.
                const _: () = assert!(Slot::End as u8 <= 64);
            }

            const LAYOUT: $crate::codec::Layout = $crate::codec::Layout {
                names: &[$(
                    $crate::codec::Name {
                        wire: $wire,
                        slot: slot::$field,
                        many: $crate::codec::declare::is_repeated!($cardinality),
                    },
                    $($crate::codec::Name {
                        wire: $branch,
                        slot: slot::$field,
                        many: $crate::codec::declare::is_repeated!($cardinality),
                    },)*
                )*],
                required: 0 $(| (($crate::codec::declare::is_required!($cardinality) as u64) << slot::$field))*,
            };

            impl $crate::codec::Fields for $name {
                fn layout(&self) -> &'static $crate::codec::Layout {
                    &LAYOUT
                }

                #[allow(unused_variables, reason = "only choices look at the name")]
                fn read_field(
                    &mut self,
                    slot: u8,
                    name: &'static str,
                    reader: &mut $crate::codec::Reader<'_>,
                ) -> Result<(), $crate::ReadError> {
                    match slot {
                        $(slot::$field => {
                            $crate::codec::declare::read_slot!(
                                $cardinality self $field name reader $type $(; $item)?
                            );
                        })*
                        _ => {}
                    }
                    Ok(())
                }

                #[allow(unused_variables, clippy::match_same_arms, reason = "most types have no nillable field")]
                fn read_nil(&mut self, slot: u8) -> bool {
                    match slot {
                        $(slot::$field => $crate::codec::declare::read_nil_slot!($cardinality self $field),)*
                        _ => false,
                    }
                }

                fn unknown_mut(&mut self) -> &mut $crate::codec::Unknown {
                    &mut self.unknown
                }
            }

            impl $crate::codec::Described for $name {
                const DESCRIPTION: &'static $crate::TypeDescription = &$crate::TypeDescription {
                    schema: $schema,
                    rust: stringify!($name),
                    content: $crate::Content::Fields(&[$(
                        $crate::FieldDescription {
                            field: stringify!($field),
                            element: $wire,
                            item: $crate::codec::declare::item_name!($($item)?),
                            cardinality: $crate::codec::declare::cardinality!($cardinality),
                            personal: $crate::codec::declare::is_personal!($($personal)?),
                            of: <$type as $crate::codec::Described>::DESCRIPTION,
                        },
                    )*]),
                };
            }

            impl $crate::codec::Value for $name {
                fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::ReadError> {
                    let mut record = <Self as $crate::codec::Value>::blank();
                    $crate::codec::read::read_record(&mut record, reader)?;
                    Ok(record)
                }

                fn write(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                    writer.unknown(&self.unknown, 0);
                    $(
                        $crate::codec::declare::write_slot!(
                            $cardinality self $field writer $wire $(/ $item)?
                        );
                        writer.unknown(&self.unknown, slot::$field + 1);
                    )*
                    Ok(())
                }

                fn blank() -> Self {
                    Self {
                        $($field: $crate::codec::declare::blank_slot!($cardinality),)*
                        unknown: $crate::codec::Unknown::NONE,
                    }
                }
            }

            impl $crate::codec::Reveal for $name {
                fn reveal(&self, f: &mut std::fmt::Formatter<'_>, show: bool) -> std::fmt::Result {
                    $crate::codec::reveal::record(
                        f,
                        stringify!($name),
                        &[$((
                            stringify!($field),
                            &self.$field,
                            $crate::codec::declare::is_personal!($($personal)?),
                        ),)*],
                        &self.unknown,
                        show,
                    )
                }
            }
        };

        impl std::fmt::Debug for $name {
            /// Hides personal data; see [`Revealed`](crate::Revealed).
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::codec::Reveal::reveal(self, f, false)
            }
        }

        #[allow(dead_code, reason = "public wherever the type is")]
        impl $name {
            /// Elements that this version of the model does not know; they are written back.
            pub fn unknown_elements(&self) -> &$crate::Unknown {
                &self.unknown
            }
        }

        $($crate::codec::declare::root!($name $root);)?
        $($crate::codec::declare::list_item!($name $list / $list_item $($paged)?);)?
    };
}

/// Declares an element whose content is one of several elements (`xs:choice`).
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $schema:literal $(, root $root:literal)? {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident ( $type:ty ) = $wire:literal ,
            )*
        }
    ) => {
        $(#[$meta])*
        ///
        /// An alternative that this version of the model does not know is kept in a private
        /// variant.
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                $variant($type),
            )*
            #[doc(hidden)]
            Other($crate::codec::Unknown),
        }

        impl $crate::codec::Branches for $name {
            fn read_branch(
                name: &str,
                reader: &mut $crate::codec::Reader<'_>,
            ) -> Result<Self, $crate::ReadError> {
                match name {
                    $($wire => <$type as $crate::codec::Value>::read(reader)
                        .map(Self::$variant)
                        .map_err(|error| error.within($wire)),)*
                    _ => Err(reader.fail($crate::ReadErrorKind::UnexpectedElement)),
                }
            }

            fn write_branch(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                match self {
                    $(Self::$variant(value) => writer.value($wire, value),)*
                    Self::Other(unknown) => {
                        writer.unknown(unknown, 0);
                        Ok(())
                    }
                }
            }
        }

        impl $crate::codec::Value for $name {
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::ReadError> {
                let mut read = None;
                while let Some(child) = reader.child()? {
                    let branch = match child.name {
                        $($wire => <Self as $crate::codec::Branches>::read_branch($wire, reader)?,)*
                        _ => {
                            let mut unknown = $crate::codec::Unknown::NONE;
                            unknown.push_between(0, reader.keep(&child)?);
                            Self::Other(unknown)
                        }
                    };
                    if read.replace(branch).is_some() {
                        return Err(reader.fail($crate::ReadErrorKind::Duplicate));
                    }
                }
                read.ok_or_else(|| {
                    let names: &[&str] = &[$($wire),*];
                    reader.fail($crate::ReadErrorKind::Missing { element: names.join("> or <") })
                })
            }

            fn write(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                $crate::codec::Branches::write_branch(self, writer)
            }

            fn blank() -> Self {
                Self::Other($crate::codec::Unknown::NONE)
            }
        }

        impl $crate::codec::Described for $name {
            const DESCRIPTION: &'static $crate::TypeDescription = &$crate::TypeDescription {
                schema: $schema,
                rust: stringify!($name),
                content: $crate::Content::Choice(&[$(
                    $crate::FieldDescription {
                        field: stringify!($variant),
                        element: $wire,
                        item: None,
                        cardinality: $crate::Cardinality::Required,
                        personal: false,
                        of: <$type as $crate::codec::Described>::DESCRIPTION,
                    },
                )*]),
            };
        }

        impl $crate::codec::Reveal for $name {
            fn reveal(&self, f: &mut std::fmt::Formatter<'_>, show: bool) -> std::fmt::Result {
                match self {
                    $(Self::$variant(value) => {
                        $crate::codec::reveal::variant(f, stringify!($variant), value, show)
                    })*
                    Self::Other(unknown) => std::fmt::Debug::fmt(unknown, f),
                }
            }
        }

        impl std::fmt::Debug for $name {
            /// Hides personal data; see [`Revealed`](crate::Revealed).
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::codec::Reveal::reveal(self, f, false)
            }
        }

        $($crate::codec::declare::root!($name $root);)?
    };
}

/// Declares an abstract type: which type an element has is said by its `xsi:type`.
macro_rules! polymorphic {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $schema:literal {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident ( $type:ty ) = $type_name:literal ,
            )*
        }
    ) => {
        $(#[$meta])*
        ///
        /// A type that this version of the model does not know is kept in a private variant.
        #[derive(Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                $variant($type),
            )*
            #[doc(hidden)]
            Other($crate::AnyValue),
        }

        impl $crate::codec::Value for $name {
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::ReadError> {
                match reader.type_name() {
                    $(Some($type_name) => {
                        <$type as $crate::codec::Value>::read(reader).map(Self::$variant)
                    })*
                    _ => <$crate::AnyValue as $crate::codec::Value>::read(reader).map(Self::Other),
                }
            }

            fn write(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                match self {
                    $(Self::$variant(value) => $crate::codec::Value::write(value, writer),)*
                    Self::Other(value) => $crate::codec::Value::write(value, writer),
                }
            }

            fn blank() -> Self {
                Self::Other($crate::codec::Value::blank())
            }

            fn attributes(&self) -> Option<String> {
                match self {
                    $(Self::$variant(_) => Some($crate::codec::any::type_attribute($type_name)),)*
                    Self::Other(value) => $crate::codec::Value::attributes(value),
                }
            }
        }

        impl $crate::codec::Described for $name {
            const DESCRIPTION: &'static $crate::TypeDescription = &$crate::TypeDescription {
                schema: $schema,
                rust: stringify!($name),
                content: $crate::Content::Abstract(&[$(
                    <$type as $crate::codec::Described>::DESCRIPTION,
                )*]),
            };
        }

        impl $crate::codec::Reveal for $name {
            fn reveal(&self, f: &mut std::fmt::Formatter<'_>, show: bool) -> std::fmt::Result {
                match self {
                    $(Self::$variant(value) => {
                        $crate::codec::reveal::variant(f, stringify!($variant), value, show)
                    })*
                    Self::Other(value) => $crate::codec::Reveal::reveal(value, f, show),
                }
            }
        }

        impl std::fmt::Debug for $name {
            /// Hides personal data; see [`Revealed`](crate::Revealed).
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::codec::Reveal::reveal(self, f, false)
            }
        }
    };
}

/// Declares an enumeration that keeps values it does not know.
macro_rules! enumeration {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $schema:literal {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident = $wire:literal ,
            )*
        }
    ) => {
        $(#[$meta])*
        ///
        /// A value that this version of the model does not know is kept and written back; compare
        /// it with [`as_str`](Self::as_str).
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(from = "String", into = "String"))]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                $variant,
            )*
            /// A value that the schema did not have when this was written. Its payload is private,
            /// so that no match on it can break when the value becomes a variant.
            Other($crate::value::OtherValue),
        }

        impl $name {
            /// The values that the schema has.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The value as it stands in XML.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(other) => other.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($wire => Self::$variant,)*
                    other => Self::Other($crate::value::OtherValue::new(other)),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::codec::Value for $name {
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::ReadError> {
                Ok(Self::from(reader.text()?.as_ref()))
            }

            fn write(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                writer.text(self.as_str())
            }

            fn blank() -> Self {
                Self::from("")
            }
        }

        impl $crate::codec::Described for $name {
            const DESCRIPTION: &'static $crate::TypeDescription = &$crate::TypeDescription {
                schema: $schema,
                rust: stringify!($name),
                content: $crate::Content::Enumeration(&[$($wire),*]),
            };
        }

        $crate::codec::reveal::reveal_by_debug!($name);
    };
}

/// Declares an id and, where the schema refers to it by an element of its own, the reference.
macro_rules! id {
    (
        $(#[$meta:meta])*
        pub struct $id:ident($number:ty) $(, $(#[$reference_meta:meta])* $reference:ident = $schema:literal)?;
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $id(pub $number);

        impl std::fmt::Display for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $id {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<$number> for $id {
            fn from(number: $number) -> Self {
                Self(number)
            }
        }

        impl $crate::codec::Value for $id {
            fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::ReadError> {
                <$number as $crate::codec::Value>::read(reader).map(Self)
            }

            fn write(&self, writer: &mut $crate::codec::Writer) -> Result<(), $crate::WriteError> {
                $crate::codec::Value::write(&self.0, writer)
            }

            fn blank() -> Self {
                Self(0)
            }
        }

        impl $crate::codec::Described for $id {
            const DESCRIPTION: &'static $crate::TypeDescription =
                <$number as $crate::codec::Described>::DESCRIPTION;
        }

        $crate::codec::reveal::reveal_by_debug!($id);

        $(
            $crate::codec::declare::record! {
                $(#[$reference_meta])*
                pub struct $reference = $schema {
                    /// The id referred to.
                    required id: $id = "id";
                }
            }

            impl $reference {
                /// Refers to an id.
                pub fn new(id: $id) -> Self {
                    Self { id, unknown: $crate::codec::Unknown::NONE }
                }
            }

            impl From<$id> for $reference {
                fn from(id: $id) -> Self {
                    Self::new(id)
                }
            }
        )?
    };
}

/// Makes a record the root of a document.
macro_rules! root {
    ($name:ident $root:literal) => {
        impl $crate::codec::Root for $name {
            fn read_root(
                reader: &mut $crate::codec::Reader<'_>,
                _: &quick_xml::events::BytesStart<'_>,
            ) -> Result<Self, $crate::ReadError> {
                <Self as $crate::codec::Value>::read(reader)
            }

            fn write_root(
                &self,
                writer: &mut $crate::codec::Writer,
            ) -> Result<(), $crate::WriteError> {
                writer.element($root, |writer| $crate::codec::Value::write(self, writer))
            }
        }

        impl $crate::Document for $name {
            const ROOT: &'static str = $root;
        }
    };
}

/// Makes a list of a type the root of a document.
macro_rules! list_item {
    ($name:ident $list:literal / $item:literal) => {
        $crate::codec::declare::list_item!(@ $name $list $item false);
    };
    ($name:ident $list:literal / $item:literal paged) => {
        $crate::codec::declare::list_item!(@ $name $list $item true);
    };
    (@ $name:ident $list:literal $item:literal $paged:literal) => {
        impl $crate::codec::list::ListItem for $name {
            const LIST: &'static str = $list;
            const ITEM: &'static str = $item;
            const PAGED: bool = $paged;
        }
    };
}

#[rustfmt::skip]
macro_rules! field_type {
    (required $type:ty) => { $type };
    (optional $type:ty) => { Option<$type> };
    (list $type:ty) => { Vec<$type> };
    (optional_list $type:ty) => { Option<Vec<$type>> };
    (repeated $type:ty) => { Vec<$type> };
    (nonempty $type:ty) => { Vec<$type> };
    (nonempty_list $type:ty) => { Vec<$type> };
    (optional_nonempty_list $type:ty) => { Option<Vec<$type>> };
    (expected $type:ty) => { Option<$type> };
    (expected_list $type:ty) => { Option<Vec<$type>> };
    (repeated_choice $type:ty) => { Vec<$type> };
    (nillable $type:ty) => { Option<$type> };
    (optional_nillable $type:ty) => { $crate::Nillable<$type> };
    (blankable $type:ty) => { Option<$type> };
    (choice $type:ty) => { $type };
    (optional_choice $type:ty) => { Option<$type> };
}

#[rustfmt::skip]
macro_rules! is_required {
    (required) => { true };
    (list) => { true };
    (nonempty_list) => { true };
    (nillable) => { true };
    (blankable) => { true };
    (choice) => { true };
    ($other:ident) => { false };
}

#[rustfmt::skip]
macro_rules! is_repeated {
    (repeated) => { true };
    (nonempty) => { true };
    (repeated_choice) => { true };
    ($other:ident) => { false };
}

#[rustfmt::skip]
macro_rules! is_personal {
    () => { false };
    (personal) => { true };
}

#[rustfmt::skip]
macro_rules! item_name {
    () => { None };
    ($item:literal) => { Some($item) };
}

#[rustfmt::skip]
macro_rules! cardinality {
    (required) => { $crate::Cardinality::Required };
    (optional) => { $crate::Cardinality::Optional };
    (list) => { $crate::Cardinality::List };
    (optional_list) => { $crate::Cardinality::OptionalList };
    (repeated) => { $crate::Cardinality::Repeated };
    (nillable) => { $crate::Cardinality::Nillable };
    (optional_nillable) => { $crate::Cardinality::OptionalNillable };
    (blankable) => { $crate::Cardinality::Blankable };
    (nonempty_list) => { $crate::Cardinality::NonemptyList };
    (optional_nonempty_list) => { $crate::Cardinality::OptionalNonemptyList };
    (nonempty) => { $crate::Cardinality::Nonempty };
    (expected) => { $crate::Cardinality::Expected };
    (expected_list) => { $crate::Cardinality::ExpectedList };
    (choice) => { $crate::Cardinality::Choice };
    (optional_choice) => { $crate::Cardinality::OptionalChoice };
    (repeated_choice) => { $crate::Cardinality::RepeatedChoice };
}

#[rustfmt::skip]
macro_rules! blank_slot {
    (required) => { $crate::codec::Value::blank() };
    (choice) => { $crate::codec::Value::blank() };
    (list) => { Vec::new() };
    (nonempty_list) => { Vec::new() };
    (repeated) => { Vec::new() };
    (nonempty) => { Vec::new() };
    (repeated_choice) => { Vec::new() };
    (optional_nillable) => { $crate::Nillable::Absent };
    ($other:ident) => { None };
}

#[rustfmt::skip]
macro_rules! read_slot {
    (required $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = <$type as $crate::codec::Value>::read($reader)?
    };
    (repeated $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        let item = <$type as $crate::codec::Value>::read($reader)?;
        $self.$field.push(item)
    };
    (nonempty $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        let item = <$type as $crate::codec::Value>::read($reader)?;
        $self.$field.push(item)
    };
    (list $self:ident $field:ident $name:ident $reader:ident $type:ty; $item:literal) => {
        $self.$field = $crate::codec::read::read_items($reader, $item, &mut $self.unknown, slot::$field)?
    };
    (nonempty_list $self:ident $field:ident $name:ident $reader:ident $type:ty; $item:literal) => {
        $self.$field = $crate::codec::read::read_items($reader, $item, &mut $self.unknown, slot::$field)?
    };
    // optional_list, optional_nonempty_list, expected_list
    ($other:ident $self:ident $field:ident $name:ident $reader:ident $type:ty; $item:literal) => {
        $self.$field = Some($crate::codec::read::read_items($reader, $item, &mut $self.unknown, slot::$field)?)
    };
    (optional_nillable $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = $crate::Nillable::Value(<$type as $crate::codec::Value>::read($reader)?)
    };
    (blankable $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = $crate::value::read_blankable($reader)?
    };
    (choice $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = <$type as $crate::codec::Branches>::read_branch($name, $reader)?
    };
    (optional_choice $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = Some(<$type as $crate::codec::Branches>::read_branch($name, $reader)?)
    };
    (repeated_choice $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        let branch = <$type as $crate::codec::Branches>::read_branch($name, $reader)?;
        $self.$field.push(branch)
    };
    // optional, nillable, expected
    ($other:ident $self:ident $field:ident $name:ident $reader:ident $type:ty) => {
        $self.$field = Some(<$type as $crate::codec::Value>::read($reader)?)
    };
}

#[rustfmt::skip]
macro_rules! read_nil_slot {
    (nillable $self:ident $field:ident) => {{ $self.$field = None; true }};
    (optional_nillable $self:ident $field:ident) => {{ $self.$field = $crate::Nillable::Nil; true }};
    ($other:ident $self:ident $field:ident) => { false };
}

#[rustfmt::skip]
macro_rules! write_slot {
    (required $self:ident $field:ident $writer:ident $wire:literal) => {
        $writer.value($wire, &$self.$field)?
    };
    (optional $self:ident $field:ident $writer:ident $wire:literal) => {
        if let Some(value) = &$self.$field {
            $writer.value($wire, value)?;
        }
    };
    (expected $self:ident $field:ident $writer:ident $wire:literal) => {
        $writer.value($wire, $writer.expected($wire, $self.$field.as_ref())?)?
    };
    (repeated $self:ident $field:ident $writer:ident $wire:literal) => {
        $writer.repeated($wire, &$self.$field)?
    };
    (nonempty $self:ident $field:ident $writer:ident $wire:literal) => {
        $writer.repeated($wire, $writer.nonempty($wire, &$self.$field)?)?
    };
    (list $self:ident $field:ident $writer:ident $wire:literal / $item:literal) => {
        $writer.items($wire, $item, &$self.$field, &$self.unknown, slot::$field)?
    };
    (nonempty_list $self:ident $field:ident $writer:ident $wire:literal / $item:literal) => {
        let items = $writer.nonempty($wire, &$self.$field)?;
        $writer.items($wire, $item, items, &$self.unknown, slot::$field)?
    };
    (optional_list $self:ident $field:ident $writer:ident $wire:literal / $item:literal) => {
        if let Some(items) = &$self.$field {
            $writer.items($wire, $item, items, &$self.unknown, slot::$field)?;
        }
    };
    (optional_nonempty_list $self:ident $field:ident $writer:ident $wire:literal / $item:literal) => {
        if let Some(items) = &$self.$field {
            let items = $writer.nonempty($wire, items)?;
            $writer.items($wire, $item, items, &$self.unknown, slot::$field)?;
        }
    };
    (expected_list $self:ident $field:ident $writer:ident $wire:literal / $item:literal) => {
        let items = $writer.expected($wire, $self.$field.as_ref())?;
        $writer.items($wire, $item, items, &$self.unknown, slot::$field)?
    };
    (nillable $self:ident $field:ident $writer:ident $wire:literal) => {
        match &$self.$field {
            Some(value) => $writer.value($wire, value)?,
            None => $writer.nil($wire),
        }
    };
    (optional_nillable $self:ident $field:ident $writer:ident $wire:literal) => {
        match &$self.$field {
            $crate::Nillable::Value(value) => $writer.value($wire, value)?,
            $crate::Nillable::Nil => $writer.nil($wire),
            $crate::Nillable::Absent => {}
        }
    };
    (blankable $self:ident $field:ident $writer:ident $wire:literal) => {
        $writer.value($wire, &$self.$field.unwrap_or($crate::value::BLANK_DATE))?
    };
    (choice $self:ident $field:ident $writer:ident $wire:literal) => {
        $crate::codec::Branches::write_branch(&$self.$field, $writer)?
    };
    (optional_choice $self:ident $field:ident $writer:ident $wire:literal) => {
        if let Some(branch) = &$self.$field {
            $crate::codec::Branches::write_branch(branch, $writer)?;
        }
    };
    (repeated_choice $self:ident $field:ident $writer:ident $wire:literal) => {
        for branch in &$self.$field {
            $crate::codec::Branches::write_branch(branch, $writer)?;
        }
    };
}

pub(crate) use {
    blank_slot, cardinality, choice, enumeration, field_type, id, is_personal, is_repeated,
    is_required, item_name, list_item, polymorphic, read_nil_slot, read_slot, record, root,
    write_slot,
};
