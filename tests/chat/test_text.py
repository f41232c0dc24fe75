# ruff: noqa: RUF001 - letters that look alike are what this is about
"""Nicknames and texts: whatever is typed, nothing comes out that could pass for something else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.chat.strategies import MOST, anything, nicknames, texts
from twistedchat.chat.errors import BadNick, BadText, ChatError, TooLong
from twistedchat.chat.text import (
    MARKS_TOGETHER,
    NICK_LONGEST,
    RESERVED,
    TEXT_LINES,
    likenesses,
    message,
    nickname,
    one_line,
    room_name,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
HARMFUL = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}

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


class MessageTests:
    @pytest.mark.parametrize(
        "raw",
        [
            "hi",
            "  indented",
            "a  b",
            "ça va",
            "-- not the server",
            "line\nline",
            "one\n\n  three",
            "日本語",
            FAMILY,
            "❤️",
        ],
    )
    def test_texts_stay_as_they_are(self, raw: str) -> None:
        """What prints is kept to the letter, blanks inside it and newlines as well."""
        assert message(raw, MOST) == raw

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("trailing  ", "trailing"),
            ("a \nb\t\n", "a\nb"),
            ("\n\n first", " first"),
            ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
            ("tab\there", "tab here"),
            ("10\xa0000\u202f€", "10 000 €"),
            ("全角\u3000空白", "全角 空白"),
            ("\x1b[31mred", "␛[31mred"),
            ("nul\0 bell\x07 del\x7f", "nul␀ bell␇ del␡"),
            ("c1\x9b2J", "c12J"),
            ("\u202eevil\u202c", "evil"),
            ("\u2066iso\u2069", "iso"),
            ("zero\u200bwidth\ufeff", "zerowidth"),
            ("tag\U000e0041\U000e0042", "tag"),
            ("private\ue000", "private"),
            ("half\ud83d", "half"),
            ("\u0301mark", "mark"),
            ("e\u0301", "e\u0301"),
            ("\u200d\u0301joined", "joined"),
            ("a\u200d", "a"),
            ("a \u200d b", "a  b"),
            ("a\u200d\u200db", "ab"),
            (f"e{8 * chr(0x301)}\u200dx", f"e{8 * chr(0x301)}\u200dx"),
            ("نمی\u200cخواهم", "نمی\u200cخواهم"),
            ("र\u200d्य", "र\u200d्य"),
        ],
    )
    def test_what_does_not_print(self, raw: str, text: str) -> None:
        """Line ends become newlines, control characters visible or nothing, and joiners stay inside words only."""
        assert message(raw, MOST) == text

    @pytest.mark.parametrize("raw", ["", " ", "\n \n", "\u202e", "\ufeff", "\u3000", "\u0301", "\r\n"])
    def test_nothing_is_no_message(self, raw: str) -> None:
        """What would show nothing is refused."""
        with pytest.raises(BadText, match="nothing in it"):
            message(raw, MOST)

    def test_length_is_counted_in_characters(self) -> None:
        """As many characters as are taken are taken, and not one more."""
        assert message("é" * MOST, MOST) == "é" * MOST
        with pytest.raises(TooLong, match="at most 400 characters; that one has 401"):
            message("x" * (MOST + 1), MOST)

    def test_lines_are_counted(self) -> None:
        """A message cannot push everything else off the screen."""
        assert message("\n".join("x" * TEXT_LINES), MOST).count("\n") == TEXT_LINES - 1
        with pytest.raises(TooLong, match="at most 20 lines; that one has 21"):
            message("\n".join("x" * (TEXT_LINES + 1)), MOST)

    @pytest.mark.parametrize("between", ["", "\u200d", "\u202e", "\u200b", "\x9b", "\ufeff"])
    def test_marks_cannot_be_heaped(self, between: str) -> None:
        """More than eight marks never stand on one letter, whatever invisible is put between them."""
        text = message("a" + f"{chr(0x0301) * 8}{between}" * 5 + "b", MOST)
        assert text.count("\u0301") == MARKS_TOGETHER
        assert (text[0], text[-1]) == ("a", "b")

    @given(anything)
    def test_text_holds_nothing_harmful(self, raw: str) -> None:
        """Whatever is typed: nothing comes out that controls a screen, turns writing round or is no character."""
        try:
            text = message(raw, MOST)
        except ChatError:
            return
        assert {unicodedata.category(char) for char in text.replace("\n", "")}.isdisjoint(HARMFUL)
        assert BIDI.isdisjoint(text)
        assert text.encode().decode() == text
        assert len(text) <= MOST
        assert text.count("\n") < TEXT_LINES
        assert all(line == line.rstrip() for line in text.split("\n"))

    @given(texts)
    def test_text_is_made_once(self, text: str) -> None:
        """What has been made a text stays as it is when it is made one again."""
        assert message(text, MOST) == text

    @given(anything)
    def test_heaps_of_marks_are_cut_everywhere(self, raw: str) -> None:
        """In no text do more than eight marks stand together."""
        try:
            text = message(raw, MOST)
        except ChatError:
            return
        runs = "".join(
            "m" if unicodedata.category(char) in {"Mn", "Me"} else " " for char in text if char != "\u200d"
        )
        assert max(map(len, runs.split()), default=0) <= MARKS_TOGETHER


class OneLineTests:
    def test_lines_are_put_together(self) -> None:
        """A reason that was typed on several lines fits on one."""
        assert one_line("gone\r\nto\nbed\u2028now", 200) == "gone to bed now"

    @given(anything)
    def test_it_is_one_line(self, raw: str) -> None:
        """Whatever is typed: no line end comes out, in anybody's sense of one."""
        try:
            line = one_line(raw, 200)
        except ChatError:
            return
        assert line.splitlines() == [line]


