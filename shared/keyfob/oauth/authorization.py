"""Where a browser is sent to sign in at a provider."""

from collections.abc import Sequence

from keyfob.oauth.configuration import Credentials


def authorization_url(
    endpoint: str,
    credentials: Credentials,
    scopes: Sequence[str],
    *,
    redirect_uri: str,
    state: str,
    code_verifier: str,
    nonce: str | None = None,
) -> str:
    """Return the URL of an authorization request for a code (RFC 6749, section 4.1.1) with PKCE S256 (RFC 7636)."""
    from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped] # it ships no types

    client = OAuth2Client(
        None,
        client_id=credentials.client_id,
        scope=" ".join(scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(endpoint, state=state, code_verifier=code_verifier, nonce=nonce)
    return str(url)
