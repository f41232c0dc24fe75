"""A log that is only lists, and passwords that are no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from twistedchat.chat.acts import Claimed, Dropped, LoggedIn, LoggedOut, PasswordSet, Registered
from twistedchat.chat.conversations import DIRECT, persons_of
from twistedchat.chat.errors import BadLogin, ChatError, NickTaken, NoRoom, NotAllowed
from twistedchat.chat.events import Deleted, Direct, Edited, Emoted, Entry, Joined, Proposal, Removed, Repeated, Said
from twistedchat.chat.names import claims
from twistedchat.chat.passwords import Passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from twistedchat.chat.events import Event, Outcome
    from twistedchat.chat.log import OnBatch, Remembered, Search

ROOM = "room:"


class OpenPasswords(Passwords):
    """Passwords that are kept as they are; `busy`, where it is set, refuses, and `meanwhile` is done before each."""

    busy: ChatError | None = None
    meanwhile: Callable[[], None] | None = None

    async def hash(self, password: str) -> str:
        self._look_up()
        return f"hash of {password}"

    async def verify(self, hashed: str, password: str) -> bool:
        self._look_up()
        return hashed == f"hash of {password}"

    def _look_up(self) -> None:
        if self.busy is not None:
            raise self.busy
        if self.meanwhile is not None:
            self.meanwhile()


class Placing:
    """What `place` gives to wait for."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    def __await__(self) -> Generator[None, None, Entry]:
        while self.outcome is None:
            yield
        if isinstance(self.outcome, ChatError):
            raise self.outcome
        assert isinstance(self.outcome, Entry)
        return self.outcome