class RefusalTests:
    @given(st.text() | anything)
    def test_refusal_is_one_line(self, words: str) -> None:
        """A refusal that repeats what was typed is one line that controls nothing, and says the same otherwise."""
        text = ChatError(words).text
        assert text.isprintable()
        assert len(text) == len(words)
        assert all(ours in {theirs, "\ufffd"} for ours, theirs in zip(text, words, strict=True))


class NewScriptsTests:
    """Names and texts that this Python's tables know little of."""

    @pytest.mark.parametrize("name", ["नमस्ते", "สมชาย", "日本語"])
    def test_names_with_vowel_signs(self, name: str) -> None:
        """A script's own signs belong to its letters."""
        assert nickname(name) == name

    @pytest.mark.parametrize("name", ["ali\ufe0fce", "b\u0300\u0301\u0302\u0303", "न" + "\u0947" * 4])
    def test_names_with_other_signs(self, name: str) -> None:
        """Signs of no script, or a heap of them, do not."""
        with pytest.raises(BadNick):
            nickname(name)

    def test_new_emoji(self) -> None:
        """They are shown, whether this Python knows them yet or not."""
        assert message("\U0001fae9", 100) == "\U0001fae9"


class UntidyTests:
    """What is far too long is refused before anything is made of it."""

    def test_text_that_might_become_short(self) -> None:
        """Tidying may make a text shorter, but only so much of it is tidied."""
        assert message("x" + "\u200b" * 39, 10) == "x"
        with pytest.raises(TooLong, match="at most 10 characters; that one has 41"):
            message("x" + "\u200b" * 40, 10)

    @pytest.mark.parametrize("raw", ["\ufdfa" * 20_000, "e\u0301" * 20_000, "a" * 60_000])
    def test_name_that_never_ends(self, raw: str) -> None:
        """It is too long, whatever its letters are made of."""
        with pytest.raises(BadNick):
            nickname(raw)

    def test_blanks_around_a_name(self) -> None:
        """They are none of it, however many."""
        assert nickname(" " * 300 + "ann" + " " * 300) == "ann"
