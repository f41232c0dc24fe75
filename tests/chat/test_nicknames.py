# ruff: noqa: RUF001 - letters that look alike are what this is about
"""Nicknames: whatever is typed, nobody comes out who could pass for somebody else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given

from tests.chat.strategies import anything, nicknames
from twistedchat.chat.errors import BadNick
from twistedchat.chat.text import NICK_LONGEST, RESERVED, likenesses, nickname, room_name

ALIKE = [
    # Cyrillic
    ("alice", "аlice"), ("alice", "аlісе"), ("alice", "аliсе"), ("bob", "bоb"), ("bob", "bоЬ"), ("eve", "еvе"),
    ("eve", "ЕVЕ"), ("peter", "реtеr"), ("oscar", "оscаr"), ("xeno", "хеno"), ("yogi", "уogi"), ("jack", "јack"),
    ("sissi", "ѕіѕѕі"), ("ivan", "іvаn"), ("hope", "һoрe"), ("TOM", "ТОМ"), ("BEN", "ВЕN"), ("KATE", "КАТЕ"),
    ("CHAT", "СНАТ"), ("MAX", "МАХ"), ("HAPPY", "НАРРУ"), ("dora", "ԁora"), ("quinn", "ԛuinn"), ("wanda", "ԝanda"),
    ("pëpe", "рёре"), ("lïza", "lїza"),
    # Greek
    ("nora", "nοra"), ("otto", "οtto"), ("vera", "νera"), ("ANNA", "ΑΝΝΑ"), ("BETH", "ΒΕΤΗ"), ("ZOE", "ΖΟΕ"),
    ("KIM", "ΚΙΜ"), ("TONY", "ΤΟΝΥ"), ("MAXI", "ΜΑΧΙ"), ("HERO", "ΗΕRΟ"), ("pia", "ρia"), ("nick2", "nιck2"),
    ("róo", "rόo"),
    # width, style and ligatures, which NFKC takes away
    ("carol", "ｃａｒｏｌ"), ("dave", "ＤＡＶＥ"), ("dave", "𝐝𝐚𝐯𝐞"), ("erin", "𝑒𝓇𝒾𝓃"), ("frank", "𝔣𝔯𝔞𝔫𝔨"),
    ("grace", "𝙜𝙧𝙖𝙘𝙚"),
    ("fiona", "ﬁona"), ("heidi", "ⓗⓔⓘⓓⓘ"), ("x2y", "x²y"), ("anne", "ᵃⁿⁿᵉ"), ("IVy", "Ⅳy"), ("liz", "ⅼiz"),
    # case
    ("judy", "JUDY"), ("mallory", "MallorY"), ("strasse", "Straße"), ("ΣΑΜ", "σαμ"), ("ЖУК", "жук"),
    # letters and digits
    ("Ivo", "lvo"), ("Ivo", "1vo"), ("lola", "1ola"), ("Il1", "lIl"), ("lll", "III"), ("bob", "b0b"),
    ("OTTO", "0TT0"),
    ("O0o", "oO0"), ("modern", "rnodern"), ("mimi", "rnirni"), ("Sam", "Sarn"), ("tom.m", "tom.rn"), ("bill", "biII"),
    # letters that Latin itself has twice
    ("ines", "ınes"), ("aelf", "ælf"), ("oeuf", "œuf"), ("tim", "tım"), ("sigma", "sıgma"), ("wilma", "wiǀma"),
    ("zoe", "ᴢoe"), ("vic", "ᴠic"), ("cora", "ᴄora"), ("nuno", "nυno"), ("goran", "ɡoran"), ("alfa", "ɑlfa"),
    # Armenian, Cherokee, Lisu and others that borrow our shapes
    ("OSO", "ՕSՕ"), ("uno", "սno"), ("hans", "հans"), ("JOE", "ᎫOE"), ("GUS", "ᏀUS"), ("DAN", "ᎠAN"), ("BOB", "ꓐOꓐ"),
]  # fmt: skip
"""Names of which no two that stand together may be here at once."""

APART = [
    ("ann", "anne"), ("bob", "rob"), ("ivan", "lvan"), ("jon", "john"), ("a.b", "a-b"), ("x1", "x2"), ("né", "ne"),
    ("борис", "глеб"), ("σοφία", "ζωή"), ("日本", "中国"), ("user1", "user11"), ("tim", "tom"),
]  # fmt: skip
"""Names that people can tell apart, and that may be here together."""


class NicknameTests:
    @pytest.mark.parametrize(
        "raw",
        ["al", "alice", "Alice", "a.b-c_d", "1st", "x" * 24, "Zoë", "борис", "σοφία", "日本語", "ひらカタ漢", "한글"],
    )
    def test_names_of_many_tongues(self, raw: str) -> None:
        """Letters of any one script, digits and three marks make a name, which stays as it was typed."""
        assert nickname(raw) == raw

    @pytest.mark.parametrize(
        ("raw", "nick"), [(" ann \n", "ann"), ("ｂｏｂ", "bob"), ("Zoe\u0308", "Zoë"), ("ﬁn", "fin"), ("x²", "x2")]
    )
    def test_name_is_brought_into_its_common_form(self, raw: str, nick: str) -> None:
        """Blanks around a name go, and compatible forms of its letters become the usual ones."""
        assert nickname(raw) == nick

    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            ("", "is needed"),
            (" \t\r\n", "is needed"),
            ("two words", "one word"),
            ("a\nb", "one word"),
            ("a\x1bb", "one word"),
            ("a\u200bb", "one word"),
            ("al\u202eice", "one word"),
            ("ann\u1160", "one word"),
            ("ann\u3164", "one word"),
            ("ann\uffa0", "one word"),
            ("ann\ud800", "one word"),
            ("a", "2 to 24 characters; that one has 1"),
            ("x" * 25, "2 to 24 characters; that one has 25"),
            ("_ann", "begins with a letter or a digit"),
            ("-- ann", "one word"),
            ("--ann", "begins with"),
            ("*ann", "begins with"),
            ("#ann", "begins with"),
            ("ann:", "begins with"),
            ("ann!", "begins with"),
            ("!!", "begins with"),
            ("a/b", "begins with"),
            ("\u0301ann", "begins with"),
            ("a\u0301\u0302\u0303nn", "begins with"),
            ("бαx", "mixes several"),
            ("日б", "mixes several"),
        ],
    )
    def test_what_is_no_name(self, raw: str, why: str) -> None:
        """What could pass for something else, or that nobody could type, is refused with the reason."""
        with pytest.raises(BadNick, match=why):
            nickname(raw)

    @pytest.mark.parametrize(
        "raw",
        [
            *sorted(RESERVED),
            "ADMIN",
            "Аdmin",
            "adrnin",
            "sуstem",
            "systern",
            "r00t",
            "SerVer",
            "ｙｏｕ",
            "y0u",
            "ΝΙCΚ",
            "ADMlN",
        ],
    )
    def test_names_that_stand_for_the_server(self, raw: str) -> None:
        """Nobody is called what the server or its people are called, nor what looks like it."""
        with pytest.raises(BadNick, match="is reserved"):
            nickname(raw)

    @pytest.mark.parametrize("raw", ["adam", "sysadmin2", "serverin", "your", "guests", "rooty"])
    def test_names_near_the_reserved_ones(self, raw: str) -> None:
        """A name that only begins like a reserved one is as good as any."""
        assert nickname(raw) == raw

    def test_addresses(self) -> None:
        """Nobody is called like an address, for a ban of the one would hit the other; what only has dots may be."""
        for raw in ("203.0.113.7", "1.2.3.4", "\uff11.2.3.4"):
            with pytest.raises(BadNick, match="A nickname is no address"):
                nickname(raw)
        assert [nickname(raw) for raw in ("1.2.3", "1.2.3.4.5", "v1.2.3.4")] == ["1.2.3", "1.2.3.4.5", "v1.2.3.4"]
        assert room_name("1.2.3.4") == "#1.2.3.4"

    def test_names_that_look_alike(self) -> None:
        """Of two names that look alike only one can be here; the table says which names those are."""
        assert len(ALIKE) >= 60
        assert [
            pair for pair in ALIKE if likenesses(nickname(pair[0])).isdisjoint(likenesses(nickname(pair[1])))
        ] == []

    def test_names_that_can_be_told_apart(self) -> None:
        """Nobody is kept from a name that only resembles another."""
        assert [pair for pair in APART if likenesses(nickname(pair[0])) & likenesses(nickname(pair[1]))] == []

    @given(anything | nicknames)
    @example("\u0345\u0345")
    def test_name_holds_nothing_but_itself(self, raw: str) -> None:
        """Whatever is typed: a name is short, is one word that prints, and would be made of itself again."""
        try:
            nick = nickname(raw)
        except BadNick:
            return
        assert nickname(nick) == nick
        assert 2 <= len(nick) <= NICK_LONGEST
        assert nick[0].isalnum()
        assert all(char.isalnum() or char in "_-." for char in nick)
        assert {unicodedata.category(char)[0] for char in nick} <= {"L", "N", "P"}

    @given(nicknames)
    def test_name_looks_like_itself_in_any_case(self, nick: str) -> None:
        """A name and its small letters are one name."""
        assert likenesses(nick) & likenesses(nick.casefold())
