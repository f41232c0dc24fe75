-- What a member has heard of a room, up to and with which seq, who went while they were in it.
CREATE TABLE heard (
    stream TEXT NOT NULL,
    person TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (stream, person)
) WITHOUT ROWID;
