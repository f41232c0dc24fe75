"""The line that is being typed, and the lines that scroll above it without touching it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.styles import Style
from twisted.internet.defer import CancelledError, Deferred

from twistedchat.client.exits import InterruptError
from twistedchat.client.passwords import discreet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.formatted_text import AnyFormattedText
    from prompt_toolkit.key_binding import KeyPressEvent
    from twisted.internet.interfaces import IDelayedCall, IReactorTime
    from twisted.python.failure import Failure

    from twistedchat.client.render import Line

_GATHER_SECONDS = 0.02
"""Lines that come within this time are painted together: each painting redraws the line being typed."""

STYLE = Style.from_dict(
    {
        "dim": "ansibrightblack",
        "error": "ansired",
        "direct": "ansimagenta",
        "prompt": "ansigreen",
        "nick0": "ansicyan",
        "nick1": "ansiyellow",
        "nick2": "ansigreen",
        "nick3": "ansimagenta",
        "nick4": "ansiblue",
        "nick5": "ansibrightcyan",
    }
)


class WordCompleter(Completer):
    """Completes the word before the cursor from what ``words`` says is possible there.

    ``words`` is given the line up to the word, and the word itself.
    """

    def __init__(self, words: Callable[[str, str], Iterable[str]]) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return what the word may become."""
        del complete_event
        line = document.text_before_cursor
        start = line.rfind(" ") + 1
        for word in self._words(line[:start], line[start:]):
            yield Completion(word, start_position=start - len(line))


class DiscreetHistory(InMemoryHistory):
    """What was typed before, but no passwords."""

    def append_string(self, string: str) -> None:
        """Remember a line, unless it has one in it."""
        if discreet(string) == string:
            super().append_string(string)


class Editor:
    """A terminal in line mode: `show` prints above, `read` asks for the next line.

    It needs a running asyncio reactor.
    """

    def __init__(self, clock: IReactorTime, words: Callable[[str, str], Iterable[str]]) -> None:
        self._clock = clock
        self._gathered: list[Line] = []
        self._painting: IDelayedCall | None = None
        self._unfinished = ""
        self._hidden = ""
        self._secretive = False
        self._talk: PromptSession[str] = PromptSession(
            erase_when_done=True,
            history=DiscreetHistory(),
            complete_while_typing=False,
            completer=WordCompleter(words),
            style=STYLE,
            key_bindings=_keys(),
            interrupt_exception=InterruptError,
        )
        self._questions: PromptSession[str] = PromptSession(
            history=DummyHistory(), style=STYLE, key_bindings=_keys(), interrupt_exception=InterruptError
        )
        self._secrets: PromptSession[str] = PromptSession(
            history=DummyHistory(),
            is_password=True,
            erase_when_done=True,
            style=STYLE,
            key_bindings=_keys(),
            interrupt_exception=InterruptError,
        )

    def show(self, lines: list[Line]) -> None:
        """Print lines above what is being typed, which stays as it is."""
        self._gathered += lines
        if self._painting is None and not self._secretive:
            self._painting = self._clock.callLater(_GATHER_SECONDS, self._paint)

    def flush(self) -> None:
        """Print at once what `show` has gathered."""
        if self._painting is not None:
            self._painting.cancel()
            self._paint()

    def read(self, prompt: Callable[[], str]) -> Deferred[str]:
        """Read a line; fails with `EOFError` at Ctrl-D and `InterruptError` at Ctrl-C on an empty line.

        The line vanishes when it is entered: it is seen again when it is stored. What stood
        in one that was cancelled stands in the next.
        """
        self.flush()
        unfinished, self._unfinished = self._unfinished + self._hidden, ""
        self._hidden = ""
        shown = _answer(self._talk, lambda: FormattedText([("class:prompt", prompt())]), unfinished)
        return shown.addErrback(self._keep_unfinished)

    def ask(self, question: str, default: str = "") -> Deferred[str]:
        """Ask a question, which stays on the screen with its answer, ``default`` if that is empty."""
        self.flush()
        return _answer(self._questions, question).addCallback(lambda text: text.strip() or default)

    def ask_secretly(self, question: str) -> Deferred[str]:
        """Ask for a line that nobody sees, and that vanishes and is not remembered.

        Nothing is painted meanwhile: for that moment the terminal itself would show what is typed.
        What stood in one that was cancelled stands in whatever is asked or read next.
        """
        self.flush()
        self._secretive = True
        hidden, self._hidden = self._hidden, ""
        return _answer(self._secrets, question, hidden).addErrback(self._keep_hidden).addBoth(self._show_again)

    def ring(self) -> None:
        """Ring the bell."""
        self._talk.app.output.bell()
        self._talk.app.output.flush()

    def _show_again(self, result: str | Failure) -> str | Failure:
        self._secretive = False
        self.show([])
        return result

    def _keep_unfinished(self, why: Failure) -> Failure:
        self._unfinished = self._talk.default_buffer.text
        return why

    def _keep_hidden(self, why: Failure) -> Failure:
        self._hidden = self._secrets.default_buffer.text
        return why

    def _paint(self) -> None:
        self._painting = None
        gathered, self._gathered = self._gathered, []
        pieces = [piece for line in gathered for piece in (*line, ("", "\n"))]
        if pieces:
            print_formatted_text(FormattedText(pieces), end="", style=STYLE)


def _answer(session: PromptSession[str], prompt: AnyFormattedText, default: str = "") -> Deferred[str]:
    session.default_buffer.reset(Document(default))
    answer: Deferred[str] = Deferred.fromFuture(asyncio.ensure_future(_line(session, prompt, default)))
    return answer.addErrback(_end_of_input)


async def _line(session: PromptSession[str], prompt: AnyFormattedText, default: str) -> str:
    """Ask; what has been entered just before this is cancelled is the answer all the same."""
    asked = asyncio.ensure_future(session.prompt_async(prompt, default=default, handle_sigint=False))
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        if not session.app.is_running and not session.app.is_done:
            asked.cancel()
        elif not session.app.is_done:
            session.app.exit(exception=EOFError)
        return await asked


def _end_of_input(why: Failure) -> NoReturn:
    """Make being cancelled look like Ctrl-D: there will be no more lines."""
    if why.check(asyncio.CancelledError, CancelledError):
        raise EOFError
    why.raiseException()


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def clear_or_interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=InterruptError, style="class:aborting")

    return keys
