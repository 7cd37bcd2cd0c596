//! Random worlds: linked and other records, bases, policies, decisions.

use proptest::prelude::*;
use record_link::{
    About, Action, AutoLink, Base, BaseField, BaseForm, BasePair, Candidate, Decision, FieldRule,
    FirstSync, Gate, Guard, Keeping, Link, LinkState, MergeWith, Origin, Permission, Policy,
    Remembered, Sides, Tombstone, Until, Which,
};

use super::{World, boss, connection, hash_key, key, kind, layout, name, time, value};

pub(crate) const VALUE_FIELDS: [&str; 4] = ["city", "grade", "name", "tags"];

/// What is in one field of a pair. 0 is null, 4 is absent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldSpec {
    pub(crate) left: u8,
    pub(crate) right: u8,
    /// 0 to 3: agreed on; 4: unknown; 5: known to differ (1 on the left, 2 on the right).
    pub(crate) base: u8,
    pub(crate) way: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct PairSpec {
    pub(crate) fields: [FieldSpec; 4],
    pub(crate) link: Linkage,
    pub(crate) left_is_there: bool,
    pub(crate) right_is_there: bool,
    pub(crate) decision: u8,
    pub(crate) is_stale: bool,
    pub(crate) candidate: u8,
    pub(crate) boss: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    None,
    Linked,
    Unlinked,
    Orphaned,
}

#[derive(Debug, Clone)]
pub(crate) struct PolicySpec {
    pub(crate) rules: [u8; 4],
    pub(crate) read_only: [u8; 4],
    pub(crate) create: (u8, u8),
    pub(crate) update: (u8, u8),
    /// On the right: a left record is the one that is lost.
    pub(crate) delete: u8,
    pub(crate) gate: (u8, u8),
    pub(crate) first_sync: u8,
    pub(crate) auto_link: bool,
    pub(crate) keeps_values: bool,
}

fn field() -> impl Strategy<Value = FieldSpec> {
    let number = || prop_oneof![8 => 0_u8..4, 1 => Just(4_u8)];
    let base = prop_oneof![8 => 0_u8..4, 2 => Just(4_u8), 1 => Just(5_u8)];
    (number(), number(), base, any::<bool>()).prop_map(|(left, right, base, way)| FieldSpec {
        left,
        right,
        base,
        way,
    })
}

/// A field of which both sides are as agreed.
fn quiet() -> impl Strategy<Value = FieldSpec> {
    (0_u8..4, any::<bool>()).prop_map(|(number, way)| FieldSpec {
        left: number,
        right: number,
        base: number,
        way,
    })
}

pub(crate) fn pair() -> impl Strategy<Value = PairSpec> {
    let linkage = prop_oneof![
        6 => Just(Linkage::Linked),
        3 => Just(Linkage::None),
        1 => Just(Linkage::Unlinked),
        1 => Just(Linkage::Orphaned),
    ];
    let fields =
        prop_oneof![3 => prop::array::uniform4(field()), 1 => prop::array::uniform4(quiet())];
    let there = || prop::bool::weighted(0.9);
    (
        fields,
        linkage,
        there(),
        there(),
        0_u8..14,
        prop::bool::weighted(0.2),
        0_u8..5,
        0_u8..12,
    )
        .prop_map(
            |(fields, link, left_is_there, right_is_there, decision, is_stale, candidate, boss)| {
                PairSpec {
                    fields,
                    link,
                    left_is_there,
                    right_is_there,
                    decision,
                    is_stale,
                    candidate,
                    boss,
                }
            },
        )
}

pub(crate) fn policy() -> impl Strategy<Value = PolicySpec> {
    let permission = || prop_oneof![4 => Just(2_u8), 1 => Just(1_u8), 1 => Just(0_u8)];
    let gate = || prop_oneof![5 => Just(0_u8), 1 => Just(1_u8), 1 => Just(2_u8)];
    (
        prop::array::uniform4(prop_oneof![3 => Just(0_u8), 5 => 1_u8..7]),
        prop::array::uniform4(prop_oneof![5 => Just(0_u8), 2 => 1_u8..4]),
        (permission(), permission()),
        (permission(), permission(), 0_u8..3),
        (gate(), gate()),
        prop_oneof![3 => Just(0_u8), 2 => 1_u8..3],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(rules, read_only, create, update, gate, first_sync, auto_link, keeps_values)| {
                PolicySpec {
                    rules,
                    read_only,
                    create,
                    update: (update.0, update.1),
                    delete: update.2,
                    gate,
                    first_sync,
                    auto_link,
                    keeps_values,
                }
            },
        )
}

