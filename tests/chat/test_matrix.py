"""Every command, by everybody, in every state: permitted or refused as the table says, and never quietly."""

from __future__ import annotations

import pytest

from tests.chat.matrix import (
    ACTIVE,
    ADMIN,
    BANNED,
    EDITING,
    GUEST,
    GUESTS_READ,
    HERE,
    LOWER,
    MEMBER,
    MUTED,
    OP,
    OTHER,
    OWNER,
    ROLES,
    SILENCED,
    TABLE,
    TALKING,
    VOICE,
    VOICED,
    State,
    expected,
    rank,
    who_may,
)
from tests.chat.scene import Scene, prepared
from twistedchat.chat import acts
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.errors import ChatError, NoCommand, NotAllowed, NotFound
from twistedchat.chat.events import Deleted, Event
from twistedchat.chat.replies import Goodbye
from twistedchat.chat.roles import Role

ACTING: dict[str, tuple[str, tuple[str, ...], type[Event]]] = {
    "/kick #den {}": (OP, ROLES, acts.Kicked),
    "/ban #den {} 1h": (OP, ROLES, acts.Banned),
    "/mute #den {}": (OP, ROLES, acts.Muted),
    "/del {}": (OP, ROLES, Deleted),
    "/voice #den {}": (OP, (MEMBER,), acts.Granted),
    "/devoice #den {}": (OP, (VOICE,), acts.Granted),
    "/op #den {}": (OWNER, (MEMBER, VOICE), acts.Granted),
    "/deop #den {}": (OWNER, (OP, OWNER), acts.Granted),
    "/owner #den {}": (OWNER, (MEMBER, VOICE, OP), acts.Granted),
}
"""What is done to others: by whom at least, and to whom it can be done."""
EVERYWHERE: dict[str, type[Event]] = {
    "/ban -s {} 1h": acts.Banned,
    "/mute -s {}": acts.Muted,
    "/kill {}": acts.Killed,
}
"""What admins do to others on the whole server."""
REASONS = " may", "nobody acts on their equals or betters", "roles belong to accounts", " already", "is not a"


def cases() -> list[tuple[str, State]]:
    """Return what is tried in which state; what is about the active room has no meaning for another."""
    active = ACTIVE, EDITING, TALKING
    return [
        (name, state)
        for name, row in TABLE.items()
        for state in State
        if state is not OTHER or row.refused not in active
    ]


def check_refused(scene: Scene, line: str, what: str, *why: type[ChatError]) -> ChatError:
    """Check that a line is refused for that reason before anything is proposed, and that nothing has changed."""
    before = list(scene.world.log.acts)
    errand = scene.begins(line)
    assert errand.done, f"{what}: something was proposed"
    assert errand.refusal is not None, f"{what}: permitted"
    assert type(errand.refusal) in why, f"{what}: {errand.refusal!r}"
    assert scene.world.log.waiting == [], what
    assert scene.world.log.acts == before, what
    return errand.refusal


def check_permitted(scene: Scene, line: str, act: type[Event] | None, what: str) -> None:
    """Check that a line is done, and that it leaves one line in the audit log, or none."""
    before, by = len(scene.world.log.acts), scene.actor.by
    errand = scene.begins(line)
    scene.world.settle()
    assert errand.refusal is None, f"{what}: {errand.refusal!r}"
    done = scene.world.log.acts[before:]
    assert [(type(entry.event), entry.by) for entry in done] == ([(act, by)] if act else []), what


class CommandTests:
    def test_every_command_has_its_row(self) -> None:
        """Whoever adds a command says in the table who may."""
        assert {name.split()[0] for name in TABLE} - {"say"} == {each.name for each in COMMANDS.commands}

    @pytest.mark.parametrize(("name", "state"), cases())
    def test_who_may(self, name: str, state: State) -> None:
        """Everybody may what the table says and nothing else; an act of moderation leaves one line each."""
        row = TABLE[name]
        for role in ROLES:
            if role == ADMIN and state is BANNED:
                continue  # nobody bans an admin
            scene, line = prepared(name, role, state)
            what = f"{role}, {state.value}: {line}"
            refusal = expected(row, role, state)
            if refusal is not None:
                refused = check_refused(scene, line, what, refusal)
                if refusal is NotAllowed:
                    assert any(words in refused.text for words in who_may(row, role, state)), (
                        f"{what}: {refused.text}"
                    )
                continue
            if row.twice:
                check_permitted(scene, line, None, what)
            check_permitted(scene, line, row.act, what)

    @pytest.mark.parametrize(
        "name", sorted(name for each in COMMANDS.commands for name in (each.name, *each.aliases))
    )
    def test_what_is_mistyped_is_nothing(self, name: str) -> None:
        """A command that is not quite one is refused, and never said to anybody."""
        known = {name for each in COMMANDS.commands for name in (each.name, *each.aliases)}
        near = {
            name[:-1],
            name[1:],
            f"{name}{name[-1]}",
            f"x{name}",
            f"{name}_",
            f"{name}\N{ZERO WIDTH SPACE}",
            f"/{name}",
        }
        scene = Scene(ADMIN, HERE)
        for typo in sorted(near - known):
            check_refused(scene, f"/{typo} #den vic", typo, NoCommand)


