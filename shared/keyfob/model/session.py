"""Sessions: one sign-in, and the tokens that descend from it."""

from dataclasses import dataclass

MAX_USER_AGENT_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from: API Gateway's own source address, and what the client calls itself."""

    ip: str
    user_agent: str

    def __post_init__(self) -> None:
        """Keep at most `MAX_USER_AGENT_CHARACTERS` of the user agent."""
        object.__setattr__(self, "user_agent", self.user_agent[:MAX_USER_AGENT_CHARACTERS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A token family. Times are seconds since the epoch.

    `generation` counts how often its refresh token was replaced, `refreshed_at` is when it was last refreshed, and
    `expires_at` is when the last token of the family, access tokens included, has expired.
    """

    user_id: str
    id: str
    contract: str
    generation: int
    created_at: int
    refreshed_at: int
    expires_at: int
    client: Client

    def is_live(self, now: int) -> bool:
        """Tell whether the session has not expired; DynamoDB deletes expired items days late."""
        return now < self.expires_at
