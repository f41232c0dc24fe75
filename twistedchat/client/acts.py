"""What is said of people's acts: one line each, in the words that the server has for people on netcat."""

from datetime import datetime

from twistedchat.client import events

_UNITS = (("d", 86_400), ("h", 3600), ("m", 60))


def words(act: events.Acts) -> str:
    """Return what is said of an act; of one with a text, what comes before that."""
    return f"{act.nick}{_of_messages(act) or _of_rooms(act) or _of_people(act)}"


def _of_messages(act: events.Acts) -> str:
    match act:
        case events.Edited():
            return " edited:"
        case events.Shouted():
            return " to everybody:"
        case events.MotdSet(text=text):
            return " has everybody who comes in told:" if text else " took the motd away."
        case events.Deleted(nick=nick, whose=whose):
            return " deleted a message." if nick == whose else f" deleted a message of {whose}."
        case events.Removed():
            return "'s message was deleted."
    return ""


def _of_rooms(act: events.Acts) -> str:
    match act:
        case events.RoomSet(name=name, value=value):
            return f" set this room: {name} {value}".rstrip() + "."
        case events.RoomRenamed(was=was, to=to):
            return f" renamed {was} to {to}."
        case events.Dropped(room=room):
            return f" has dropped {room}."
        case events.Invited(room=room, to=to):
            return f" invites {to} to {room}: /join {room}"
        case events.Granted(to=to, role=role):
            return _granted(to, role)
    return ""


def _granted(to: str, role: str) -> str:
    match role:
        case "":
            return f" took {to}'s role away."
        case "voice":
            return f" gave {to} voice."
    return f" made {to} an {role}."


def _of_people(act: events.Acts) -> str:  # noqa: PLR0911 - a table
    away, there = ("", "") if act.room else (" from this server", " on this server")
    match act:
        case events.Kicked(who=who, why=why):
            return f" kicked {who}{_because(why)}"
        case events.Banned(who=who, until=until, why=why):
            return f" banned {who}{away}{how_long(act.at, until)}{_because(why)}"
        case events.Unbanned(who=who):
            return f" unbanned {who}{away}."
        case events.Muted(who=who, until=until, why=why):
            return f" muted {who}{there}{how_long(act.at, until)}{_because(why)}"
        case events.Unmuted(who=who):
            return f" unmuted {who}{there}."
        case events.Killed(who=who, why=why):
            return f" disconnected {who}{_because(why)}"
        case events.Reloaded(changed=changed):
            return f" had the settings read again: {', '.join(changed) or 'nothing'} changed."
    return " is admin of this server from here on."


def how_long(at: str, until: str) -> str:
    """Return how long something holds: `` for 2h``; nothing where that is for ever, or no time."""
    try:
        seconds = round((datetime.fromisoformat(until) - datetime.fromisoformat(at)).total_seconds())
    except (ValueError, TypeError):
        return ""
    for unit, size in _UNITS:
        if seconds > 0 and seconds % size == 0:
            return f" for {seconds // size}{unit}"
    return f" for {max(0, seconds)}s"


def _because(why: str) -> str:
    return f". ({why})" if why else "."
