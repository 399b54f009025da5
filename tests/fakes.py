"""A clock, a secret and a user for tests that need no AWS."""

from dataclasses import dataclass, field, replace

from keyfob.errors import Unavailable
from keyfob.model.user import PersonName, User
from keyfob.service.registration import new_user

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


def somebody(user_id: str = "00000000-0000-4000-8000-000000000000") -> User:
    """Return a user that is stored nowhere."""
    user = new_user(
        email="ada@example.com", username="ada", name=PersonName.from_full("Ada"), password_hash=None, now=TIME
    )
    return replace(user, id=user_id)
