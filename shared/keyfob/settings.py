"""What a deployment can set: the functions' environment, typed.

A function's `app.py` takes one snapshot when it is imported. A setting that is missing or wrong raises
`InvalidSetting` there, so that a bad deployment fails at once and by name.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_API_KEYS = 100

_BASE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_PAGE = re.compile(r"https?://[^\s/?#]+[^\s]*")
_KEY_PREFIX = re.compile(r"[a-z]{2,10}_([a-z]{2,10}_)?")
_PERMISSION = re.compile(r"(?=.{3,64}$)[a-z0-9._-]+(:[a-z0-9._-]+)+")
_SCHEDULE = re.compile(r"rate\(([1-9][0-9]{0,2}) days?\)")
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
    def api_keys_table(self) -> str:
        """Name of the `api-keys` table."""
        return self._required("API_KEYS_TABLE")

    @property
    def one_time_table(self) -> str:
        """Name of the `one-time` table."""
        return self._required("ONE_TIME_TABLE")

    @property
    def mail_queue_url(self) -> str:
        """URL of the queue in which mail waits."""
        return self._required("MAIL_QUEUE_URL")

    @property
    def event_bus(self) -> str:
        """Name of the bus of EventBridge that security events go to."""
        return self._required("EVENT_BUS")

    @property
    def oauth_providers_secret(self) -> str:
        """ARN of the secret that holds the sign-in providers and their client secrets."""
        return self._required("OAUTH_PROVIDERS_SECRET")

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
    def allowed_redirects(self) -> tuple[str, ...]:
        """URLs at which, or below which, social login may end; none by default."""
        return tuple(self._list("ALLOWED_REDIRECTS"))

    @property
    def base_urls(self) -> Mapping[str, str]:
        """Contract → URL at which clients reach it, without its base path; others are where they are called."""
        pairs = [entry.partition("=") for entry in self._list("BASE_URLS")]
        for contract, _, url in pairs:
            if not contract or not _BASE_URL.fullmatch(url):
                raise InvalidSetting(f"BASE_URLS has {contract!r} at {url!r}, which is not CONTRACT=URL")
        return {contract: url.rstrip("/") for contract, _, url in pairs}

    @property
    def api_key_prefix(self) -> str:
        """What API keys begin with; ``sk_live_`` by default."""
        prefix = self.environment.get("API_KEY_PREFIX", "") or "sk_live_"
        if not _KEY_PREFIX.fullmatch(prefix):
            raise InvalidSetting(f"API_KEY_PREFIX is {prefix!r}, which is not like sk_live_")
        return prefix

    @property
    def api_keys_per_user(self) -> int:
        """API keys that a user may have, up to 100; 10 by default."""
        keys = self._natural("API_KEYS_PER_USER", 10)
        if not 1 <= keys <= MOST_API_KEYS:
            raise InvalidSetting(f"API_KEYS_PER_USER is {keys}, and not from 1 to {MOST_API_KEYS}")
        return keys

    @property
    def role_permissions(self) -> Mapping[str, frozenset[str]]:
        """Role → permissions that the deployment adds, as in ``editor=orders:read orders:write``; none by default."""
        added: dict[str, frozenset[str]] = {}
        for entry in self._list("ROLE_PERMISSIONS"):
            role, _, text = (part.strip() for part in entry.partition("="))
            permissions = frozenset(text.split())
            if role in added or not permissions or not all(map(_PERMISSION.fullmatch, permissions)):
                raise InvalidSetting(f"ROLE_PERMISSIONS has {entry!r}: each role once, as in editor=orders:read")
            added[role] = permissions
        return added

    @property
    def require_verified_email(self) -> bool:
        """Whether users must have verified their address before they can sign in; ``false`` by default."""
        return self._choice("REQUIRE_VERIFIED_EMAIL", ("false", "true")) == "true"

    @property
    def send_verification_on_register(self) -> bool:
        """Whether registering sends a verification mail by itself; ``true`` by default."""
        return self._choice("SEND_VERIFICATION_ON_REGISTER", ("true", "false")) == "true"

    @property
    def product_name(self) -> str:
        """What mail and pages call the product; ``Keyfob`` by default."""
        return self.environment.get("PRODUCT_NAME", "") or "Keyfob"

    @property
    def language(self) -> str:
        """Language of mail and pages: ``en`` (default) or ``de``."""
        return self._choice("LANGUAGE", ("en", "de"))

    @property
    def mail_from(self) -> str:
        """Sender of all mail, such as ``Example <no-reply@example.com>``; empty where mail is not set up."""
        return self.environment.get("MAIL_FROM", "").strip()

    @property
    def mail_url(self) -> str:
        """How mail is sent: ``ses://`` (default), ``smtp://USER:PASSWORD@HOST:PORT`` or ``smtps://``."""
        return self.environment.get("MAIL_URL", "") or "ses://"

    @property
    def verify_url(self) -> str:
        """A page of the deployment's own for links in verification mails; empty for Keyfob's."""
        return self._url("VERIFY_URL")

    @property
    def reset_url(self) -> str:
        """A page of the deployment's own for links in reset mails; empty for Keyfob's."""
        return self._url("RESET_URL")

    @property
    def invitation_url(self) -> str:
        """A page of the deployment's own for links in invitations; empty for Keyfob's."""
        return self._url("INVITATION_URL")

    @property
    def notify_sign_ins(self) -> bool:
        """Whether a sign-in from a device never seen before sends its user a mail; ``true`` by default."""
        return self._choice("NOTIFY_SIGN_INS", ("true", "false")) == "true"

    @property
    def anonymous_attempts(self) -> int:
        """Attempts a minute of each address that is not signed in; 5 by default."""
        return self._natural("ANONYMOUS_ATTEMPTS", 5)

    @property
    def signed_in_attempts(self) -> int:
        """Attempts a minute of each user that is signed in; 20 by default."""
        return self._natural("SIGNED_IN_ATTEMPTS", 20)

    @property
    def staff_attempts(self) -> int:
        """Attempts a minute of each member of the staff; 100 by default."""
        return self._natural("STAFF_ATTEMPTS", 100)

    @property
    def account_failures(self) -> int:
        """Wrong passwords in a row that cost no waiting; 5 by default."""
        return self._natural("ACCOUNT_FAILURES", 5)

    @property
    def mails_per_address(self) -> int:
        """Mails of one kind that an address gets in an hour because somebody asked for them; 5 by default."""
        return self._natural("MAILS_PER_ADDRESS", 5)

    @property
    def api_docs(self) -> bool:
        """Whether each stage serves its documentation; ``true`` by default."""
        return self._choice("API_DOCS", ("true", "false")) == "true"

    @property
    def metrics_namespace(self) -> str:
        """Namespace of CloudWatch in which requests are counted; empty, which is the default, where they are not."""
        return self.environment.get("METRICS_NAMESPACE", "")

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
    def rotation_days(self) -> int:
        """How often the keys are replaced, in days; 30 by default."""
        schedule = self.environment.get("ROTATION_SCHEDULE", "") or "rate(30 days)"
        if not (match := _SCHEDULE.fullmatch(schedule)):
            raise InvalidSetting(f"ROTATION_SCHEDULE is {schedule!r}, which is not like rate(30 days)")
        return int(match[1])

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

    def _url(self, name: str) -> str:
        value = self.environment.get(name, "")
        if value and not _PAGE.fullmatch(value):
            raise InvalidSetting(f"{name} is {value!r}, which is no http or https URL")
        return value

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
