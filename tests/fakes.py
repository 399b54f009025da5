"""A clock and a secret for tests that need no AWS."""

from dataclasses import dataclass, field

from keyfob.errors import Unavailable

TIME = 1_900_000_000


@dataclass
class FakeClock:
    """A clock that stands still until it is set."""

    time: int = TIME

    def __call__(self) -> int:
        """Tell the time."""
        return self.time


@dataclass
class Shelf:
    """A secret that lies at hand, counts its readers, and may be away."""

    text: str
    away: bool = False
    reads: int = field(default=0, init=False)

    def read(self) -> str:
        """Return the text."""
        self.reads += 1
        if self.away:
            raise Unavailable("away")
        return self.text
