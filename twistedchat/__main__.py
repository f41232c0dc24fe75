"""``tcpchat`` and ``python -m twistedchat``: the same as ``twistd -n tcpchat``."""

from __future__ import annotations

import sys

from twisted.scripts.twistd import run


def main() -> None:
    """Run the daemon in the foreground, with the options of this command line."""
    sys.argv[:] = ["twistd", "--nodaemon", "tcpchat", *sys.argv[1:]]
    run()


if __name__ == "__main__":
    main()
