"""API keys: what programs prove to act for a user with, within scopes."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from keyfob.model.session import Client

MAX_SECRETS: Final = 4
"""How many secrets of one key may work at once: the newest, and those that it has replaced and that overlap with it."""

DEFAULT_NAME: Final = "API key"
"""What a key is called that nobody named."""

DEFAULT_OVERLAP_SECONDS: Final = 24 * 3600
"""How long an old secret works beside a new one, if nobody says."""

USE_NOTED_SECONDS: Final = 60
"""How old the last noted use of a key must be for the next one to be noted: not every request writes."""


class KeySecret(NamedTuple):
    """The SHA-256 digest of one secret of a key, and when it ends (seconds since the epoch), if it does."""

    digest: str
    ends_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a user, good for one contract. Times are seconds since the epoch; without `expires_at` it stays.

    It is good only while its `epoch` is its user's `key_epoch`. `slot` is where among its user's keys it is stored, and
    `secrets` are the newest first. `last_used_by` is where the last use came from that was noted.
    """

    user_id: str
    slot: int
    id: str
    epoch: int
    contract: str
    name: str
    scopes: tuple[str, ...]
    secrets: tuple[KeySecret, ...] = field(repr=False)
    created_at: int
    expires_at: int | None = None
    last_used_at: int | None = None
    last_used_by: Client | None = None

    def is_live(self, now: int) -> bool:
        """Tell whether the key has not expired; DynamoDB deletes expired items days late."""
        return self.expires_at is None or now < self.expires_at

    def live_secrets(self, now: int) -> tuple[KeySecret, ...]:
        """Return the secrets that have not ended."""
        return tuple(each for each in self.secrets if each.ends_at is None or now < each.ends_at)


class NewKey(NamedTuple):
    """What somebody wants of a new key; `lifetime` is in seconds, `None` for one that stays."""

    name: str
    scopes: tuple[str, ...]
    lifetime: int | None


class IssuedKey(NamedTuple):
    """A key, and its text, which is shown this once."""

    key: ApiKey
    text: str
