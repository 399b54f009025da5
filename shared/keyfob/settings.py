"""What a deployment can set: the functions' environment, typed.

A function's `app.py` takes one snapshot when it is imported. A setting that is missing or wrong raises
`InvalidSetting` there, so that a bad deployment fails at once and by name.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?")


class InvalidSetting(ValueError):
    """An environment variable is missing, or its value is not one of those allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Typed access to one function's environment variables."""

    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> "Settings":
        """Take a snapshot of this process's environment."""
        return cls(dict(os.environ))

    @property
    def users_table(self) -> str:
        """Name of the `users` table."""
        return self._required("USERS_TABLE")

    @property
    def sessions_table(self) -> str:
        """Name of the `sessions` table."""
        return self._required("SESSIONS_TABLE")

    @property
    def key_set_secret(self) -> str:
        """ARN of the secret that holds the private keys."""
        return self._required("KEY_SET_SECRET")

    @property
    def public_keys_secret(self) -> str:
        """ARN of the secret that holds the public half, as a JWK set (RFC 7517, section 5)."""
        return self._required("PUBLIC_KEYS_SECRET")

    @property
    def issuer(self) -> str:
        """The `iss` of every token, an URI (RFC 7519, section 4.1.1)."""
        return self._required("ISSUER")

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins whose scripts may call, for example ``https://app.example.com``; none by default."""
        origins = self._list("ALLOWED_ORIGINS")
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise InvalidSetting(
                    f"ALLOWED_ORIGINS has {origin!r}, which is no origin: scheme, host and perhaps a port"
                )
        return frozenset(origins)

    @property
    def password_hashing(self) -> str:
        """Name of a parameter set of `keyfob.crypto.passwords`: ``owasp`` (default), ``rfc9106``, or ``test``."""
        return self._choice("PASSWORD_HASHING", ("owasp", "rfc9106", "test"))

    @property
    def refresh_grace_seconds(self) -> int:
        """How long a replaced refresh token still gives its successor, in seconds; 10 by default."""
        return self._natural("REFRESH_GRACE_SECONDS", 10)

    @property
    def signing_algorithm(self) -> str:
        """Algorithm of new signing keys: ``RS256`` (default), ``ES256`` or ``EdDSA``."""
        return self._choice("SIGNING_ALGORITHM", ("RS256", "ES256", "EdDSA"))

    @property
    def audiences(self) -> frozenset[str]:
        """Contracts whose access tokens the authorizer takes; none by default."""
        return frozenset(self._list("AUDIENCES"))

    @property
    def authorizer_mode(self) -> str:
        """``strict`` (default) reads the session, ``stateless`` trusts the token until it expires."""
        return self._choice("AUTHORIZER_MODE", ("strict", "stateless"))

    @property
    def http_api_response(self) -> str:
        """What HTTP APIs expect of the authorizer: ``simple`` (default) or ``iam``."""
        return self._choice("HTTP_API_RESPONSE", ("simple", "iam"))

    def _required(self, name: str) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise InvalidSetting(f"{name} is not set")
        return value

    def _list(self, name: str) -> list[str]:
        return [part.strip() for part in self.environment.get(name, "").split(",") if part.strip()]

    def _natural(self, name: str, default: int) -> int:
        value = self.environment.get(name, "") or str(default)
        if not (value.isascii() and value.isdigit()):
            raise InvalidSetting(f"{name} is not a whole number: {value!r}")
        return int(value)

    def _choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.environment.get(name, "") or choices[0]
        if value not in choices:
            raise InvalidSetting(f"{name} is {value!r}, and not one of {', '.join(choices)}")
        return value
