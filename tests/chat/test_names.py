# ruff: noqa: RUF001 - letters that look alike are what this is about
"""Who has which nickname, and which ones wait for somebody's return."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.strategies import anything, nicknames
from twistedchat.chat.errors import NickTaken
from twistedchat.chat.names import Names, claims
from twistedchat.chat.text import likenesses, nickname


@pytest.fixture
def names() -> Names:
    return Names()


class TakingTests:
    def test_one_name_is_one_persons(self, names: Names) -> None:
        """What somebody has nobody else can take, in whatever case or look; they learn why, and what is free."""
        names.take("Ann", "g1")
        for wanted, why in [("Ann", "Ann is here already"), ("ann", "ann is too much like Ann, who is here")]:
            with pytest.raises(NickTaken, match=why) as refused:
                names.take(wanted, "g2")
            assert refused.value.suggest == f"{wanted}2"

    def test_taking_what_one_has_is_nothing_new(self, names: Names) -> None:
        """A name can be taken again by whoever has it."""
        names.take("ann", "g1")
        names.take("ann", "g1")
        assert names.owner("ann") == "g1"

    def test_name_belongs_to_whoever_is_called_that(self, names: Names) -> None:
        """Only the very name finds its owner, in whatever case, and not what looks like it."""
        names.take("b0b", "g1")
        assert names.owner("B0B") == "g1"
        assert names.owner("bob") == ""
        assert names.owner("ann") == ""

    def test_released_name_is_free(self, names: Names) -> None:
        """What has been given back is anybody's."""
        names.take("ann", "g1")
        names.release("ann", "g1")
        names.take("ANN", "g2")
        assert names.owner("ann") == "g2"

    def test_nobody_releases_what_is_not_theirs(self, names: Names) -> None:
        """To give back another's name, or a name that one had before, changes nothing."""
        names.take("ann", "g1")
        names.release("ann", "g2")
        assert names.owner("ann") == "g1"
        names.take("Ann", "g1")
        names.release("ann", "g1")
        assert names.owner("ann") == "g1"

    @given(st.lists(nicknames, min_size=2, max_size=6))
    def test_nobody_here_looks_like_another(self, wanted: list[str]) -> None:
        """However many come, under whatever names: those who got theirs share no form of it."""
        names = Names()
        here: list[str] = []
        for number, nick in enumerate(wanted):
            here.append(names.invent(nick))
            names.take(here[-1], f"g{number}")
        forms = [form for nick in here for form in likenesses(nick)]
        assert len(forms) == len(set(forms))

    @given(nicknames)
    def test_everything_taken_is_given_back(self, nick: str) -> None:
        """Nothing is left of a name that has been released."""
        names = Names()
        names.take(nick, "g1")
        names.release(nick, "g1")
        names.take(nick.casefold(), "g2")
        assert names.owner(nick) == "g2"

    def test_claims_are_the_forms_of_a_name(self) -> None:
        """Two names that cannot be here together claim something in common, also in the log."""
        assert set(claims("Ann")) & set(claims("аnn"))
        assert not set(claims("ann")) & set(claims("bob"))


class HoldingTests:
    def test_held_name_is_nobody_elses(self, names: Names) -> None:
        """While somebody may come back their name is theirs."""
        names.take("ann", "g1")
        names.hold("ann", "g1", 1000)
        names.expire(999)
        with pytest.raises(NickTaken, match="ann is away for a moment and comes back to that name"):
            names.take("Ann", "g2")

    def test_hold_ends(self, names: Names) -> None:
        """When its time is over a held name is free."""
        names.take("ann", "g1")
        names.hold("ann", "g1", 1000)
        names.expire(1000)
        names.take("Ann", "g2")
        assert names.owner("ann") == "g2"

    def test_who_comes_back_is_here_again(self, names: Names) -> None:
        """A name that was taken back is held no longer, and does not run out."""
        names.take("ann", "g1")
        names.hold("ann", "g1", 1000)
        names.take("ann", "g1")
        names.expire(2000)
        assert names.owner("ann") == "g1"

    def test_who_comes_back_under_another_name_frees_the_first(self, names: Names) -> None:
        """Nobody has two names."""
        names.take("ann", "g1")
        names.hold("ann", "g1", 1000)
        names.take("bob", "g1")
        names.take("ann", "g2")
        assert (names.owner("ann"), names.owner("bob")) == ("g2", "g1")


class InventingTests:
    def test_free_forms_count_up(self, names: Names) -> None:
        """The first free number is put behind the name."""
        for number, guest in [("", "g1"), ("2", "g2"), ("3", "g3")]:
            names.take(f"ann{number}", guest)
        assert names.free_form_of("ann") == "ann4"

    def test_free_form_of_a_long_name(self, names: Names) -> None:
        """A name that has all the letters it may have loses its last for the number."""
        names.take("x" * 24, "g1")
        assert names.free_form_of("x" * 24) == "x" * 23 + "2"

    def test_wanted_name_if_it_is_free(self, names: Names) -> None:
        """What can be had is had."""
        assert names.invent(" Ann ") == "Ann"

    @pytest.mark.parametrize(
        ("wanted", "nick"), [("ann", "ann2"), ("admin", "guest2"), ("", "guest2"), ("!", "guest2")]
    )
    def test_another_name_if_it_is_not(self, names: Names, wanted: str, nick: str) -> None:
        """A name near the one that is taken, or a guest's where it could not be a name at all."""
        names.take("Ann", "g1")
        names.take("guest1", "g2")
        assert names.invent(wanted) == nick

    @given(anything | nicknames, st.lists(nicknames, max_size=4))
    def test_invented_names_can_be_taken(self, wanted: str, here: list[str]) -> None:
        """Whatever was wanted, and whoever is here: the name invented is one, and is free."""
        names = Names()
        for nick in here:
            names.take(nick, "g1")
        invented = names.invent(wanted)
        assert nickname(invented) == invented
        names.take(invented, "g2")