/// Whoever changed wins, nothing is forbidden.
pub(crate) fn open_policy() -> PolicySpec {
    PolicySpec {
        rules: [0; 4],
        read_only: [0; 4],
        create: (2, 2),
        update: (2, 2),
        delete: 0,
        gate: (0, 0),
        first_sync: 0,
        auto_link: false,
        keeps_values: false,
    }
}

impl PolicySpec {
    pub(crate) fn build(&self) -> Policy {
        let permission = |number| match number {
            0 => Permission::Never,
            1 => Permission::Ask,
            _ => Permission::Automatic,
        };
        let gate = |number| match number {
            0 => Gate::Open,
            1 => Gate::ConfirmedOnly,
            _ => Gate::ExistingUntouched,
        };
        let mut policy = Policy::default();
        policy.guard = Guard::OFF;
        policy.first_sync = [
            FirstSync::Ask,
            FirstSync::PreferLeft,
            FirstSync::PreferRight,
        ][usize::from(self.first_sync)];
        policy.auto_link = if self.auto_link {
            AutoLink::Certain
        } else {
            AutoLink::Never
        };
        policy.sides.right.delete = permission(self.delete);
        let sides = [
            (Which::Left, self.create.0, self.update.0, self.gate.0),
            (Which::Right, self.create.1, self.update.1, self.gate.1),
        ];
        for (which, create, update, gate_number) in sides {
            policy.sides[which].create = permission(create);
            policy.sides[which].update = permission(update);
            policy.sides[which].gate = gate(gate_number);
        }
        for (field, (rule, read_only)) in VALUE_FIELDS
            .iter()
            .zip(self.rules.iter().zip(self.read_only))
        {
            let field = policy.field(name(field));
            field.rule = match rule {
                1 => FieldRule::Owned { by: Which::Left },
                2 => FieldRule::Owned { by: Which::Right },
                3 => FieldRule::WriteOnce { from: Which::Left },
                4 => FieldRule::Never,
                5 => FieldRule::Newest {
                    trust_record_times: true,
                },
                6 => FieldRule::Merge {
                    with: MergeWith::Elements,
                },
                _ => FieldRule::Ask,
            };
            field.read_only = Sides::new(read_only & 1 != 0, read_only & 2 != 0);
        }
        policy
    }
}

/// A world of these pairs; record `i` is `l<i>` on the left and `r<i>` on the right.
pub(crate) fn world(pairs: &[PairSpec], policy: &PolicySpec) -> World {
    let mut world = World::new();
    world.policy = policy.build();
    if policy.keeps_values {
        world.keeping = Keeping::values(hash_key());
    }
    for (at, spec) in pairs.iter().enumerate() {
        add_pair(&mut world, at, spec, pairs.len());
    }
    // Decisions are made on what is there when everything is.
    for (at, spec) in pairs.iter().enumerate() {
        add_decision(&mut world, at, spec, pairs.len());
    }
    world
}

fn add_pair(world: &mut World, at: usize, spec: &PairSpec, of: usize) {
    let keys = [format!("l{at}"), format!("r{at}")];
    let is_there = [
        spec.left_is_there && spec.link != Linkage::Orphaned,
        spec.right_is_there || spec.link == Linkage::Orphaned,
    ];
    for (which, key_text) in Which::BOTH.into_iter().zip(&keys) {
        if !is_there[usize::from(which == Which::Right)] {
            continue;
        }
        let mut values = Vec::new();
        for (field, one) in VALUE_FIELDS.iter().zip(&spec.fields) {
            let number = if which == Which::Left {
                one.left
            } else {
                one.right
            };
            if number < 4 {
                values.push((
                    *field,
                    value(field, number, one.way && which == Which::Right),
                ));
            }
        }
        // Some have a boss: a record of the same pair number, perhaps themselves.
        match usize::from(spec.boss) {
            boss_at if boss_at < of => {
                let side = if which == Which::Left { "l" } else { "r" };
                values.push(("boss", boss(&format!("{side}{boss_at}"))));
            }
            _ => values.push(("boss", flat_record::Value::Null)),
        }
        world.put(which, key_text, &values);
    }
    match spec.candidate {
        1 => world
            .candidates
            .push(Candidate::certain(Sides::new(key(&keys[0]), key(&keys[1])))),
        2 => world.candidates.push(Candidate::likely(
            Sides::new(key(&keys[0]), key(&keys[1])),
            700,
        )),
        3 => world
            .candidates
            .push(Candidate::certain(Sides::new(key("l0"), key(&keys[1])))),
        _ => {}
    }
    if spec.link == Linkage::None {
        return;
    }
    let keys = Sides::new(key(&keys[0]), key(&keys[1]));
    let origin = [
        Origin::ExactKey,
        Origin::Confirmed,
        Origin::Created { on: Which::Right },
    ][at % 3];
    let mut link = Link::new(connection(), kind(), keys, origin, 0);
    link.version = 1;
    link.base = base(spec, world.keeping);
    link.state = match spec.link {
        Linkage::Unlinked => LinkState::Unlinked(Tombstone::new(time(0), None)),
        Linkage::Orphaned => LinkState::Orphaned { gone: Which::Left },
        _ => LinkState::Linked,
    };
    world.links.insert(link.id, link);
}

