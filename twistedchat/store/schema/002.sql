-- People with accounts, what they may, and what is found by its words.

-- "temporary" is gone when it is empty, and at the next start. "opened" is the head when it was
-- last opened to everybody, "expired" the last seq that has been forgotten.
ALTER TABLE room ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE room ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;

-- What people are in a room; "number" grows, so the oldest op is known.
CREATE TABLE role (
    number INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    person TEXT NOT NULL,
    role   TEXT NOT NULL,
    UNIQUE (stream, person)
);
CREATE INDEX role_person ON role (person);

-- Who is let into a private room, and after which seq they may read.
CREATE TABLE admitted (
    stream TEXT NOT NULL,
    person TEXT NOT NULL,
    since  INTEGER NOT NULL,
    PRIMARY KEY (stream, person)
) WITHOUT ROWID;
CREATE INDEX admitted_person ON admitted (person);

-- Bans and mutes of rooms, and with the stream '' of the server; "name" is case folded.
CREATE TABLE sanction (
    stream   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    until    INTEGER NOT NULL,
    sanction TEXT NOT NULL,
    PRIMARY KEY (stream, kind, name)
) WITHOUT ROWID;

-- "seen" is the last id that its person was told of.
CREATE TABLE account (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    hash  TEXT NOT NULL,
    made  INTEGER NOT NULL,
    admin INTEGER NOT NULL DEFAULT 0,
    seen  INTEGER NOT NULL DEFAULT 0,
    prefs TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;

-- What a guest or an account can come back with; of the secret only its hash is here. "here" is
-- the session that came with it, '' when that is over.
CREATE TABLE secret (
    hash   TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    nick   TEXT NOT NULL,
    seen   INTEGER NOT NULL,
    here   TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX secret_person ON secret (person);
INSERT INTO secret SELECT secret_hash, id, nick, seen, CASE WHEN here THEN id ELSE '' END FROM guest;
DROP TABLE guest;

-- Acts of moderation. Nothing is ever changed in it, or taken out.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,
    event  TEXT NOT NULL
);

-- Private messages that an account has not been told of.
CREATE TABLE mail (
    person TEXT NOT NULL,
    id     INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    PRIMARY KEY (person, id)
) WITHOUT ROWID;

-- The place of a message, and those of its edits.
CREATE TABLE edit (
    original INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    PRIMARY KEY (original, place)
) WITHOUT ROWID;

-- The search index. It knows words and no texts; a row's number is its entry's id, and "found" says where
-- that is. "room" is an s and the number of the stream. What is taken out must be given as it was put in.
CREATE VIRTUAL TABLE words USING fts5(
    text, nick, room, content='', tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO words (words, rank) VALUES ('automerge', 0); -- it is merged in small steps of our own
CREATE TABLE found (
    id    INTEGER PRIMARY KEY,
    place INTEGER NOT NULL
);

-- Of each day (UTC, since 1970) the ids of the messages in the index lie between these.
CREATE TABLE day (
    day   INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL
);

-- Up to which seq a stream is in the index.
ALTER TABLE stream ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
