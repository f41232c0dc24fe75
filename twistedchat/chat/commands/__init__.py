"""Everything that begins with a slash, in the order in which /help shows it."""

from twistedchat.chat.commands import accounts, admin, moderation, owners, past, people, rooms, settings, talk
from twistedchat.chat.commands.help import help_
from twistedchat.chat.commands.registry import Registry

COMMANDS = Registry(
    (
        *(rooms.join, rooms.rooms, people.who, talk.msg, talk.me, past.search, accounts.register, people.quit_),
        *(help_, rooms.part, rooms.topic, people.nick, talk.r, past.history, past.missed),
        *(talk.edit, talk.del_, people.whois, people.away, people.back),
        *(settings.set_, settings.ignore, settings.unignore, settings.quiet),
        *(accounts.login, accounts.logout, accounts.passwd, accounts.whoami, accounts.claim),
        *(admin.motd, settings.json, admin.version, admin.time, admin.ping, admin.stats),
        *(owners.invite, moderation.kick, moderation.ban, moderation.unban, moderation.bans),
        *(moderation.mute, moderation.unmute, moderation.slow),
        *(owners.voice, owners.devoice, owners.op, owners.deop, owners.owner),
        *(owners.room, owners.rename, owners.drop),
        *(admin.shout, admin.kill, admin.reload, admin.backup, admin.audit),
    ),
)
"""What there is to type."""
