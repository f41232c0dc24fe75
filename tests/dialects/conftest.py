"""What the tests of the dialects stand on."""

from tests.properties import calm

__all__ = ["calm"]
