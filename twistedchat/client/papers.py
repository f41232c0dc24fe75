"""By what the server knows us: a nick, its password, and the secret of the last visit."""

from twistedchat.client import wire


class Papers:
    """What is shown when we come in; the password at first, and then only where it is asked for.

    A ``bot`` says that it is one.
    """

    def __init__(self, *, bot: bool = False) -> None:
        self._bot = bot
        self.nick = ""
        self.secret = ""
        self._owner = ""
        self._token = ""
        self._shown = False

    def take(self, nick: str, token: str) -> None:
        """Go by this nick, whose password that is."""
        self.nick = self._owner = nick
        self._token, self._shown = token, False

    def rename(self, nick: str) -> None:
        """Go by another nick: the password is its password now."""
        self.nick = self._owner = nick

    def drop(self) -> None:
        """Go by no nick."""
        self.nick = ""

    def begin(self) -> None:
        """Take note of a new connection, on which nothing was shown so far."""
        self._shown = False

    def can_prove(self) -> bool:
        """Tell whether there is a password that was not shown yet."""
        return bool(self._token) and not self._shown

    def prove(self) -> wire.Request:
        """Return a hello with the password, under the name that it belongs to."""
        self.nick = self._owner
        self._shown = True
        return {**self.hello(), "token": self._token}

    def hello(self) -> wire.Request:
        """Return a hello without the password."""
        request: wire.Request = {"op": "hello", "v": 1, "nick": self.nick}
        if self._bot:
            request["bot"] = True
        return {**request, "session": self.secret} if self.secret else request
