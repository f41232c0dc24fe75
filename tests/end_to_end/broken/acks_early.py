"""A server that acknowledges before it commits."""

from __future__ import annotations

from tests.end_to_end.broken.early import Early, answered, shown
from tests.end_to_end.broken.served import serve


class AcksEarly(Early):
    early = staticmethod(answered)
    late = staticmethod(shown)


serve(AcksEarly)