class MemoryLog:
    """A log that commits when it is told to; `refusal`, where there is one, refuses the next batch.

    `code` hashes to the one-time code, where there is one; with "" every code is right.
    `meanwhile` is done while somebody waits for what was looked for.
    """

    crowded = False

    def __init__(self, remembered: Remembered) -> None:
        self.remembered = remembered
        self.entries: list[Entry] = []
        self.waiting: list[Proposal] = []
        self.acts: list[Entry] = []
        self.claims: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.pruned: list[tuple[str, int]] = []
        self.refusal: ChatError | None = None
        self.code = ""
        self.meanwhile: Callable[[], None] | None = None
        self._heads: dict[str, int] = {}
        self._last_id = 0
        self._placings: dict[int, Placing] = {}

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        self._on_batch, self._at = on_batch, at
        return self.remembered

    async def stop(self) -> None:
        self.commit()

    def append(self, proposal: Proposal) -> None:
        self.waiting.append(proposal)

    def place(self, proposal: Proposal) -> Placing:
        placing = self._placings[id(proposal)] = Placing()
        self.append(proposal)
        return placing

    # --- reading --------------------------------------------------------------------------------

    async def read(self, stream: str, after: int, upto: int, limit: int) -> Sequence[Entry]:
        return [each for each in self.entries if each.stream == stream and after < each.seq <= upto][:limit]

    async def head(self, stream: str) -> int:
        return self._heads.get(stream, 0)

    async def search(self, search: Search) -> Sequence[Entry]:
        """Find whole words of messages as they were edited last; the answer takes its time."""
        found = [
            each
            for each in reversed(self._edited())
            if each.stream in search.where
            and each.seq > search.where[each.stream]
            and search.after <= each.at < search.before
            and search.nick.casefold() in {"", each.event.nick.casefold()}
            and set(search.words) <= set(getattr(each.event, "text", "").split())
        ]
        if self.meanwhile is not None:
            self.meanwhile()
        return found[: search.limit]

    def _edited(self) -> list[Entry]:
        """Return the messages as they were edited last."""
        edits = {(each.stream, each.event.of): each for each in self.entries if isinstance(each.event, Edited)}
        found = []
        for each in self.entries:
            edit = edits.get((each.stream, each.seq))
            text = edit.event.text if edit is not None and isinstance(edit.event, Edited) else ""
            if isinstance(each.event, Said | Emoted | Direct):
                found.append(structs.replace(each, event=structs.replace(each.event, text=text)) if text else each)
        return found

    async def mail(self, person: str) -> Sequence[Entry]:
        mine = (each for each in self.entries if each.by != person and isinstance(each.event, Direct))
        return [each for each in mine if person in persons_of(each.stream)]

    async def conversations(self, person: str) -> Sequence[str]:  # noqa: ARG002 - see there
        """Return too much, as a log that is wrong would: all there are, for it is not the log that decides."""
        return [stream for stream in self._heads if stream.startswith(DIRECT)]

    async def audit(self, limit: int) -> Sequence[Entry]:
        return self.acts[-limit:]

    async def person(self, secret_hash: str) -> str:
        return self.secrets.get(secret_hash, "")

    async def password(self, account: str) -> str:
        return self.passwords.get(account, "")

    async def prune(self, stream: str, before: int) -> int:
        self.pruned.append((stream, before))
        gone = [each for each in self.entries if each.stream == stream and each.at < before]
        self.entries = [each for each in self.entries if each not in gone]
        return max((each.seq for each in gone), default=0)

    async def backup(self, at: int) -> str:
        return f"a copy of {len(self.entries)} entries at {at}"

    # --- committing -------------------------------------------------------------------------------

    def commit(self) -> None:
        """Give everything that waits its place, report it, and answer whoever waits for it."""
        batch, self.waiting = self.waiting, []
        settled = [(proposal, self.refusal or self._outcome(proposal, batch)) for proposal in batch]
        self.refusal = None
        self._on_batch(settled)
        for proposal, outcome in settled:
            if id(proposal) in self._placings:
                self._placings.pop(id(proposal)).outcome = outcome

    def _outcome(self, proposal: Proposal, batch: Sequence[Proposal]) -> Outcome:
        event = proposal.event
        refused = self._refused(proposal, batch)
        if refused is not None:
            return refused
        if event.audited and event != Dropped("", empty=True):
            self.acts.append(Entry(event, proposal.stream, 0, 0, proposal.at, proposal.by))
        self._follow(event)
        if not event.kept or not proposal.stream:
            return Entry(event, proposal.stream, 0, 0, proposal.at, proposal.by)
        for entry in self.entries:
            if proposal.cid and (entry.by, entry.cid) == (proposal.by, proposal.cid):
                return Repeated(entry)
        if proposal.refusal is not None:
            return proposal.refusal
        if isinstance(event, Deleted):
            self._remove(proposal.stream, event.of)
        seq = self._heads[proposal.stream] = self._heads.get(proposal.stream, 0) + 1
        self._last_id += 1
        place = (seq, self._last_id)
        self.entries.append(Entry(event, proposal.stream, *place, proposal.at, proposal.by, proposal.cid))
        return self.entries[-1]

    def _refused(self, proposal: Proposal, batch: Sequence[Proposal]) -> ChatError | None:
        """Return why it cannot be, or have it claim what it claims; a room's name is its own, whoever asks."""
        event, stream = proposal.event, proposal.stream
        if isinstance(event, Claimed) and self.code and event.code_hash != self.code:
            return BadLogin("That code is not right, or was used or is too old.")
        earlier = batch[: batch.index(proposal)]
        if event == Dropped("", empty=True) and any(
            isinstance(each.event, Joined) and each.stream == stream for each in earlier
        ):
            return NotAllowed("Somebody has come in meanwhile.")
        for claim in proposal.claims:
            if self.claims.get(claim, "") not in {"", _owner(claim, proposal)}:
                room = claim.startswith(ROOM)
                return NoRoom("It exists already.") if room else NickTaken("taken by somebody on another node")
        for claim in proposal.releases:
            if self.claims.get(claim) == _owner(claim, proposal):
                del self.claims[claim]
        self.claims.update({claim: _owner(claim, proposal) for claim in proposal.claims})
        return None

    def _follow(self, event: Event) -> None:
        """Keep what follows for accounts."""
        match event:
            case Registered(account=account, nick=nick, hash=hashed):
                self.claims.update(dict.fromkeys(claims(nick), account))
                self.passwords[account] = hashed
            case PasswordSet(account=account, hash=hashed, secret_hash=kept):
                self.passwords[account] = hashed
                self.secrets = {each: who for each, who in self.secrets.items() if who != account or each == kept}
            case LoggedIn(account=account, secret_hash=secret) if secret:
                self.secrets[secret] = account
            case LoggedOut(guest=guest, to=to, secret_hash=secret):
                self.claims.update(dict.fromkeys(claims(to), guest))
                self.secrets.pop(secret, None)

    def _remove(self, stream: str, of: int) -> None:
        for number, entry in enumerate(self.entries):
            edits = isinstance(entry.event, Edited) and entry.event.of == of
            if entry.stream == stream and (entry.seq == of or edits):
                self.entries[number] = structs.replace(entry, event=Removed(entry.event.nick, edits))


def _owner(claim: str, proposal: Proposal) -> str:
    return proposal.stream if claim.startswith(ROOM) else proposal.by
