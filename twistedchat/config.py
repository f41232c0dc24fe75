"""The settings: frozen, each with a default, read once at the start.

Defaults give way to the TOML file, the file to ``--set``, and that to the other
options. Whatever is wrong with them is reported at once, all of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Literal, NewType, TypeAlias, TypeVar

from cattrs import Converter, ForbiddenExtraKeysError, transform_error
from cattrs.gen import make_dict_structure_fn

from twistedchat.chat.durations import is_duration

if TYPE_CHECKING:
    from pathlib import Path

Amount = NewType("Amount", float)
Count = NewType("Count", int)
Flag = NewType("Flag", bool)
RoomName = NewType("RoomName", str)
Word = NewType("Word", str)
Exempt = NewType("Exempt", str)
Span = NewType("Span", str)
Raw: TypeAlias = Mapping[str, object]
T = TypeVar("T")


class ConfigError(Exception):
    """Settings that cannot be used; `lines` says what is wrong with each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Server:
    """Who this server is, and where it keeps what it keeps."""

    name: Word = Word("")
    data: Word = Word(".")
    durability: Literal["power", "process"] = "power"


@dataclass(frozen=True)
class Listen:
    """Where it listens: bare ports, which only this computer reaches unless it is `public`, or Twisted endpoints.

    `tls` is a folder with a certificate and its key for the bare ports, or "auto".
    """

    port: tuple[Word, ...] = (Word("55555"),)
    public: Flag = Flag(False)  # noqa: FBT003 - a default
    tls: Word = Word("")


@dataclass(frozen=True)
class Limits:
    """What a peer is granted; 0 is no limit."""

    nick_seconds: Amount = Amount(30)
    connections_per_address: Count = Count(16)
    connects_per_minute: Count = Count(60)
    exempt: Exempt = Exempt("loopback,unix")
    burst: Count = Count(10)
    per_second: Amount = Amount(2.0)
    line_bytes: Count = Count(4096)
    text_characters: Count = Count(4000)
    backlog_bytes: Count = Count(256 * 1024)
    stalled_seconds: Amount = Amount(20)
    ping_seconds: Count = Count(60)
    silent_seconds: Count = Count(150)


@dataclass(frozen=True)
class Rooms:
    """Where everybody starts, and what guests may do there."""

    lobby: RoomName = RoomName("#lobby")
    guests: Literal["talk", "read", "none"] = "talk"


@dataclass(frozen=True)
class History:
    """How long what was said is kept (a room can keep it for less), and how much of it is shown to who comes in.

    The default, "", is for ever, and 90 days where it is public.
    """

    keep: Span = Span("")
    replay: Count = Count(20)


@dataclass(frozen=True)
class Accounts:
    """Whether anybody may make an account of their nickname."""

    register: Literal["open", "closed"] = "open"


@dataclass(frozen=True)
class Settings:
    """All of them."""

    server: Server = field(default_factory=Server)
    listen: Listen = field(default_factory=Listen)
    limits: Limits = field(default_factory=Limits)
    rooms: Rooms = field(default_factory=Rooms)
    history: History = field(default_factory=History)
    accounts: Accounts = field(default_factory=Accounts)


def load(path: Path | None, changes: Sequence[str] = (), options: Mapping[str, Raw] | None = None) -> Settings:
    """Return the settings of the file, changed by ``section.key=value`` each, and by the options.

    Raises `ConfigError` with a line for each thing that is wrong.
    """
    raw: dict[str, dict[str, object]] = {}
    wrong: list[str] = []
    sources = [(str(path), partial(_read, path))] if path else []
    sources += [(f"--set {change}", partial(_change, change)) for change in changes]
    for origin, source in sources:
        try:
            wrong += _merge(raw, source(), origin)
        except ConfigError as error:
            wrong += error.lines
    wrong += _merge(raw, options or {}, "the options")
    try:
        settings = _converter.structure(raw, Settings)
    except Exception as error:
        where = f" (in {path}, or --set)" if path else " (in --set)"
        lines = transform_error(error, path="", format_exception=_words)
        raise ConfigError(wrong + [_tidy(line) + where for line in lines]) from error
    if wrong:
        raise ConfigError(wrong)
    return settings


def _read(path: Path) -> Raw:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError([f"cannot read {path}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} is not TOML: {error}"]) from error


