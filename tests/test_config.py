"""The settings: what gives way to what, and what is said of wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.config import ConfigError, Limits, Settings, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give where a file with settings may be."""
    return tmp_path / "chat.toml"


def wrong(path: Path | None, *changes: str) -> tuple[str, ...]:
    """Return what is said of settings that cannot be used."""
    with pytest.raises(ConfigError) as error:
        load(path, changes)
    assert str(error.value) == "\n".join(error.value.lines)
    return error.value.lines


class PrecedenceTests:
    """Defaults, then the file, then --set, then the options."""

    def test_everything_has_a_default(self) -> None:
        """No file is needed."""
        assert load(None) == Settings()

    def test_an_empty_file_changes_nothing(self, file: Path) -> None:
        """What it does not name stays as it was."""
        file.write_text("")
        assert load(file) == Settings()

    def test_each_gives_way_to_the_next(self, file: Path) -> None:
        """The one nearest to whoever starts the daemon wins, key by key."""
        file.write_text('[server]\nname = "bee"\ndata = "/file"\ndurability = "process"\n')
        settings = load(file, ['server.name="wasp"', "server.data=/set"], {"server": {"data": "/option"}})
        assert (settings.server.durability, settings.server.name, settings.server.data) == (
            "process",
            "wasp",
            "/option",
        )

    def test_the_last_set_wins(self) -> None:
        """A key that is set twice has its last value."""
        assert load(None, ["limits.burst=1", "limits.burst=2"]).limits.burst == 2

    def test_they_are_frozen(self) -> None:
        """Nobody changes them while the daemon runs."""
        with pytest.raises(AttributeError):
            load(None).limits.burst = 3  # type: ignore[misc, assignment]

    def test_every_key_of_the_file(self, file: Path) -> None:
        """All of them can be written down, and come out with their types."""
        file.write_text(
            '[listen]\nport = ["55555", "unix:/run/chat"]\n'
            "[limits]\nnick_seconds = 1\nper_second = 0.5\nburst = 0\n"
            '[rooms]\nlobby = "#ops"\nguests = "read"\n'
            '[history]\nreplay = 0\n[accounts]\nregister = "closed"\n'
        )
        settings = load(file)
        assert settings.listen.port == ("55555", "unix:/run/chat")
        assert settings.limits == Limits(nick_seconds=1.0, per_second=0.5, burst=0)  # type: ignore[arg-type]
        assert isinstance(settings.limits.nick_seconds, float)
        assert (settings.rooms.lobby, settings.rooms.guests, settings.history.replay) == ("#ops", "read", 0)
        assert settings.accounts.register == "closed"


class ChangeTests:
    """--set section.key=value."""

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ("server.name=bee", "bee"),
            ('server.name="bee"', "bee"),
            ("server.name='a b'", "a b"),
            ("server.name=", ""),
            ("server.name=a=b", "a=b"),
            ("server.name=#1", "#1"),
            (" server.name =bee", "bee"),
        ],
    )
    def test_a_text_needs_no_quotes(self, change: str, name: str) -> None:
        """What is no TOML is taken as it is typed."""
        assert load(None, [change]).server.name == name

    @pytest.mark.parametrize("value", ["8000", '"8000"', '["8000"]', "[8000]"])
    def test_one_port_needs_no_list(self, value: str) -> None:
        """A port is the same as a number, a text, or alone in a list."""
        assert load(None, [f"listen.port={value}"]).listen.port == ("8000",)

    @pytest.mark.parametrize("change", ["limits", "limits.burst", "burst=3", "limits.=3", "=3", ""])
    def test_one_that_is_none(self, change: str) -> None:
        """How it is written is shown with an example."""
        assert wrong(None, change) == (f"--set {change}: it takes section.key=value, as in limits.per_second=0",)


