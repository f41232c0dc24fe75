"""A daemon with people at its doors whose every byte is held against the model of who may see what."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.chat.model import Model
from tests.helpers import LOOPBACK, Clockwork
from twistedchat.chat.door import Door
from twistedchat.chat.events import Arrived, Entry
from twistedchat.chat.rate import Bucket
from twistedchat.doors.terms import Terms
from twistedchat.store.claim import new_claim
from twistedchat.store.files import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from twistedchat.chat.door import News
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.session import Session

TERMS = Terms("bee", burst=0)
FOUND_MOST = 50
HEARD: Counter[str] = Counter()
"""How many words have come, in all and in which ways."""
WORD = re.compile(r"\bw\d+x\b")
"""What every message has one of, and no two the same."""


def words(text: str) -> set[str]:
    """Return such words in a text."""
    return set(WORD.findall(text))


class Notary(Door):
    """A door at which nobody is: it has the model know of everything, and notes what may be told from then on."""

    def __init__(self, house: House) -> None:
        self._house = house

    def broadcast(self, news: News) -> None:
        house = self._house
        for _, entry in news.settled:
            if isinstance(entry, Entry) and isinstance(entry.event, Arrived):
                session = house.works.chat.people.sessions[entry.event.session]
                house.model.addresses[session.id] = session.address if session.network else ""
        house.model.at = house.works.now()
        house.model.batch(news.settled)
        house.note()

    def prefer(self, session: Session, prefs: Prefs) -> None: ...

    def dismiss(self, session: Session, code: str, text: str) -> None: ...


class Peer:
    """Somebody with a connection: a person or a program, who says what they are called when they come."""

    def __init__(self, house: House, nick: str, host: str, *, program: bool) -> None:
        self.house = house
        self.nick = nick
        self.program = program
        self.id = self.secret = ""
        self.typed: set[str] = set()
        self.unread: list[str] = []
        self.reads = True
        self.person = house.works.connect(host, tls=host != LOOPBACK)

    @property
    def session(self) -> Session | None:
        """Their session, where the model knows of it."""
        session = self.person.protocol.visit.session
        return session if session is not None and session.id in self.house.model.visits else None

    def comes_again(self, host: str) -> None:
        """Come by a new connection, now that all has been read that came by the other one."""
        self.reads_on()
        self.house.check()
        self.person = self.house.works.connect(host, tls=host != LOOPBACK)
        self.says_hello()

    def says_hello(self) -> None:
        """Say who they are, and show what they can to be that."""
        if not self.program:
            self.person.types(f"{self.nick} {self.house.passwords.get(self.nick, '')}".strip())
            return
        shown = {"token": self.house.passwords.get(self.nick, ""), "session": self.secret}
        self.person.asks(op="hello", nick=self.nick, **{name: value for name, value in shown.items() if value})
        for each in self.looks():
            self.secret = str(each.get("session", self.secret))
        self.person.asks(op="join", room="#lobby")

    def types(self, line: str) -> None:
        """Type a line; a program asks for the same."""
        self.typed |= words(line)
        if line.startswith("/register "):
            self.house.passwords.setdefault(self.nick, line.split()[1])
        op = {"op": "command", "line": line} if line.startswith("/") else {"op": "say", "text": line}
        self.asks(line, **op)

    def asks(self, line: str, /, **request: object) -> None:
        """Type a line, or as a program make a request."""
        if self.person.transport.disconnecting:
            return
        asked = json.dumps(request) if self.program else line
        if asked and self.house.at_once:
            self.person.protocol.dataReceived(f"{asked}\n".encode())
        elif asked:
            self.person.types(asked)

    def stops_reading(self) -> None:
        """Read nothing for a while."""
        if self.reads and not self.person.transport.disconnecting:
            self.person.stops_reading()
            self.reads = False

    def reads_on(self) -> None:
        """Read what has come meanwhile, as far as it still comes."""
        if not self.reads:
            self.reads = True
            if not self.person.transport.disconnecting:
                self.person.reads_again()
        self.looks()

    def looks(self) -> list[dict[str, object]]:
        """Return what a program has heard since it looked last; what anybody has heard is checked later."""
        heard = self.person.transport.value().decode()
        self.unread.append(heard)
        self.person.transport.clear()
        return [json.loads(line) for line in heard.splitlines() if line.startswith("{")]


class House:
    """A daemon, its model, and who is there; `check` is to be called after each step."""

    def __init__(self, folder: Path) -> None:
        self.works = Clockwork(folder, TERMS)
        self.model = Model(self.works.chat.lobby.id)
        self.works.chat.doors.insert(0, Notary(self))
        self.peers: dict[str, Peer] = {}
        self.may: dict[str, set[str]] = {}
        self.counted: dict[str, int] = {}
        self.passwords: dict[str, str] = {}
        self.said = 0
        self.at_once = False
        """Whether all that is asked for happens in one moment, when it is settled."""

    def new_text(self) -> str:
        """Return words that nobody has said before; "all" is in all of them."""
        self.said += 1
        return f"all w{self.said}x"

    def comes(self, nick: str, host: str = LOOPBACK, *, program: bool, member: bool) -> Peer:
        """Return somebody who has come, and has an account if they are a member."""
        peer = self.peers[nick] = Peer(self, nick, host, program=program)
        peer.says_hello()
        if member:
            peer.types(f"/register {nick}-secret")
        self.check()
        return peer

    def claims(self, peer: Peer) -> None:
        """Make somebody an admin."""
        peer.types(f"/claim {new_claim(self.works.folder / DATABASE, self.works.now())}")

    def passes(self, seconds: float) -> None:
        """Have time go by."""
        self.works.clock.advance(seconds)
        self.works.settle()
        self.model.at = self.works.now()

    def restarts(self) -> None:
        """Have the daemon end in the midst of it all and begin again; everybody comes back who can."""
        for peer in self.peers.values():
            peer.reads_on()
        self.check()
        old = self.works
        old.log.stop()
        secrets = {peer.session.by for peer in self.peers.values() if peer.session is not None and peer.secret}
        self.works = Clockwork(old.folder, TERMS)
        self.works.clock.advance(old.clock.seconds())
        self.works._ids = old._ids + 1000
        self.model.restart(secrets)
        self.works.chat.doors.insert(0, Notary(self))
        for peer in self.peers.values():
            peer.comes_again(LOOPBACK)
        self.check()
        HEARD["restarts"] += 1

    def ends(self) -> None:
        """Check once more, and end."""
        self.check()
        self.works.stop()

    # --- checking ---------------------------------------------------------------------------------

    def note(self) -> None:
        """Note what each may be shown now, beside what they could be shown before in this step."""
        for peer in self.peers.values():
            if peer.session is not None:
                peer.id, peer.nick = peer.session.id, peer.session.nick
                self.may.setdefault(peer.id, set()).update(*map(words, self._shown(peer.id)))

    def _shown(self, session: str) -> Iterator[str]:
        """Yield all that may be shown to a session: what it may read, was told, and was said to its person alone."""
        model = self.model
        for stream in model.places:
            yield from (line.text for line in model.readable(session, stream) or ())
        yield from self._told(session)
        person = model.visits[session].person
        yield from (letter.text for letter in model.letters if person in letter.persons)

    def _told(self, session: str) -> list[str]:
        """Return what a session was told in rooms in this step."""
        return [text for _, _, text in self.model.told.get(session, ())[self.counted.get(session, 0) :]]

    def check(self) -> None:
        """Check that the bytes of this step hold nothing that they may not, and all that was said live."""
        for peer in self.peers.values():
            heard = self.heard(peer)
            leaked = heard - self.may.get(peer.id, set()) - peer.typed
            assert not leaked, f"{peer.nick} was shown {leaked}"
            if not peer.reads:
                continue  # what comes later may be what they could be shown by now
            if peer.session is not None:
                missing = set().union(*map(words, self._told(peer.id))) - heard - peer.typed
                assert not missing, f"{peer.nick} was not told {missing}"
            peer.typed.clear()
            self.counted[peer.id] = len(self.model.told.get(peer.id, ()))
            self.may.pop(peer.id, None)
        self.note()

    def heard(self, peer: Peer) -> set[str]:
        """Return the words in all that a peer's connections have brought since last time."""
        peer.looks()
        found = words("".join(peer.unread))
        HEARD["words"] += len(found)
        peer.unread.clear()
        peer.person.notice_the_end()
        return found

    def look_back(self, peer: Peer, number: int) -> None:
        """Check what somebody is shown when they ask for history, search, and come again from some point on."""
        self.check()
        if not peer.reads:
            return
        for stream, place in list(self.model.places.items()):
            lines = [] if peer.session is None else self.model.readable(peer.id, stream) or []
            peer.asks(f"/history 200 {place.name}", op="history", room=place.name, limit=200)
            self._is_shown(peer, "history", (line.text for line in lines[-200:]))
            head = self.works.chat.rooms.by_id[stream].head
            peer.asks(f"/history 4 {place.name}", op="history", room=place.name, limit=4)
            self._is_shown(peer, "history", (line.text for line in lines if line.seq > head - 4))
            if peer.program and peer.session is not None and stream in peer.session.rooms:
                after = number % (lines[-1].seq + 1) if lines else 0
                peer.asks("", op="join", room=place.name, after=after)
                self._is_shown(peer, "resume", (line.text for line in lines if line.seq > after))
        if peer.program and peer.session is not None:
            other = sorted(self.model.visits.values())[number % len(self.model.visits)]
            peer.asks("", op="history", **{"with": other.nick})
            self._is_shown(peer, "conversation", self.model.between(peer.id, other.person)[-FOUND_MOST:])
        if peer.session is not None and peer.session.person.account is not None:
            peer.session.person._searches = Bucket(2, 0, 0)
            peer.asks("/search all", op="search", text="all")
            self._is_shown(peer, "search", (text for _, text in self.model.findable(peer.id)[-FOUND_MOST:]))
            other = sorted(self.model.visits.values())[number % len(self.model.visits)]
            peer.asks(f"/search all in:{other.nick}", op="search", text=f"all in:{other.nick}")
            self._is_shown(peer, "search alone", self.model.between(peer.id, other.person, "all")[-FOUND_MOST:])

    def _is_shown(self, peer: Peer, how: str, texts: Iterable[str]) -> None:
        expected, found = set().union(*map(words, texts)), self.heard(peer)
        assert found == expected, f"{peer.nick}, {how}: {found - expected} too much, {expected - found} too little"
        HEARD[how] += len(found)
