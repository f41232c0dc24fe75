-- The first schema. A script runs in one transaction, which the caller begins and ends.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A room or a private conversation. "head" is the last seq that was given: never MAX(seq),
-- which would go back when old entries are dropped. "at" is the time last shown in it.
CREATE TABLE stream (
    num  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head INTEGER NOT NULL DEFAULT 0,
    at   INTEGER NOT NULL DEFAULT 0
);

-- What is kept. One B-tree serves the order, the uniqueness of seq and the reading of a
-- stream: place = stream.num << 40 | seq.
CREATE TABLE entry (
    place INTEGER PRIMARY KEY,
    id    INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    by    TEXT NOT NULL,
    cid   TEXT,
    event TEXT NOT NULL
);
CREATE UNIQUE INDEX entry_cid ON entry (by, cid) WHERE cid IS NOT NULL;

CREATE TABLE room (
    stream TEXT PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    topic  TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Who can come back with a secret. Of the secret only its hash is here.
CREATE TABLE guest (
    id          TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    nick        TEXT NOT NULL,
    seen        INTEGER NOT NULL,
    here        INTEGER NOT NULL
) WITHOUT ROWID;
