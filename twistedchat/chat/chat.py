"""The chat: what is asked for is proposed to the log, and what the log has settled becomes the state."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from twistedchat.chat.access import Access
from twistedchat.chat.acts import Dropped, Opened, Reloaded
from twistedchat.chat.archive import Archive
from twistedchat.chat.conversations import stream_of
from twistedchat.chat.errors import ChatError, NoRoom, NotInRoom, SlowDown, TooMany
from twistedchat.chat.events import Direct, Emoted, Joined, Left, Proposal, Said, TopicSet
from twistedchat.chat.fold import Fold
from twistedchat.chat.moderation import Moderation
from twistedchat.chat.people import People
from twistedchat.chat.registrar import Registrar
from twistedchat.chat.reread import no_settings
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room, Rooms, room_claims
from twistedchat.chat.text import message, room_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.door import Door
    from twistedchat.chat.events import Entry, Event, Ref, Settled
    from twistedchat.chat.log import Log
    from twistedchat.chat.passwords import Passwords
    from twistedchat.chat.reread import Reread, Rereading
    from twistedchat.chat.session import Person, Session

ROOMS_MOST = 20
"""How many rooms one session may be in."""
FOREVER = 1 << 62
_REPLACED = "replaced", "You have come in by another connection."


class Chat:
    """Rooms, the people in them, and the log that decides the order of what they do.

    Everything that changes the chat goes through `settle`; whatever else there is
    here only proposes. `at` is always the time in milliseconds since 1970. Whether one may
    is asked of `access`; what has to do with accounts is in `accounts`, what is done to
    others in `moderation`, and what was said before in `archive`. What was said is kept for
    `keep` ms at most, 0 for ever.
    """

    def __init__(  # noqa: PLR0913 - the last six are what a server's owner decides
        self,
        log: Log,
        passwords: Passwords,
        *,
        lobby: str,
        text_most: int,
        new_id: Callable[[], str],
        guests: str = "talk",
        register: bool = True,
        keep: int = 0,
        reread: Rereading | None = None,
    ) -> None:
        self.log = log
        self.doors: list[Door] = []
        self.epoch = ""
        self.rooms = Rooms()
        self.access = Access(guests)
        self.people = People(log, new_id, self._replace, self.access.check_server)
        self._reread = reread or no_settings(guests)
        self.accounts = Registrar(self.people, log, passwords, new_id, is_open=register)
        self.moderation = Moderation(self.people, self.rooms, self.access, log, lobby)
        self.archive = Archive(self.people, self.rooms, self.access, log, text_most)
        self._fold = Fold(self.people, self.rooms, self.access, self.doors, lobby)
        self._lobby = lobby
        self._text_most = text_most
        self._keep = keep
        self._new_id = new_id

    def start(self, at: int) -> None:
        """Take up where the log was left, and make the lobby where there is none yet."""
        remembered = self.log.start(self.settle, at)
        self.epoch = remembered.epoch
        for known in remembered.rooms:
            self.rooms.add(Room.known(known))
        self.people.remember(remembered.accounts, remembered.guests)
        self.people.seen = remembered.last_id
        self._fold.serverwide.motd = remembered.motd
        for each in remembered.sanctions:
            where = self.rooms.by_id.get(each.stream) if each.stream else self.access
            if where is not None:
                (where.bans if each.kind == "ban" else where.mutes).add(each.sanction)
        if self.rooms.find(self._lobby) is None:
            self.log.append(
                Proposal(Opened("", self._lobby), self._new_id(), "", at, claims=room_claims(self._lobby))
            )

    def tick(self, at: int) -> None:
        """Let go of what has been kept long enough."""
        self.people.tick(at)
        self.accounts.attempts.tick(at)
        for room in self.rooms.by_id.values():
            room.forget_spoken(at)

    async def retain(self, at: int) -> None:
        """Forget what its room keeps no longer, and all of the rooms that are no more."""
        for room in list(self.rooms):
            kept = [each for each in (room.settings.keep, self._keep) if each]
            if kept:
                before = at - max(0, min(kept))
                room.expired = max(room.expired, await self.log.prune(room.id, before))
        while self._fold.gone:
            await self.log.prune(self._fold.gone.pop(), FOREVER)

    async def reload(self, nick: str, by: str, at: int) -> Reread:
        """Have the settings of the server read again, and go by them; raise `BadSettings` where they are wrong."""
        reread = self._reread()
        await self.log.place(Proposal(Reloaded(nick, reread.changed, reread.guests), "", by, at))
        reread.apply()
        return reread

    def adopt(self, *, register: bool, keep: int) -> None:
        """Go by these settings from here on; what guests may follows from the event."""
        self.accounts.is_open = register
        self._keep = keep

    @property
    def motd(self) -> str:
        """What everybody who comes in is told, "" for nothing."""
        return self._fold.serverwide.motd

    @property
    def lobby(self) -> Room:
        """The room where everybody starts."""
        return self.rooms.named(self._lobby)

    # --- rooms --------------------------------------------------------------------------------

    async def enter(self, session: Session, name: str, at: int, key: str = "") -> Room:
        """Bring the session into the room of that name, which is made if there is none."""
        name = room_name(name)
        room = self.rooms.find(name) or await self._make_room(session, name, at)
        try:
            await self.join(session, room, at, key)
        finally:
            self._drop_if_empty(room)
        return room

    async def _make_room(self, session: Session, name: str, at: int) -> Room:
        self.access.require(session.person, None, Permission.MAKE_ROOMS)
        self.rooms.check_new(name, session.person)
        opened = Opened(session.nick, name, session.by, temporary=session.person.account is None)
        with suppress(NoRoom):  # somebody else has made it meanwhile
            await self.log.place(Proposal(opened, self._new_id(), session.by, at, claims=room_claims(name)))
        return self.rooms.named(name)

    async def join(self, session: Session, room: Room, at: int, key: str = "") -> None:
        """Bring the session into the room; to be in it already is no error."""
        if key and room.settings.key and not self.access.is_let_in(session, room):
            right = key == room.settings.key
            wait = self.accounts.attempts.guess(f"key of {room.id}", session.address, at, right=right)
            if wait:
                raise SlowDown(f"Too many wrong keys. Try again in {wait} s.")
        self.access.check_join(session, room, at, key)
        if room.id not in session.rooms:
            if len(session.rooms) >= ROOMS_MOST:
                raise TooMany(f"You are in {ROOMS_MOST} rooms already; leave one.")
            session.key = key
            joined = Joined(session.nick, session.id)
            await self.log.place(Proposal(joined, room.id, session.by, at, asker=session))
            if room.id not in self.rooms.by_id:
                raise NoRoom(f"{room.name} is gone just now. Try again.")
            if room.id not in session.rooms:
                raise NotInRoom(f"You were put out of {room.name} at once.")
        session.active = room

    async def part(self, session: Session, room: Room, at: int, why: str = "") -> None:
        """Take the session out of the room."""
        self._require_in(session, room)
        why = "" if self.access.is_mute(session, room, at) else why
        stays = any(other.id in room.members for other in session.person.sessions if other is not session)
        left = Left(session.nick, session.id, why, stays=stays)
        await self.log.place(Proposal(left, room.id, session.by, at, asker=session))

    async def set_topic(self, session: Session, room: Room, topic: str, at: int) -> None:
        """Give the room another topic; "" takes it away."""
        self._require_in(session, room)
        self.access.require(session.person, room, Permission.SET_TOPIC)
        self.access.check_words(session, room, at)
        await self.log.place(Proposal(TopicSet(session.nick, topic), room.id, session.by, at))

    # --- talking: never waits, and is answered when it has settled -------------------------

    def say(self, session: Session, room: Room, text: str, at: int, cid: str = "", ref: Ref | None = None) -> None:
        """Say something in a room that one is in."""
        self._propose(session, room, Said(session.nick, message(text, self._text_most)), at, cid, ref)

    def emote(self, session: Session, room: Room, text: str, at: int, cid: str = "", ref: Ref | None = None) -> None:
        """Do something in a room that one is in."""
        self._propose(session, room, Emoted(session.nick, message(text, self._text_most)), at, cid, ref)

    def direct(self, session: Session, to: Person, text: str, at: int, cid: str = "", ref: Ref | None = None) -> None:
        """Say something to one person only; an account that is away is told of it when it comes."""
        event = Direct(session.nick, to.nick, message(text, self._text_most))
        stream = stream_of(session.person, to)
        try:
            self.access.check_whisper(session, at)
        except ChatError as error:
            self._refuse(error, session, event, stream, at, cid, ref)
        else:
            self._append(session, event, stream, at, cid, ref)

    def _propose(self, session: Session, room: Room, event: Event, at: int, cid: str, ref: Ref | None) -> None:
        try:
            if room.id not in session.rooms:
                self._require_in(session, room)
            self.access.check_talk(session, room, at)
        except ChatError as error:
            self._refuse(error, session, event, room.id, at, cid, ref)
            return
        session.unsettled += 1
        self.log.append(Proposal(event, room.id, session.by, at, cid, (), (), session, ref))

    def _append(
        self,
        session: Session,
        event: Event,
        stream: str,
        at: int,
        cid: str,
        ref: Ref | None,
        refusal: ChatError | None = None,
    ) -> None:
        session.unsettled += 1
        self.log.append(Proposal(event, stream, session.by, at, cid, (), (), session, ref, refusal))

    def _refuse(
        self, error: ChatError, session: Session, event: Event, stream: str, at: int, cid: str, ref: Ref | None
    ) -> None:
        """Refuse a message; where it has a `cid` the log does, for what was stored before is never refused."""
        if not cid:
            raise error
        self._append(session, event, stream, at, cid, ref, error)

    def _require_in(self, session: Session, room: Room) -> None:
        if room.id not in session.rooms:
            raise NotInRoom(f"You are not in {room.name}.")

    # --- what has been settled ------------------------------------------------------------------

    def settle(self, batch: Sequence[Settled]) -> None:
        """Fold one committed batch into the state and have the doors tell it."""
        news = self._fold.apply(batch)
        for door in self.doors:
            door.broadcast(news)
        self._fold.dismiss()
        while self._fold.corrections:
            self.log.append(self._fold.corrections.pop())
        for room in news.rooms:
            self._drop_if_empty(room)

    def _drop_if_empty(self, room: Room) -> None:
        """Have a guest's room gone when nobody is in it."""
        if room.temporary and not room.members and room.id in self.rooms.by_id:
            dropped = Dropped("", empty=True)
            self.log.append(Proposal(dropped, room.id, "", 0, releases=room_claims(room.name)))

    def _replace(self, session: Session) -> None:
        for door in self.doors:
            door.dismiss(session, *_REPLACED)

    # --- reading ----------------------------------------------------------------------------------

    async def read(self, session: Session, room: Room, after: int, limit: int, at: int) -> Sequence[Entry]:
        """Return what follows `after` in the room, as far as it has settled and may be read, `limit` at most."""
        return await self.archive.read(session, room, after, limit, at)
