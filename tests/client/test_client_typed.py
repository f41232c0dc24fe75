from __future__ import annotations

import pytest

from twistedchat.client.typed import Command, Join, Part, Quit, Say, Typed, meaning


class MeaningTests:
    @pytest.mark.parametrize(
        ("line", "typed"),
        [
            ("", None),
            ("  \t ", None),
            ("hello ", Say("hello")),
            ("//join #ops", Say("/join #ops")),
            (" /join #ops", Say(" /join #ops")),
            ("two\nlines", Say("two\nlines")),
            ("/me waves", Command("/me waves")),
            ("/", Command("/")),
            ("/join #ops", Join("#ops")),
            ("/join ops", Join("#ops")),
            ("/J\tops ", Join("#ops")),
            ("/ join #ops", Join("#ops")),
            ("/join", Join("")),
            ("/join #ops key", Join("#ops", "key")),
            ("/join ops key", Join("#ops", "key")),
            ("/join #ops two words", Join("")),
            ("/join #ops\nhello", Join("")),
            ("s/teh/the/", Command("/edit s/teh/the/")),
            ("s/teh/the ", Command("/edit s/teh/the/")),
            ("s/teh/the/g", Command("/edit s/teh/the/g")),
            ("s/teh/the/gg", Say("s/teh/the/gg")),
            (r"s/a\/b//", Command(r"/edit s/a\/b//")),
            ("s//x/", Say("s//x/")),
            ("s/a/b/c", Say("s/a/b/c")),
            ("s/he", Say("s/he")),
            ("s/a\n/b/", Say("s/a\n/b/")),
            (" s/teh/the/", Say(" s/teh/the/")),
            ("/part", Part("", "")),
            ("/part #ops", Part("#ops", "")),
            ("/leave #ops out  for lunch", Part("#ops", "out for lunch")),
            ("/part out for lunch", Part("", "out for lunch")),
            ("/quit", Quit("")),
            ("/EXIT out  for\nlunch", Quit("out for lunch")),
            (":q", Quit("")),
            (":quite", Say(":quite")),
        ],
    )
    def test_each_line_means_one_thing(self, line: str, typed: Typed | None) -> None:
        assert meaning(line) == typed
