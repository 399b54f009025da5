"""Keys as a running function holds them: read when first needed, and again now and then."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from keyfob.clock import Clock
from keyfob.errors import Unavailable

K = TypeVar("K")

logger = logging.getLogger("keyfob")

MAX_AGE_SECONDS = 300
"""How long a process uses the keys it has read. A new key is published for longer than this before it signs."""

MIN_RELOAD_SECONDS = 30
"""How long to wait between two extra reads, however many tokens with unknown keys arrive."""


class Keys(Generic[K]):
    """Keys of one kind, read from their secret when they are needed."""

    def __init__(self, read: Callable[[], str], parse: Callable[[str], K], clock: Clock) -> None:
        """Take how to read the document, how to parse it, and the clock."""
        self._read = read
        self._parse = parse
        self._clock = clock
        self._text = ""
        self._keys: K | None = None
        self._tried_at = 0

    def get(self) -> K:
        """Return the keys, at most `MAX_AGE_SECONDS` old while they can be read; older ones while they cannot.

        Raises `Unavailable` if there are none at all, and whatever reading them first raised.
        """
        if self._keys is None or self._clock() - self._tried_at >= MAX_AGE_SECONDS:
            self._load()
        if self._keys is None:
            raise Unavailable("no keys could be read")
        return self._keys

    def reload(self) -> K:
        """Return the keys, read again unless that was tried in the last `MIN_RELOAD_SECONDS`."""
        if self._clock() - self._tried_at >= MIN_RELOAD_SECONDS:
            self._load()
        return self.get()

    def _load(self) -> None:
        """Read the document, and parse it if it has changed; what fails is raised only if there are no keys to use."""
        self._tried_at = self._clock()
        try:
            text = self._read()
            keys = self._keys if text == self._text else self._parse(text)
        except Exception:
            if self._keys is None:
                raise
            logger.warning("keys could not be read again; older ones stay in use", exc_info=True)
            return
        if keys:
            self._keys, self._text = keys, text
