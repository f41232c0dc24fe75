"""What everybody is shown, in every way that there is, held against what the model says they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.stage import HAPPENED, Stage, text_of
from tests.chat.world import Errand
from twistedchat.chat.errors import Banned, NotAllowed, NotInRoom
from twistedchat.chat.rate import Bucket
from twistedchat.chat.replies import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chat.places import Line
    from twistedchat.chat.events import Entry
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

ALL = 1 << 30
FOUND_MOST = 50
INVITATION = "You may come into #"
"""How a private message begins that nobody has written: an invitation of somebody who is not here."""


def check_everything(stage: Stage, number: int) -> None:
    """Check every view of everybody; `number` chooses from where somebody resumes."""
    model, chat = stage.model, stage.world.chat
    assert {room.id: room.name for room in chat.rooms} == {id_: place.name for id_, place in model.places.items()}
    assert chat.people.sessions.keys() == model.visits.keys()
    for id_, told in model.told.items():  # who is gone by now as well
        assert sorted(stage.watch.told.get(id_, ())) == sorted(told), f"{id_} was told something else"
    for letter in model.letters:
        if not letter.text.startswith(INVITATION):
            assert letter.persons == stage.sent[letter.text], f"{letter.text} went to somebody else"
    for session in chat.people.sessions.values():
        check_live(stage, session)
        for room in chat.rooms:
            check_room(stage, session, room, number)
        check_search(stage, session, number)
        check_listed(stage, session, number)


def check_live(stage: Stage, session: Session) -> None:
    """Check where somebody is, and what they have been told, in rooms and alone."""
    model, watch = stage.model, stage.watch
    inside = {id_ for id_, place in model.places.items() if session.id in place.inside}
    assert session.rooms.keys() == inside, _who(session, "is not where they may be")
    whispered = watch.whispered.get(session.id, [])
    assert whispered == model.whispered[session.id], _who(session, "was told somebody's private words")
    HAPPENED["told alone"] += len(whispered)
    mail = [text_of(each) for each in Errand(stage.world.chat.archive.mail(session)).result()]
    assert mail == (model.mail(session.by) if session.by in model.made else []), _who(session, "got other mail")


def check_room(stage: Stage, session: Session, room: Room, number: int) -> None:
    """Check what somebody reads of a room: whole, its last lines, and from some point on."""
    lines = stage.model.readable(session.id, room.id)
    kept = stage.model.places[room.id].lines
    HAPPENED["forbidden"] += len(kept) - len(lines or ())
    HAPPENED["read"] += len(lines or ())
    assert _read(stage, session, room, 0, ALL) == _shown(lines), _who(session, f"reads something else in {room.name}")
    if lines is None:
        return
    HAPPENED["read in part"] += 0 < len(lines) < len(kept)
    assert [line.seq for line in lines] == list(range(room.head - len(lines) + 1, room.head + 1))
    after = number % (room.head + 1)
    rest = [line for line in lines if line.seq > after][:5]
    assert _read(stage, session, room, after, 5) == _shown(rest), _who(session, f"resumes elsewhere in {room.name}")
    last = Errand(stage.world.chat.archive.last(session, room, 3, stage.world.at)).result()
    assert _entries(last) == _shown([line for line in lines if line.seq > room.head - 3])


def check_search(stage: Stage, session: Session, number: int) -> None:
    """Check what somebody finds: by its last words what they may read or were told alone, and nothing else."""
    session.person._searches = Bucket(2, 0, 0)
    found = Errand(stage.world.chat.archive.search(session, ("all",), stage.world.at)).result()
    expected = stage.model.findable(session.id)[-FOUND_MOST:]
    assert [(name, text_of(entry)) for name, entry in found] == expected, _who(session, "finds something else")
    HAPPENED["found"] += len(found)
    nick, other = stage.somebody(number)
    partner = stage.world.chat.people.named(nick)
    alone = Errand(stage.world.chat.archive.search(session, ("all",), stage.world.at, where=partner)).result()
    letters = stage.model.between(session.id, other, "all")[-FOUND_MOST:]
    assert [(name, text_of(entry)) for name, entry in alone] == [("", text) for text in letters]
    HAPPENED["found alone"] += len(alone)


def check_listed(stage: Stage, session: Session, number: int) -> None:
    """Check that a private room is nowhere named to who is not in it, nor who is in it."""
    model, chat = stage.model, stage.world.chat
    seen = [place.name for place in model.places.values() if not place.private or model.is_inside(session.by, place)]
    listed = _lines(stage, session, "/rooms")
    assert sorted(line.split()[0] for line in listed) == sorted(seen), _who(
        session, f"is shown other rooms: {listed}"
    )
    nick, _ = stage.somebody(number)
    named = " ".join(_lines(stage, session, f"/whois {nick}"))
    for room in chat.rooms:
        assert room.name in seen or f"{room.name}," not in f"{named},".replace(".", ","), _who(session, named)
        if room.name not in seen:
            with pytest.raises((NotInRoom, Banned)):
                _lines(stage, session, f"/who {room.name}")


def _lines(stage: Stage, session: Session, line: str) -> tuple[str, ...]:
    told = Errand(stage.typed(session, line)).result()
    assert isinstance(told, Told)
    return () if told.lines == ("There is no such room.",) else told.lines


def _read(stage: Stage, session: Session, room: Room, after: int, limit: int) -> list[tuple[int, str]] | None:
    try:
        return _entries(Errand(stage.world.chat.archive.read(session, room, after, limit, stage.world.at)).result())
    except (NotAllowed, NotInRoom):
        return None


def _entries(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    return [(each.seq, text_of(each)) for each in entries]


def _shown(lines: Sequence[Line] | None) -> list[tuple[int, str]] | None:
    return None if lines is None else [(line.seq, line.text) for line in lines]


def _who(session: Session, what: str) -> str:
    return f"{session.nick} ({session.by}, {session.id}) {what}"
