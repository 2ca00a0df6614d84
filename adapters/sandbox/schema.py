"""Which tables do a sandbox registrar's books have? Those that the proof reads.

The names and columns are a public interface: the proof and the tests read them with plain SQL while the server runs.
Every `…_at` is RFC 3339 text in UTC with milliseconds, so that texts sort as times do. Amounts are whole numbers of the
account's unit: minor units of a currency, or hundredths of an IRNIC unit.
"""

TABLES = """
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    registrar_name TEXT NOT NULL,
    client_id TEXT NOT NULL,            -- the reseller whose deposit and charges these are
    balance INTEGER NOT NULL,
    unit TEXT NOT NULL
);
CREATE TABLE charges (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    client_transaction_id TEXT NOT NULL,
    command TEXT NOT NULL,              -- register, renew, transfer, restore
    name TEXT NOT NULL,                 -- A-label
    months INTEGER NOT NULL,
    amount INTEGER NOT NULL,            -- negative: given back
    unit TEXT NOT NULL,
    refund_of INTEGER REFERENCES charges (id)
);
CREATE UNIQUE INDEX refunded_once ON charges (refund_of);
CREATE TABLE domains (
    name TEXT PRIMARY KEY,
    roid TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    updated_at TEXT,
    transferred_at TEXT,
    statuses TEXT NOT NULL,             -- JSON list
    contacts TEXT NOT NULL,             -- JSON list of [role, id]
    nameservers TEXT NOT NULL,          -- JSON list of [host, [address, ...]]
    auth_info TEXT NOT NULL,
    detail TEXT NOT NULL                -- JSON object: what one registry alone keeps
);
CREATE TABLE roids (number INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE before_change (            -- each name's state before its last change, for a look that lags behind
    name TEXT PRIMARY KEY,
    changed_at TEXT NOT NULL,
    domain TEXT                         -- JSON object of the row as it was; NULL where there was none
);
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    roid TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    card TEXT NOT NULL                  -- JSON object
);
CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    roid TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    addresses TEXT NOT NULL             -- JSON list
);
CREATE TABLE operations (               -- what was accepted and is decided later
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    command TEXT NOT NULL,              -- register, renew, transfer, ...
    months INTEGER NOT NULL,
    client_id TEXT NOT NULL,            -- who asked
    client_transaction_id TEXT NOT NULL,
    server_transaction_id TEXT NOT NULL,
    charge_id INTEGER REFERENCES charges (id),
    opened_at TEXT NOT NULL,
    due_at TEXT,                        -- when the next verdict falls; NULL when none is to come
    every_seconds REAL NOT NULL,        -- from one verdict to the next
    verdicts TEXT NOT NULL,             -- JSON list of those still to come
    state TEXT NOT NULL,                -- pending, or what it came to, in the registry's own word
    decided_at TEXT,
    detail TEXT NOT NULL                -- JSON object: what one registry alone keeps
);
CREATE INDEX operations_of_a_name ON operations (name, id);
CREATE INDEX operations_due ON operations (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL,            -- to whom
    queued_at TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    body TEXT NOT NULL,                 -- JSON object
    acknowledged_at TEXT
);
CREATE INDEX messages_waiting ON messages (client_id, id) WHERE acknowledged_at IS NULL;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    session TEXT NOT NULL,
    command TEXT NOT NULL,
    name TEXT,                          -- of several names, the first
    client_transaction_id TEXT,
    result_code INTEGER                 -- NULL where none was answered
);
CREATE INDEX journal_transactions ON journal (client_transaction_id);
CREATE TABLE misbehaviours (
    id INTEGER PRIMARY KEY,
    command TEXT,                       -- NULL: any
    name TEXT,                          -- NULL: any
    number INTEGER,                     -- NULL: any
    behaviour TEXT NOT NULL,
    argument TEXT NOT NULL,
    times INTEGER NOT NULL              -- still to come
);
"""
