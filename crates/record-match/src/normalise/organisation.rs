//! Names of organisations: the core, and the legal form apart.

use super::{form::Phrase, text::fold};

pub(crate) struct OrganisationName {
    pub(crate) core: Phrase,
    pub(crate) legal_form: Option<&'static str>,
}

/// Legal forms as they are written (folded, words joined), and which form that is. What is the same
/// form in another language is not the same company, so each country's is its own.
const LEGAL_FORMS: [(&str, &str); 63] = [
    ("ab", "ab"),
    ("aktiebolag", "ab"),
    ("aktiebolaget", "ab"),
    ("abp", "abp"),
    ("aps", "aps"),
    ("anpartsselskab", "aps"),
    ("as", "as"),
    ("asa", "asa"),
    ("aksjeselskap", "as"),
    ("aktieselskab", "as"),
    ("bv", "bv"),
    ("co", "co"),
    ("company", "co"),
    ("corp", "corp"),
    ("corporation", "corp"),
    ("ef", "ef"),
    ("ekonomiskforening", "ef"),
    ("gmbh", "gmbh"),
    ("ag", "ag"),
    ("handelsbolag", "hb"),
    ("handelsbolaget", "hb"),
    ("hb", "hb"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("kb", "kb"),
    ("kg", "kg"),
    ("kommanditbolag", "kb"),
    ("kommanditbolaget", "kb"),
    ("limited", "ltd"),
    ("llc", "llc"),
    ("llp", "llp"),
    ("ltd", "ltd"),
    ("nv", "nv"),
    ("osakeyhtio", "oy"),
    ("oy", "oy"),
    ("oyj", "oyj"),
    ("plc", "plc"),
    ("sa", "sa"),
    ("sarl", "sarl"),
    ("spa", "spa"),
    ("srl", "srl"),
    ("stiftelse", "stiftelse"),
    ("stiftelsen", "stiftelse"),
    ("ug", "ug"),
    ("ans", "ans"),
    ("ansvarligselskap", "ans"),
    ("bostadsrattsforening", "brf"),
    ("bostadsrattsforeningen", "brf"),
    ("brf", "brf"),
    ("da", "da"),
    ("ehf", "ehf"),
    ("enk", "enk"),
    ("enkeltpersonforetak", "enk"),
    ("hf", "hf"),
    ("interessentskab", "is"),
    ("is", "is"),
    ("ivs", "ivs"),
    ("kommandiittiyhtio", "ky"),
    ("kommanditselskab", "ks"),
    ("ks", "ks"),
    ("ky", "ky"),
    ("tmi", "tmi"),
    ("toiminimi", "tmi"),
];

/// Legal forms that stand last only: in front they are somebody's initials, or a word.
const LAST_ONLY: [&str; 14] = [
    "ag", "ans", "bv", "co", "company", "da", "hf", "is", "kg", "ks", "nv", "sa", "spa", "ug",
];

/// Words that are written or left out as people like.
const FILLERS: [&str; 8] = [
    "and",
    "och",
    "og",
    "und",
    "the",
    "publ",
    "likvidation",
    "konkurs",
];

fn legal_form(word: &str) -> Option<&'static str> {
    LEGAL_FORMS
        .iter()
        .find(|(written, _)| *written == word)
        .map(|(_, form)| *form)
}

pub(crate) fn read(text: &str) -> Option<OrganisationName> {
    let folded = fold(text);
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut form = None;
    if let [.., "ekonomisk", "forening"] = words.as_slice() {
        words.truncate(words.len() - 2);
        form = Some("ef");
    }
    let joined: String;
    // A/S and A.B. fold to two words of one letter.
    if let [.., first, second] = words.as_slice()
        && first.len() == 1
        && second.len() == 1
    {
        joined = format!("{first}{second}");
        if legal_form(&joined).is_some() {
            words.truncate(words.len() - 2);
            words.push(&joined);
        }
    }
    let mut core = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let rest = &words[index + 1..];
        let ends =
            |word: &&str| FILLERS.contains(word) || *word == "i" || legal_form(word).is_some();
        // "i likvidation"
        let filler = FILLERS.contains(word)
            || *word == "i" && rest.first().is_some_and(|next| FILLERS.contains(next));
        let in_front = index == 0 && !LAST_ONLY.contains(word);
        if (in_front || rest.iter().all(ends))
            && let Some(found) = legal_form(word)
        {
            form = form.or(Some(found));
        } else if !filler {
            core.push(*word);
        }
    }
    if core.is_empty() {
        core = words.clone();
    }
    let core = Phrase::new(&core.join(" "));
    (!core.parts.is_empty()).then_some(OrganisationName {
        core,
        legal_form: form,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legal_form_stands_apart() {
        for (text, core, form) in [
            ("Svenska Spel AB", "svenska spel", Some("ab")),
            ("AB Svenska Spel (publ)", "svenska spel", Some("ab")),
            (
                "Aktiebolaget Svenska Spel i likvidation",
                "svenska spel",
                Some("ab"),
            ),
            ("Novo Nordisk A/S", "novo nordisk", Some("as")),
            ("Berg & Dal Handelsbolag", "berg dal", Some("hb")),
            ("HSB ekonomisk förening", "hsb", Some("ef")),
            ("Bostadsrättsföreningen Kajan 3", "kajan 3", Some("brf")),
            ("Brf Kajan 3", "kajan 3", Some("brf")),
            ("Hansen & Sønn ANS", "hansen sonn", Some("ans")),
            ("DA Silva Bygg AB", "da silva bygg", Some("ab")),
            ("Jensen I/S", "jensen", Some("is")),
            ("Oy Virtanen Ab", "virtanen", Some("oy")),
            ("AB", "ab", Some("ab")),
            ("Skanska", "skanska", None),
        ] {
            let name = read(text).unwrap();
            let parts: Vec<&str> = name
                .core
                .parts
                .iter()
                .map(crate::similarity::Word::as_str)
                .collect();
            assert_eq!(
                (parts.join(" ").as_str(), name.legal_form),
                (core, form),
                "{text}"
            );
        }
    }
}