class LastWordsTests:
    @pytest.mark.parametrize("line", ["/part {} but this", "/quit but this"])
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("state", [HERE, MUTED, SILENCED, GUESTS_READ, VOICED])
    def test_who_may_not_talk_has_no_last_word(self, state: State, role: str, line: str) -> None:
        """Going is no way to say something; the others may say why they go."""
        scene = Scene(role, state)
        errand = scene.begins(line.format("#den"))
        told = [proposal.event for proposal in scene.world.log.waiting]
        scene.world.settle()
        reply = errand.result()
        why = reply.why if isinstance(reply, Goodbye) else getattr(told[0], "why", "")
        assert (why == "") is (expected(TABLE["say"], role, state) is not None)


class RankTests:
    @pytest.mark.parametrize("victim", ROLES)
    @pytest.mark.parametrize("actor", ROLES)
    @pytest.mark.parametrize("line", ACTING)
    def test_nobody_acts_on_equals_or_betters(self, line: str, actor: str, victim: str) -> None:
        """Who keeps order acts on those who stand lower in their room, and is refused in words else."""
        least, others, act = ACTING[line]
        scene = Scene(actor, HERE)
        scene.runs(scene.somebody("kim", victim), "other words")
        what = f"{actor}: {line} a {victim}"
        if rank(actor) >= rank(least) and victim in LOWER[actor] and victim in others:
            check_permitted(scene, line.format("kim"), act, what)
        else:
            refused = check_refused(scene, line.format("kim"), what, NotAllowed, NotFound)
            assert any(words in refused.text for words in REASONS), refused.text

    @pytest.mark.parametrize("victim", ROLES)
    @pytest.mark.parametrize("line", EVERYWHERE)
    def test_admins_are_spared_on_the_whole_server(self, line: str, victim: str) -> None:
        """What somebody is in a room does not keep them from being put off the server; being its admin does."""
        scene = Scene(ADMIN, HERE)
        scene.somebody("kim", victim)
        if victim == ADMIN:
            check_refused(scene, line.format("kim"), line, NotAllowed)
        else:
            check_permitted(scene, line.format("kim"), EVERYWHERE[line], line)

    @pytest.mark.parametrize("actor", [GUEST, MEMBER, VOICE, OP, OWNER])
    @pytest.mark.parametrize("role", [VOICE, OP, OWNER])
    def test_nobody_raises_themselves(self, role: str, actor: str) -> None:
        """Nobody makes themselves more than they are."""
        scene = Scene(actor, HERE)
        errand = scene.begins(f"/{role} #den act")
        scene.world.settle()
        before = Role(actor) if actor in {VOICE, OP, OWNER} else None
        after = scene.den.roles.get(scene.actor.by)
        assert rank(after.value if after else MEMBER) <= max(rank(actor), rank(MEMBER)), errand.refusal
        assert errand.refusal is None or after is before

    @pytest.mark.parametrize("actor", [OP, OWNER])
    def test_being_somebody_elsewhere_is_nothing_here(self, actor: str) -> None:
        """An op, or an owner, of one room is a member in the others, whichever room is the active one."""
        scene = Scene(actor, HERE)
        room = scene.world.room(scene.rose, "#other")
        scene.world.do(scene.world.chat.enter(scene.actor, "#other", scene.world.at))
        for active in (room, scene.den):
            scene.actor.active = active
            for name, row in TABLE.items():
                if "{}" in row.line and rank(MEMBER) < rank(row.least) and "private" not in name:
                    check_refused(scene, row.line.format("#other"), name, NotAllowed)
