-- Beginnings of words are found as soon as whole words, and private conversations by either person.

-- The search index knows how words begin, two letters of them; so it is made anew, in small steps while nobody talks.
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5(
    text, nick, room, content='', prefix='2', tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
DELETE FROM found;
DELETE FROM day;
UPDATE stream SET indexed = 0;

-- The second person of a private conversation, "direct:" and the two ids with a | between; the first one is found by
-- the name itself.
CREATE INDEX stream_second ON stream (substr(name, instr(name, '|') + 1)) WHERE name GLOB 'direct:*';
