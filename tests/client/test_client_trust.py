from __future__ import annotations

import os
from pathlib import Path

import pytest

from twistedchat.client.exits import NOT_PRIVATE, FatalError, Place
from twistedchat.client.trust import KnownServers, Trust, fingerprint, known_servers
from twistedchat.client.ways import KNOWN, VOUCHED, WANTED, Way, is_near, not_safe

PLACE = Place("chat.example.org", 55555)
ONE, OTHER = ":".join(["AB"] * 32), ":".join(["CD"] * 32)
UNKNOWN = Way(tls=True, why="certificate unknown", unknown=ONE)


class Reader:
    """Somebody with a file of known servers, which may not be there yet."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.path = folder / "state" / "known_servers"
        if lines:
            self.path.parent.mkdir()
            self.path.write_text("".join(f"{line}\n" for line in lines))

    def trust(self, wanted: str = "", *, insecure: bool = False) -> Trust:
        return Trust(PLACE, KnownServers(self.path), wanted, insecure=insecure)


def refusal(trust: Trust, certificate: str = "", *, vouched: bool = False, near: bool = False) -> str:
    """The words with which a way is refused; without a certificate it is a plain one."""
    with pytest.raises(FatalError) as refused:
        trust.certified(certificate, near=near, vouched=vouched) if certificate else trust.plain(near=near)
    assert refused.value.status == NOT_PRIVATE
    return refused.value.words


class NearTests:
    @pytest.mark.parametrize(
        ("here", "there", "near"),
        [
            ("127.0.0.1", "127.0.0.1", True),
            ("127.0.0.1", "127.0.0.2", True),
            ("::1", "::1", True),
            ("192.0.2.7", "192.0.2.7", True),
            (None, None, True),
            ("192.0.2.7", "192.0.2.8", False),
            ("2001:db8::1", "2001:db8::2", False),
        ],
    )
    def test_only_what_never_leaves_this_computer_is_near(self, here: str, there: str, near: bool) -> None:  # noqa: FBT001
        assert is_near(here, there) is near

    @pytest.mark.parametrize(
        ("way", "private", "words"),
        [
            (Way(near=True), True, "plain, same computer"),
            (Way(near=True, tls=True, why=VOUCHED), True, "TLS, same computer"),
            (Way(), False, "plain, over the network"),
            (Way(tls=True, why=VOUCHED), True, "TLS, certificate vouched for"),
            (Way(tls=True, why=KNOWN), True, "TLS, certificate known"),
            (UNKNOWN, False, "TLS, certificate unknown"),
        ],
    )
    def test_what_a_way_is_worth(self, way: Way, private: bool, words: str) -> None:  # noqa: FBT001
        assert (way.private, str(way)) == (private, words)

    def test_without_a_terminal_it_is_said_what_would_help(self) -> None:
        assert "add --insecure" in not_safe(PLACE, Way()).words
        assert f"{ONE}. If the server shows the same at its start" in not_safe(PLACE, UNKNOWN).words
        assert not_safe(PLACE, UNKNOWN).status == NOT_PRIVATE


class CertificateTests:
    def test_what_is_vouched_for_is_fine_without_a_word(self, tmp_path: Path) -> None:
        reader = Reader(tmp_path, f"chat.example.org:55555 {OTHER}")
        assert reader.trust().certified(ONE, near=False, vouched=True) == Way(tls=True, why=VOUCHED)

    def test_none_is_not_trusted(self, tmp_path: Path) -> None:
        with pytest.raises(FatalError, match="whose SHA-256 is missing"):
            Reader(tmp_path).trust(insecure=True).certified("", near=True, vouched=True)

    def test_one_that_is_unknown_is_for_somebody_to_decide_about(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path).trust()
        assert trust.certified(ONE, near=False, vouched=False) == UNKNOWN

    def test_what_was_agreed_to_is_known_from_then_on(self, tmp_path: Path) -> None:
        reader = Reader(tmp_path)
        assert reader.trust().keep(ONE) == ""
        assert reader.trust().certified(ONE, near=False, vouched=False) == Way(tls=True, why=KNOWN)

    @pytest.mark.parametrize("insecure", [False, True])
    def test_another_one_than_is_known_is_refused_whatever_is_said(self, tmp_path: Path, insecure: bool) -> None:  # noqa: FBT001
        reader = Reader(tmp_path, "# mine", f"chat.example.org:55555 {OTHER}")
        words = refusal(reader.trust(insecure=insecure), ONE)
        assert "another certificate than before" in words
        assert ONE in words
        assert words.endswith(f"remove line 2 of {reader.path}")

    def test_the_one_that_is_asked_for_has_to_be_it_also_here_and_if_another_is_vouched_for(
        self, tmp_path: Path
    ) -> None:
        trust = Reader(tmp_path, f"chat.example.org:55555 {OTHER}").trust(ONE)
        assert trust.wants_tls
        for near in (False, True):
            assert trust.certified(ONE, near=near, vouched=False) == Way(near=near, tls=True, why=WANTED)
            assert OTHER in refusal(trust, OTHER, vouched=True, near=near)
            assert "has no TLS" in refusal(trust, near=near)

    def test_on_this_computer_any_will_do(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path, f"chat.example.org:55555 {OTHER}").trust()
        assert trust.certified(ONE, near=True, vouched=False).private
        assert trust.plain(near=True) == Way(near=True)
        assert not trust.wants_tls

    def test_a_reconnection_checks_the_same(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path).trust()
        trust.gone(trust.certified(ONE, near=False, vouched=False))
        assert f"{OTHER}. If" in refusal(trust, OTHER)
        assert trust.keep(ONE) == ""
        assert trust.certified(ONE, near=False, vouched=False).private
        assert "than before" in refusal(trust, OTHER)

    def test_what_was_vouched_for_is_not_replaced_by_what_is_unknown(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path).trust()
        trust.gone(trust.certified(ONE, near=False, vouched=True))
        assert "Nothing vouches" in refusal(trust, OTHER)
        assert trust.certified(OTHER, near=False, vouched=True).private

    def test_who_does_not_mind_goes_on_with_any(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path).trust(insecure=True)
        trust.gone(trust.certified(ONE, near=False, vouched=False))
        assert trust.certified(OTHER, near=False, vouched=False).unknown == OTHER
        assert trust.plain(near=False) == Way()


class PlainTests:
    def test_the_first_one_is_for_somebody_to_decide_about_and_the_next_are_like_it(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path).trust()
        for _ in range(2):
            way = trust.plain(near=False)
            assert way == Way()
            trust.gone(way)

    @pytest.mark.parametrize("near", [False, True])
    def test_none_comes_after_a_better_one(self, tmp_path: Path, near: bool) -> None:  # noqa: FBT001
        trust = Reader(tmp_path).trust()
        trust.gone(trust.certified(ONE, near=near, vouched=True))
        assert "had TLS before, and has none now" in refusal(trust)

    @pytest.mark.parametrize("insecure", [False, True])
    def test_a_server_that_is_known_has_tls(self, tmp_path: Path, insecure: bool) -> None:  # noqa: FBT001
        reader = Reader(tmp_path, f"chat.example.org:55555 {ONE}")
        assert refusal(reader.trust(insecure=insecure)).endswith(f"remove line 1 of {reader.path}")


class FileTests:
    def test_it_is_a_line_for_each_server_that_only_its_owner_can_read(self, tmp_path: Path) -> None:
        reader = Reader(tmp_path)
        reader.trust().keep(ONE)
        Trust(Place("::1", 5), KnownServers(reader.path)).keep(OTHER)
        assert reader.path.read_text() == f"chat.example.org:55555 {ONE}\n[::1]:5 {OTHER}\n"
        assert (reader.path.stat().st_mode & 0o777, reader.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert list(reader.path.parent.iterdir()) == [reader.path]

    def test_what_else_stands_in_it_is_kept(self, tmp_path: Path) -> None:
        reader = Reader(tmp_path, "# mine", "", "what is this?")
        with reader.path.open("ab") as file:
            file.write(b"\xff no line end")
        before = reader.path.read_bytes()
        reader.trust().keep(ONE)
        assert reader.path.read_bytes() == before + f"\nchat.example.org:55555 {ONE}\n".encode()

    def test_a_link_to_it_stays_one(self, tmp_path: Path) -> None:
        reader = Reader(tmp_path, "# mine")
        link = tmp_path / "link"
        link.symlink_to(reader.path)
        KnownServers(link).keep(PLACE, ONE)
        assert link.is_symlink()
        assert ONE in reader.path.read_text()

    @pytest.mark.parametrize(
        "line",
        [f"chat.example.org:55555 {ONE}", f"CHAT.example.org:55555   {ONE.replace(':', '').lower()}  since monday"],
    )
    def test_a_line_may_be_written_by_hand(self, tmp_path: Path, line: str) -> None:
        reader = Reader(tmp_path, line)
        assert reader.trust().certified(ONE, near=False, vouched=False).private

    def test_several_lines_are_several_certificates(self, tmp_path: Path) -> None:
        trust = Reader(tmp_path, *(f"chat.example.org:55555 {each}" for each in (ONE, OTHER))).trust()
        for each in (ONE, OTHER):
            assert trust.certified(each, near=False, vouched=False).private

    @pytest.mark.parametrize("rest", ["", " AB:CD"])
    def test_a_line_that_cannot_be_read_is_no_leave_to_trust_anybody(self, tmp_path: Path, rest: str) -> None:
        reader = Reader(tmp_path, f"chat.example.org:55555{rest}")
        assert "remove line 1" in refusal(reader.trust(), ONE)

    @pytest.mark.parametrize("line", [f"chat.example.org:55556 {OTHER}", f"example.org:55555 {OTHER}"])
    def test_another_place_is_another_server(self, tmp_path: Path, line: str) -> None:
        reader = Reader(tmp_path, line)
        assert reader.trust().certified(ONE, near=False, vouched=False) == UNKNOWN

    def test_a_file_that_cannot_be_read_is_none_that_knows_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "state" / "known_servers").mkdir(parents=True)
        assert "Cannot read" in refusal(Reader(tmp_path).trust(), ONE)
        assert Reader(tmp_path).trust(insecure=True).plain(near=False) == Way()

    def test_what_cannot_be_kept_is_trusted_till_the_end(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("in the way")
        trust = Trust(PLACE, KnownServers(None))
        assert "no home folder" in trust.keep(ONE)
        assert trust.certified(ONE, near=False, vouched=False).private
        assert "could not be kept" in Trust(PLACE, KnownServers(tmp_path / "state" / "known_servers")).keep(ONE)


class WhereTests:
    def test_it_is_where_state_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/ann")
        for given, folder in [
            ("/state", "/state"),
            ("relative", "/home/ann/.local/state"),
            ("", "/home/ann/.local/state"),
        ]:
            monkeypatch.setenv("XDG_STATE_HOME", given)
            assert known_servers() == Path(folder, "tcpchat", "known_servers")

    def test_somebody_without_a_home_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def homeless(_: str) -> str:
            return "~"

        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        monkeypatch.setattr(os.path, "expanduser", homeless)
        assert known_servers() is None


class FingerprintTests:
    @pytest.mark.parametrize("text", [ONE, ONE.lower(), ONE.replace(":", "")])
    def test_it_may_be_written_in_more_than_one_way(self, text: str) -> None:
        assert fingerprint(text) == ONE

    @pytest.mark.parametrize("text", ["", "AB:CD", ONE + ":AB", ONE.replace("A", "G"), "SHA-256"])
    def test_anything_else_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            fingerprint(text)
