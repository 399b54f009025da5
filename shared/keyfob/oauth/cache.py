"""Documents of a provider as a running function holds them."""

from collections.abc import Callable
from typing import Generic, TypeVar

from keyfob.clock import Clock

T = TypeVar("T")

MAX_AGE_SECONDS = 600
"""How long a process uses a document that it has fetched."""

MIN_RELOAD_SECONDS = 30
"""How long to wait between two extra fetches, however many tokens with unknown keys arrive."""


class Cached(Generic[T]):
    """One document, fetched when it is needed and then for at most `MAX_AGE_SECONDS`."""

    def __init__(self, fetch: Callable[[], T], clock: Clock) -> None:
        """Take how to fetch the document, and the clock."""
        self._fetch = fetch
        self._clock = clock
        self._held: tuple[T, int] | None = None
        self._tried_at = 0

    def get(self) -> T:
        """Return the document, or raise what fetching it raised: the next call tries again."""
        if self._held is None or self._clock() - self._held[1] >= MAX_AGE_SECONDS:
            self._held = self._load()
        return self._held[0]

    def reload(self) -> T:
        """Return the document, fetched again unless that was tried in the last `MIN_RELOAD_SECONDS`."""
        if self._clock() - self._tried_at >= MIN_RELOAD_SECONDS:
            self._held = self._load()
        return self.get()

    def _load(self) -> tuple[T, int]:
        self._tried_at = self._clock()
        return self._fetch(), self._tried_at
