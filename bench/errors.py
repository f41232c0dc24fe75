"""What makes a run worthless, and so ends it with words instead of figures."""


class BenchError(Exception):
    """The words say what went wrong, and with which server."""
