//! `serde` as text: `Display` out, `FromStr` in.

/// Implements `Serialize` and `Deserialize` as a string for types with `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($($name:ident: $expecting:literal),+ $(,)?) => {$(
        impl serde::Serialize for $crate::$name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $crate::$name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;

                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $crate::$name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Visitor).map_err(without_the_value)
            }
        }
    )+};
}

/// A number in the place of a string makes serde say `` invalid type: integer `…` ``, with the
/// number, which may be a personal identity number: say it without. (Asking the format for any type
/// and refusing numbers ourselves would not do: CSV guesses that a string of digits is a number.)
fn without_the_value<E: serde::de::Error>(error: E) -> E {
    let message = alloc::string::ToString::to_string(&error);
    if message.starts_with("invalid type") || message.starts_with("invalid value") {
        E::custom("not a string")
    } else {
        error
    }
}

/// As `serde_as_text`, but a whole number is read too: some systems send tax tables as numbers.
macro_rules! serde_as_text_or_number {
    ($($name:ident: $expecting:literal),+ $(,)?) => {$(
        impl serde::Serialize for $crate::$name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $crate::$name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;

                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $crate::$name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        text.parse().map_err(E::custom)
                    }

                    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                        let number = u8::try_from(number).unwrap_or(u8::MAX);
                        $crate::$name::new(number).map_err(E::custom)
                    }

                    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
                        // Nothing negative is in range: 0 gives the right error.
                        self.visit_u64(u64::try_from(number).unwrap_or(0))
                    }
                }

                deserializer.deserialize_any(Visitor)
            }
        }
    )+};
}

serde_as_text! {
    PersonalIdentityNumber: "a personal identity number with twelve digits",
    OrganisationNumber: "an organisation number",
    VatNumber: "a Swedish VAT number",
    Bankgiro: "a bankgiro number",
    Plusgiro: "a plusgiro number",
    OcrReference: "an OCR reference",
    ClearingNumber: "a clearing number",
    BankAccount: "a bank account number",
    Date: "a date such as 2026-06-06",
}

serde_as_text_or_number! {
    TaxTable: "the number of a tax table",
    TaxColumn: "the number of a tax table column",
}
