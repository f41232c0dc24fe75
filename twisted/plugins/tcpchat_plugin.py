"""Makes ``twistd tcpchat`` known; every ``twistd --help`` imports this, so it imports next to nothing."""

from twisted.application.service import ServiceMaker

tcpchat = ServiceMaker(
    "tcpchat",
    "twistedchat.service",
    "A chat for netcat, telnet, bots and people on one port; nothing said is ever lost.",
    "tcpchat",
)
