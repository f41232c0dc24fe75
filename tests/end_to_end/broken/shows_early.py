"""A server that shows before it commits."""

from __future__ import annotations

from tests.end_to_end.broken.early import Early, answered, shown
from tests.end_to_end.broken.served import serve


class ShowsEarly(Early):
    early = staticmethod(shown)
    late = staticmethod(answered)


serve(ShowsEarly)
