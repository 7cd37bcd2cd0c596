//! Version 1: links with their history, what is under way, what failed.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS connections (
    connection TEXT NOT NULL PRIMARY KEY, -- a pair of systems; everything else carries it
    events BIGINT NOT NULL                -- the place of its latest event
)",
    "CREATE TABLE IF NOT EXISTS links (
    connection TEXT NOT NULL,
    id TEXT NOT NULL,            -- computed: whoever makes the same link again gives it the same id
    kind TEXT NOT NULL,          -- the kind of its records: employee, for instance
    state TEXT NOT NULL,         -- creating, in-doubt, failed, linked, orphaned, unlinked, ended
    live BIGINT NOT NULL,        -- 1 while it holds its records: no other link may have them
    left_key TEXT,               -- the record's key on the left side; empty if it is not there yet
    right_key TEXT,              -- the record's key on the right side
    incarnation BIGINT NOT NULL, -- which life of its records this is, from 0
    version BIGINT NOT NULL,     -- counts the changes of the link
    changed_at TEXT NOT NULL,    -- when it changed last
    value TEXT NOT NULL,         -- the whole link as JSON, with its base
    PRIMARY KEY (connection, id)
)",
    "CREATE UNIQUE INDEX IF NOT EXISTS links_live_left \
     ON links (connection, kind, left_key) WHERE live = 1",
    "CREATE UNIQUE INDEX IF NOT EXISTS links_live_right \
     ON links (connection, kind, right_key) WHERE live = 1",
    "CREATE INDEX IF NOT EXISTS links_by_state ON links (connection, state, kind, id)",
    "CREATE TABLE IF NOT EXISTS events (
    connection TEXT NOT NULL,
    place BIGINT NOT NULL,     -- higher than that of every event that was committed before
    link TEXT NOT NULL,        -- the link that it happened to
    version BIGINT NOT NULL,   -- the version of the link afterwards
    what TEXT NOT NULL,        -- created, linked, updated, unlinked, ...
    happened_at TEXT NOT NULL,
    run TEXT,                  -- in which run, if it happened in one
    done_by TEXT,              -- who did it, if it was a person
    operation TEXT,            -- by which operation of a plan
    value TEXT NOT NULL,       -- the whole event as JSON, with the link as it was afterwards
    PRIMARY KEY (connection, place)
)",
    "CREATE INDEX IF NOT EXISTS events_of_link ON events (connection, link, place)",
    "CREATE TABLE IF NOT EXISTS intents (
    connection TEXT NOT NULL,
    operation TEXT NOT NULL,   -- a write to a system that is about to happen, or may have happened
    link TEXT NOT NULL,        -- of which link
    does TEXT NOT NULL,        -- create, update, delete, ...
    left_key TEXT,
    right_key TEXT,
    client_key TEXT,           -- our identity of a create, by which it is found again
    state TEXT NOT NULL,       -- begun, in-doubt
    attempts BIGINT NOT NULL,
    changed_at TEXT NOT NULL,
    value TEXT NOT NULL,       -- the whole intent as JSON, with the values that are to be written
    PRIMARY KEY (connection, operation)
)",
    "CREATE TABLE IF NOT EXISTS decisions (
    connection TEXT NOT NULL,
    id TEXT NOT NULL,          -- the same for every decision about the same thing
    kind TEXT NOT NULL,
    about TEXT NOT NULL,       -- record, pair, link
    left_key TEXT,
    right_key TEXT,
    link TEXT,
    action TEXT NOT NULL,      -- create, match, prefer, do-nothing, unlink, ...
    decided_at TEXT NOT NULL,
    decided_by TEXT,
    value TEXT NOT NULL,       -- the whole decision as JSON
    PRIMARY KEY (connection, id)
)",
    "CREATE INDEX IF NOT EXISTS decisions_of_kind ON decisions (connection, kind, id)",
    "CREATE TABLE IF NOT EXISTS deviations (
    connection TEXT NOT NULL,
    id TEXT NOT NULL,          -- the same for the same operation on the same thing
    state TEXT NOT NULL,       -- open, reprocessing, resolved, ignored
    class TEXT NOT NULL,       -- transient, rate-limit, authentication, validation, conflict, ...
    code TEXT NOT NULL,        -- what failed, for programs
    operation TEXT NOT NULL,   -- create, update, post, ...
    about TEXT NOT NULL,       -- connection, kind, record, link, document
    kind TEXT,                 -- of the record, the link or the document
    side TEXT,                 -- left, right: of a record
    record_key TEXT,           -- of a record or a document
    link TEXT,
    subject TEXT NOT NULL,     -- what it is about as JSON, all of it, to be asked for
    label TEXT,                -- what a person calls it
    message TEXT NOT NULL,     -- what to tell a person
    fingerprint TEXT NOT NULL, -- the same for all that have one cause
    attempts BIGINT NOT NULL,  -- how often it failed
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,   -- when it failed last
    changed_at TEXT NOT NULL,  -- when anything happened to it last
    run TEXT,                  -- in which run it failed last
    value TEXT NOT NULL,       -- the whole deviation as JSON, with what it was tried with
    PRIMARY KEY (connection, id)
)",
    "CREATE INDEX IF NOT EXISTS deviations_by_state \
     ON deviations (connection, state, last_seen DESC, id)",
    "CREATE INDEX IF NOT EXISTS deviations_by_subject \
     ON deviations (connection, subject, last_seen DESC, id)",
    "CREATE INDEX IF NOT EXISTS deviations_by_fingerprint \
     ON deviations (connection, fingerprint, last_seen DESC, id)",
    "CREATE TABLE IF NOT EXISTS scopes (
    connection TEXT NOT NULL,
    kind TEXT NOT NULL,
    side TEXT NOT NULL,        -- left, right
    scope TEXT NOT NULL,       -- what was asked for when the latest complete snapshot was taken
    PRIMARY KEY (connection, kind, side)
)",
    "CREATE TABLE IF NOT EXISTS approvals (
    connection TEXT NOT NULL,
    digest TEXT NOT NULL,      -- of the plan that may be applied although a guard stopped it
    kind TEXT NOT NULL,
    approved_at TEXT NOT NULL,
    approved_by TEXT,
    value TEXT NOT NULL,       -- the whole approval as JSON
    PRIMARY KEY (connection, digest)
)",
    "CREATE TABLE IF NOT EXISTS leases (
    connection TEXT NOT NULL,
    name TEXT NOT NULL,        -- what may be worked on
    holder TEXT NOT NULL,      -- who works
    fence BIGINT NOT NULL,     -- higher with each taking
    held_until TEXT NOT NULL,  -- at this moment it has run out
    value TEXT NOT NULL,       -- the whole lease as JSON
    PRIMARY KEY (connection, name)
)",
];