fn base(spec: &PairSpec, keeping: Keeping) -> Base {
    let mut base = Base::default();
    let fields = layout(Which::Left);
    for (field, one) in VALUE_FIELDS.iter().zip(&spec.fields) {
        let equivalence = fields.get(field).unwrap().equivalence;
        let field_key = keeping.hash_key.for_field(&name(field));
        let known = match one.base {
            4 => continue,
            5 => {
                let side = |number| match keeping.form {
                    BaseForm::Hashes => {
                        Remembered::Hash(field_key.hash(&value(field, number, false), &equivalence))
                    }
                    _ => Remembered::Value(value(field, number, false)),
                };
                BaseField::Pair(Box::new(BasePair::new(Sides::new(side(1), side(2)), false)))
            }
            number => keeping
                .form
                .agree(&value(field, number, false), &equivalence, &field_key),
        };
        base.set(&name(field), known);
    }
    base
}

fn add_decision(world: &mut World, at: usize, spec: &PairSpec, of: usize) {
    let keys = Sides::new(key(&format!("l{at}")), key(&format!("r{at}")));
    let link = Link::new(connection(), kind(), keys.clone(), Origin::Confirmed, 0).id;
    let about_record = |side: Which| About::Record {
        side,
        key: keys[side].clone(),
    };
    let prefer = |side| Action::Prefer {
        side: Some(side),
        fields: [(name("city"), Which::Left)].into(),
        force: at.is_multiple_of(2),
    };
    let nothing = |until| Action::DoNothing {
        until,
        fields: Vec::new(),
    };
    let other = key(&format!("r{}", (at + 1) % of.max(1)));
    let crossed = Sides::new(keys.left.clone(), other);
    let (about, action) = match spec.decision {
        0 => (About::Link { id: link }, prefer(Which::Left)),
        1 => (About::Link { id: link }, prefer(Which::Right)),
        2 => (About::Link { id: link }, nothing(Until::Change)),
        3 => (About::Link { id: link }, Action::Unlink),
        4 => (
            about_record(Which::Left),
            Action::Create {
                despite_candidates: true,
            },
        ),
        5 => (
            about_record(Which::Right),
            Action::Create {
                despite_candidates: false,
            },
        ),
        6 => (
            About::Pair { keys: keys.clone() },
            Action::Match {
                first_sync: FirstSync::PreferLeft,
            },
        ),
        7 => (
            About::Pair { keys: keys.clone() },
            Action::Relink {
                first_sync: FirstSync::Ask,
            },
        ),
        8 => (about_record(Which::Left), nothing(Until::Forever)),
        9 => (
            About::Pair { keys: crossed },
            Action::Match {
                first_sync: FirstSync::Ask,
            },
        ),
        10 => (
            About::Link { id: link },
            Action::Create {
                despite_candidates: false,
            },
        ),
        11 => (About::Link { id: link }, Action::Delete),
        _ => return,
    };
    let mut decision =
        Decision::new(connection(), kind(), about.clone(), action, time(0)).because("they said so");
    let seen = Sides::from_fn(|which| {
        let key = match &about {
            About::Record { side, key } => (*side == which).then(|| key.clone())?,
            About::Pair { keys } => keys[which].clone(),
            About::Link { .. } => keys[which].clone(),
        };
        let record = world.systems[which].records.get(key.as_str())?;
        let hash = decision.hash_of(record, &hash_key());
        Some(hash)
    });
    decision = if spec.is_stale {
        decision // having seen nothing
    } else {
        decision.having_seen(seen)
    };
    world.decisions.push(decision);
}
