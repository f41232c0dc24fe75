"""Everything that begins with a slash, in the order in which /help shows it."""

from twistedchat.chat.commands.help import help_
from twistedchat.chat.commands.people import away, back, nick, quit_, who, whois
from twistedchat.chat.commands.registry import Registry
from twistedchat.chat.commands.rooms import join, part, rooms, topic
from twistedchat.chat.commands.settings import set_
from twistedchat.chat.commands.talk import history, me, msg, r

COMMANDS = Registry(
    (help_, nick, join, part, rooms, who, topic, me, msg, history, quit_, r, whois, away, back, set_),
)