def _change(change: str) -> Raw:
    name, equals, value = change.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and key):
        raise ConfigError([f"--set {change}: it takes section.key=value, as in limits.per_second=0"])
    try:
        parsed: object = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value
    return {section: {key: parsed}}


def _merge(raw: dict[str, dict[str, object]], more: Raw, origin: str) -> list[str]:
    """Put `more` over `raw`; return a line for each of its sections that is none."""
    wrong = []
    for section, values in more.items():
        if isinstance(values, Mapping):
            raw.setdefault(section, {}).update(values)
        else:
            wrong.append(f"{section} is a section of settings, not a setting (in {origin})")
    return wrong


def _tidy(line: str) -> str:
    """Turn ``what @ .limits.burst`` into ``limits.burst: what``."""
    what, _, path = line.rpartition(" @ ")
    path = path.lstrip(".")
    return f"{path}: {what}" if path else what


def _words(error: BaseException, _kind: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        known = ", ".join(sorted(each.name for each in fields(error.cl)))
        unknown = ", ".join(sorted(error.extra_fields))
        return f"there is no setting {unknown}; there are {known}"
    return str(error) or repr(error)


def _must(*, hold: bool, value: object, allowed: str) -> None:
    if not hold:
        raise ValueError(f"it is {value!r}, and may be {allowed}")


def _count(value: object, _kind: type) -> Count:
    _must(
        hold=isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        value=value,
        allowed="a whole number, 0 or more",
    )
    return Count(int(str(value)))


def _amount(value: object, _kind: type) -> Amount:
    _must(
        hold=isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"),
        value=value,
        allowed="a number, 0 or more",
    )
    return Amount(float(str(value)))


def _flag(value: object, _kind: type) -> Flag:
    _must(hold=isinstance(value, bool), value=value, allowed="true or false")
    return Flag(bool(value))


def _word(value: object, _kind: type) -> Word:
    _must(hold=isinstance(value, str), value=value, allowed="a text")
    return Word(str(value))


def _exempt(value: object, _kind: type) -> Exempt:
    good = isinstance(value, str) and {"loopback", "unix"}.issuperset(value.replace(",", " ").split())
    _must(hold=good, value=value, allowed='"loopback", "unix", both with a comma, or "" for nobody')
    return Exempt(str(value))


def _span(value: object, _kind: type) -> Span:
    good = isinstance(value, str) and (value in {"", "forever"} or is_duration(value))
    _must(hold=good, value=value, allowed='a time like "30d" or "12h", or "forever"')
    return Span(str(value))


def _room_name(value: object, _kind: type) -> RoomName:
    good = isinstance(value, str) and value.startswith("#") and value[1:].isalnum() and value == value.casefold()
    _must(hold=good, value=value, allowed="# and small letters or digits")
    return RoomName(str(value))


def _choice(value: object, kind: type) -> object:
    choices: tuple[str, ...] = kind.__args__  # type: ignore[attr-defined]
    _must(hold=value in choices, value=value, allowed=" or ".join(choices))
    return value


def _ports(value: object, _kind: type) -> tuple[Word, ...]:
    ports = value if isinstance(value, list | tuple) else [value]
    good = bool(ports) and all(isinstance(port, str | int) and not isinstance(port, bool) for port in ports)
    _must(hold=good, value=value, allowed='ports or endpoints, as in ["55555"]')
    return tuple(Word(str(port)) for port in ports)


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Count, _count)
    converter.register_structure_hook(Amount, _amount)
    converter.register_structure_hook(Flag, _flag)
    converter.register_structure_hook(Word, _word)
    converter.register_structure_hook(RoomName, _room_name)
    converter.register_structure_hook(Exempt, _exempt)
    converter.register_structure_hook(Span, _span)
    converter.register_structure_hook_func(lambda kind: kind == tuple[Word, ...], _ports)
    converter.register_structure_hook_func(lambda kind: getattr(kind, "__origin__", None) is Literal, _choice)
    for section in (Server, Listen, Limits, Rooms, History, Accounts, Settings):
        hook = make_dict_structure_fn(section, converter, _cattrs_forbid_extra_keys=True)
        converter.register_structure_hook(section, hook)
    return converter


_converter = _make_converter()
