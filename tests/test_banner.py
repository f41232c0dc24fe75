"""What is seen when the daemon is ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from twistedchat import __version__
from twistedchat.banner import Reach, ready

DATABASE = Path("/data/tcpchat.db")


def lines(reach: Reach, *, new: bool = True, durability: str = "power") -> list[str]:
    return ready(reach, DATABASE, new=new, durability=durability).splitlines()


class BannerTests:
    """Only what exists is advertised."""

    def test_the_first_start(self) -> None:
        """What it is, how people come in, what is kept where, and who can reach it."""
        first, *rest = lines(Reach((55555,), ()))
        assert first.startswith(f"tcpchat {__version__} is ready (Twisted ")
        assert rest == [
            "  people   tcpchat-client localhost 55555      or   nc localhost 55555",
            "  kept in  /data/tcpchat.db (new; survives a power cut)",
            "  reach    only this computer. For others too: --public, see twistd tcpchat --help",
        ]

    def test_who_can_become_admin(self) -> None:
        """With the code that is told here and nowhere else."""
        shown = ready(Reach((1,), ()), DATABASE, new=True, durability="power", code="7F3K-Q2MD").splitlines()
        assert shown[3] == "  admin    in the chat type  /claim 7F3K-Q2MD   (works once, for 24 h)"

    @pytest.mark.parametrize(
        ("durability", "promise"),
        [("power", "survives a power cut"), ("process", "survives a crash of the daemon, not a power cut")],
    )
    def test_what_is_promised_is_said(self, durability: str, promise: str) -> None:
        """Whoever chose less than the disk can do is reminded."""
        assert f"  kept in  /data/tcpchat.db (as it was left; {promise})" in lines(
            Reach((1,), ()), new=False, durability=durability
        )

    def test_every_way_in(self) -> None:
        """Each port and each endpoint has its line, and with an endpoint nobody says who can reach it."""
        shown = lines(Reach((8000, 8001), ("unix:/run/chat",)))
        assert [line.split()[1:4] for line in shown if line.startswith("  people")] == [
            ["tcpchat-client", "localhost", "8000"],
            ["tcpchat-client", "localhost", "8001"],
            ["unix:/run/chat"],
        ]
        assert not any(line.startswith("  reach") for line in shown)

    def test_for_everybody(self) -> None:
        """A public server names itself, and no longer says that only this computer reaches it."""
        shown = lines(Reach((55555,), (), host="bee"))
        assert "  people   tcpchat-client bee 55555      or   nc bee 55555" in shown
        assert not any(line.startswith("  reach") for line in shown)

    def test_with_tls(self) -> None:
        """The fingerprint is shown for people to compare, and no way in that does not speak TLS."""
        shown = lines(Reach((55555,), (), host="bee", fingerprint="AB:CD"))
        assert "  TLS      SHA-256 AB:CD" in shown
        by_hand = "openssl s_client -quiet -connect bee:55555"
        assert f"  people   tcpchat-client bee 55555      or   {by_hand}" in shown
        assert not any("nc bee" in line for line in shown)
