"""Who somebody is to a provider of identities, such as GitHub."""

from dataclasses import dataclass

from keyfob.model.user import PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider vouches for about one person.

    The identity is (`issuer`, `subject`), which never changes and is never given to somebody else (OpenID Connect
    Core 1.0, section 5.7). The email address is not: it may change hands, and is worth something only if
    `email_verified`, which is false wherever there is no address. `issuer` is a URL without ``#``, `subject` has 1 to
    255 printable ASCII characters. `name` and `username` are what the person chose to be called there: already cut to
    what Keyfob takes, and not unique here.
    """

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: PersonName
    username: str | None

    @classmethod
    def bare(cls, issuer: str, subject: str) -> "Identity":
        """Return an identity of which nothing but its key is known."""
        return cls(
            issuer=issuer,
            subject=subject,
            email=None,
            email_verified=False,
            name=PersonName.from_full(None),
            username=None,
        )
