//! Version 2: schedules, touched records and runs; all links of a record.

pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS schedules (
    connection TEXT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL, -- counts the changes of the row
    next_due TEXT,           -- when the next run is due
    last_started TEXT,       -- when a run began last
    last_finished TEXT,      -- when a run ended last, however it ended
    paused_since TEXT,       -- nothing runs until somebody resumes it; empty if it is not paused
    paused_because TEXT,     -- credentials, by-hand
    paused_by TEXT,
    value TEXT NOT NULL,     -- the whole state as JSON
    PRIMARY KEY (connection, kind)
)",
    "CREATE TABLE IF NOT EXISTS touches (
    connection TEXT NOT NULL,
    kind TEXT NOT NULL,
    side TEXT NOT NULL,       -- left, right
    record_key TEXT NOT NULL, -- the record that somebody says has changed
    touched_at TEXT NOT NULL, -- when, the last time
    times BIGINT NOT NULL,    -- how often since it was seen to the last time
    PRIMARY KEY (connection, kind, side, record_key)
)",
    "CREATE TABLE IF NOT EXISTS runs (
    connection TEXT NOT NULL,
    id TEXT NOT NULL,          -- events and deviations name it
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,       -- schedule, touch, by-hand
    asked_by TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,          -- empty while it runs, or if its process died
    outcome TEXT NOT NULL,     -- running, finished, quarantined, failed, cancelled, interrupted
    planned BIGINT NOT NULL,   -- operations that were planned
    done BIGINT NOT NULL,      -- of which so many were carried out
    created BIGINT NOT NULL,   -- records, on both sides
    updated BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    stale BIGINT NOT NULL,     -- left to the next run, since something changed meanwhile
    failed BIGINT NOT NULL,    -- each has a deviation
    findings BIGINT NOT NULL,  -- what waits for a person to decide
    recovered BIGINT NOT NULL, -- writes of earlier runs whose outcome was found out
    doubles BIGINT NOT NULL,   -- records that were created twice: each has a deviation
    value TEXT NOT NULL,       -- the whole run as JSON
    PRIMARY KEY (connection, id)
)",
    "CREATE INDEX IF NOT EXISTS runs_by_start ON runs (connection, started_at DESC, id)",
    "CREATE INDEX IF NOT EXISTS runs_of_kind ON runs (connection, kind, started_at DESC, id)",
    "CREATE INDEX IF NOT EXISTS links_of_left ON links (connection, left_key, id)",
    "CREATE INDEX IF NOT EXISTS links_of_right ON links (connection, right_key, id)",
    "CREATE INDEX IF NOT EXISTS intents_of_link ON intents (connection, link, operation)",
];
