"""What a bot may have to hear, beside `RefusedError`, `GivenUpError` and `FatalError`."""


class PutOutError(Exception):
    """We are in ``room`` no more: somebody has put us out of it, or it is gone."""

    def __init__(self, room: str) -> None:
        super().__init__(f"You are not in {room} any more: somebody has put you out of it, or it is gone.")
        self.room = room


class LeftError(Exception):
    """Goodbye was said: nothing is asked or heard any more."""

    def __init__(self) -> None:
        super().__init__("Goodbye was said: nothing is asked or heard any more.")


class UnansweredError(Exception):
    """We leave and ``count`` things are not known to be stored, for the server did not answer in time."""

    def __init__(self, count: int, seconds: float) -> None:
        what = "1 thing that was said is" if count == 1 else f"{count} things that were said are"
        super().__init__(f"{what} not known to be stored: the server did not answer in {seconds:.0f} s.")
        self.count = count