class WrongTests:
    """What is said of wrong settings."""

    def test_everything_is_said_at_once(self, file: Path) -> None:
        """Each wrong value and unknown name has a line: its name, its value, what is allowed, and the file."""
        file.write_text(
            '[server]\nname = 3\ndurability = "fast"\n'
            "[limits]\nburst = -1\nbrust = 4\nper_second = true\n"
            '[rooms]\nlobby = "lobby"\n'
            "[hstory]\nreplay = 3\n"
        )
        lines = wrong(file, "limits.stalled_seconds=soon")
        where = f" (in {file}, or --set)"
        assert all(line.endswith(where) for line in lines)
        said = {line.removesuffix(where).partition(";")[0] for line in lines}
        assert said == {
            "server.name: it is 3, and may be a text",
            "server.durability: it is 'fast', and may be power or process",
            "limits.burst: it is -1, and may be a whole number, 0 or more",
            "limits.per_second: it is True, and may be a number, 0 or more",
            "limits.stalled_seconds: it is 'soon', and may be a number, 0 or more",
            "limits: there is no setting brust",
            "rooms.lobby: it is 'lobby', and may be # and small letters or digits",
            "there is no setting hstory",
        }

    def test_an_unknown_name_is_shown_beside_those_there_are(self) -> None:
        """Whoever mistyped a name finds the right one."""
        assert wrong(None, "history.repaly=3") == (
            "history: there is no setting repaly; there are keep, replay (in --set)",
        )

    @pytest.mark.parametrize("value", ["true", "-1", "1.5", '"10"', "[]", "nan", "2024-01-01"])
    def test_what_is_no_count(self, value: str) -> None:
        """A count is a whole number; true is none, and a text is none."""
        assert "limits.burst: it is " in wrong(None, f"limits.burst={value}")[0]

    @pytest.mark.parametrize("value", ["true", "-0.1", '"1"', "inf", "nan", "-inf", "{}"])
    def test_what_is_no_amount(self, value: str) -> None:
        """An amount is a number that time can go by, 0 or more."""
        assert "limits.per_second: it is " in wrong(None, f"limits.per_second={value}")[0]

    @pytest.mark.parametrize("value", ["[]", "true", "[true]", "[[1]]", "1.5", "{}"])
    def test_what_is_no_port(self, value: str) -> None:
        """Ports are numbers and texts, and there is one at least."""
        assert 'may be ports or endpoints, as in ["55555"]' in wrong(None, f"listen.port={value}")[0]

    @pytest.mark.parametrize("name", ["", "#", "ops", "#Ops", "#a b", "##", "3"])
    def test_what_is_no_room(self, name: str) -> None:
        """The lobby's name is one that every door can say."""
        assert "rooms.lobby: it is " in wrong(None, f"rooms.lobby={name}")[0]

    @pytest.mark.parametrize("value", ["loopbak", "127.0.0.1", "unix:loopback", "true"])
    def test_who_cannot_be_exempt(self, value: str) -> None:
        """A word that means nobody would leave everybody counted without a word."""
        assert "limits.exempt: it is " in wrong(None, f"limits.exempt={value}")[0]
        assert load(None, ["limits.exempt=unix, loopback"]).limits.exempt == "unix, loopback"

    @pytest.mark.parametrize("value", ["1", '"yes"', '"true"'])
    def test_what_is_no_flag(self, value: str) -> None:
        """Yes is true and no is false, and nothing else is either."""
        assert "may be true or false" in wrong(None, f"listen.public={value}")[0]

    def test_a_section_that_is_a_value(self, file: Path) -> None:
        """It is said what it should be, and where it stands."""
        file.write_text("limits = 3\n")
        assert wrong(file) == (f"limits is a section of settings, not a setting (in {file})",)

    def test_what_cannot_even_be_read_hides_nothing(self, file: Path) -> None:
        """A change that is none, a section that is a value and a wrong value are all said at once."""
        file.write_text("limits = 3\nrooms = 4\n[history]\nreplay = -1\n")
        lines = wrong(file, "burst=3", "limits.burst=-1")
        assert [line.partition(":")[0] for line in lines[3:]] == ["limits.burst", "history.replay"]
        assert lines[:3] == (
            f"limits is a section of settings, not a setting (in {file})",
            f"rooms is a section of settings, not a setting (in {file})",
            "--set burst=3: it takes section.key=value, as in limits.per_second=0",
        )


class FileTests:
    """Files that cannot be read."""

    def test_there_is_none(self, file: Path) -> None:
        """Its name and the reason are shown."""
        assert wrong(file) == (f"cannot read {file}: No such file or directory",)

    @pytest.mark.parametrize("data", [b"[limits\n", b"\xff\xfe", b"a = 1\na = 2\n"])
    def test_it_is_not_toml(self, file: Path, data: bytes) -> None:
        """What is wrong is shown with its place, in one line."""
        file.write_bytes(data)
        (line,) = wrong(file)
        assert line.startswith(f"{file} is not TOML: ")
        assert "\n" not in line


@pytest.mark.parametrize("keep", ["", "forever", "30d", "12h"])
def test_how_long_it_is_kept(keep: str) -> None:
    """For a time, for ever, or as is usual."""
    assert load(None, (f'history.keep="{keep}"',)).history.keep == keep


@pytest.mark.parametrize("keep", ["30", "long", "-1d", "0d"])
def test_what_is_no_time(keep: str) -> None:
    """It is refused, with what is one."""
    assert wrong(None, f'history.keep="{keep}"') == (
        f'history.keep: it is \'{keep}\', and may be a time like "30d" or "12h", or "forever" (in --set)',
    )
