"""Sessions: one sign-in, and the tokens that descend from it."""

from dataclasses import dataclass, field
from typing import NamedTuple

MAX_USER_AGENT_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from: API Gateway's own source address, and what the client calls itself."""

    ip: str
    user_agent: str

    def __post_init__(self) -> None:
        """Keep at most `MAX_USER_AGENT_CHARACTERS` of the user agent."""
        object.__setattr__(self, "user_agent", self.user_agent[:MAX_USER_AGENT_CHARACTERS])

    @property
    def facts(self) -> dict[str, str]:
        """What a notice tells of it."""
        return {"ip": self.ip, "user_agent": self.user_agent}


COOKIE_SECONDS = 7 * 24 * 3600
"""How long a cookie session lives after its last use."""

COOKIE_RENEWAL_SECONDS = 3600
"""How old the last noted use of a cookie session must be for the next one to be noted: not every request writes."""


class SessionRef(NamedTuple):
    """Which session is meant, and the epoch at which it must be."""

    user_id: str
    id: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in: a token family, or what a cookie stands for. Times are seconds since the epoch.

    `generation` counts how often its refresh token was replaced, `refreshed_at` is when it was last refreshed (or its
    cookie used), and `expires_at` is when the last token of the family, access tokens included, has expired. `epoch` is
    the user's own at sign-in: raising the user's ends all sessions at once. A cookie session has a `secret_digest`.
    """

    user_id: str
    id: str
    contract: str
    epoch: int
    generation: int
    created_at: int
    refreshed_at: int
    expires_at: int
    client: Client
    secret_digest: str | None = field(default=None, repr=False)

    @property
    def ref(self) -> SessionRef:
        """What writes to this session name."""
        return SessionRef(self.user_id, self.id, self.epoch)

    def is_live(self, now: int) -> bool:
        """Tell whether the session has not expired; DynamoDB deletes expired items days late."""
        return now < self.expires_at


class ListedSession(NamedTuple):
    """A session as its user sees it: a readable name of the device, and whether this very request came from it."""

    session: Session
    device: str
    is_current: bool


class SessionList(NamedTuple):
    """Some of a user's sessions, those used last first, and the cursor of the next page, if there is one."""

    sessions: list[ListedSession]
    next_cursor: str | None
