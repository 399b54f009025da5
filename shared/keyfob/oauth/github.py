"""GitHub, and GitHub Enterprise: OAuth 2.0 without OpenID Connect, so the API says who somebody is."""

from collections.abc import Collection

from keyfob.errors import UntrustedIdentity
from keyfob.model.identity import Identity
from keyfob.oauth import profile
from keyfob.oauth.authorization import authorization_url
from keyfob.oauth.configuration import GitHubSettings


class GitHubProvider:
    """One provider that speaks as GitHub does."""

    def __init__(self, settings: GitHubSettings) -> None:
        """Take its settings."""
        self.name = settings.name
        self.issuer = settings.base_url
        self._settings = settings

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_verifier: str) -> str:  # noqa: ARG002 - GitHub knows no nonce
        """Return where to send the browser. GitHub ignores PKCE where it is too old to know it."""
        return authorization_url(
            self._settings.authorization_endpoint,
            self._settings.credentials,
            self._settings.scopes,
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=code_verifier,
        )

    def identify(self, *, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: int) -> Identity:  # noqa: ARG002 - nor an ID token
        """Return who came back with `code`; the subject is the account's number, which outlives its login.

        Raises `AuthorizationCodeRejected`, `UntrustedIdentity`, `Unavailable`, and `InternalError` if GitHub does not
        know us.
        """
        from keyfob.oauth.client import Client

        with Client(self._settings.credentials, "client_secret_post", self._settings.token_endpoint) as client:
            client.exchange(code=code, redirect_uri=redirect_uri, code_verifier=code_verifier)
            user = client.resource(f"{self._settings.api_url}/user")
            emails = client.resource(f"{self._settings.api_url}/user/emails?per_page=100")
        return self._identity(user, _primary_email(emails, self._settings.email_domains))

    def _identity(self, user: object, email: profile.Email) -> Identity:
        number = user.get("id") if isinstance(user, dict) else None
        if not isinstance(user, dict) or type(number) is not int or number <= 0:
            raise UntrustedIdentity("the provider tells of no user")
        return Identity(
            issuer=self.issuer,
            subject=str(number),
            email=email.address,
            email_verified=email.is_verified,
            name=profile.person_name(user.get("name")),
            username=profile.username(user.get("login")),
        )


def _primary_email(emails: object, domains: Collection[str]) -> profile.Email:
    """Return the primary address, which GitHub may not have verified."""
    if not isinstance(emails, list):
        raise UntrustedIdentity("the provider tells of no email addresses")
    primary = [each for each in emails if isinstance(each, dict) and each.get("primary") is True]
    primary.sort(key=lambda each: each.get("verified") is not True)
    if not primary:
        return profile.NO_EMAIL
    return profile.email(primary[0].get("email"), primary[0].get("verified"), domains)
