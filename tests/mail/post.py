"""A mailer over tables of its own, with a sender that remembers what it was given."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING

from boto3 import Session as Boto
from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.mail.letters import Letters
from keyfob.model.mail import MailKind, MailRequest
from keyfob.model.user import PersonName, User
from keyfob.service.mailing import Mailer, TokenMail
from keyfob.service.registration import first_that_is_free, new_user
from keyfob.service.throttling import MailLimit
from keyfob.store.attempts import Attempts
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.invitations import Invitations
from keyfob.store.mail_claims import MailClaims
from keyfob.store.users import Users

from local.aws import create_tables
from local.template import load_deployment
from tests.fakes import TIME
from tests.house import unique

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LINK = "https://auth.example.com/api/v1/auth/verify-email/{token}"


@dataclass
class FakeSender:
    """A sender that keeps mail, and may be down."""

    sent: list[EmailMessage] = field(default_factory=list)
    failure: Exception | None = None

    def send(self, message: EmailMessage) -> None:
        """Keep a message, or raise the failure."""
        if self.failure:
            raise self.failure
        self.sent.append(message)

    def go_down(self) -> None:
        """Fail from now on."""
        self.failure = Unavailable("SES is down")

    def come_up(self) -> None:
        """Work from now on."""
        self.failure = None


MAILS_PER_ADDRESS = 3


class Post:
    """A mailer and all that it touches."""

    def __init__(self, dynamodb: "DynamoDBClient", sender: FakeSender | None = None) -> None:
        """Use the tables that the template names, in `dynamodb`."""
        environment = load_deployment().functions["mailer"].environment
        one_time = environment["ONE_TIME_TABLE"]
        self.dynamodb = dynamodb
        self.one_time = one_time
        self.users = Users(dynamodb, environment["USERS_TABLE"])
        self.verification = EmailTokens(dynamodb, one_time, "VERIFY")
        self.resets = EmailTokens(dynamodb, one_time, "RESET")
        self.invitations = Invitations(dynamodb, environment["USERS_TABLE"])
        self.claims = MailClaims(dynamodb, one_time)
        self.sender = sender or FakeSender()
        self.waits: list[float] = []
        self.mailer = self.mailing()

    def mailing(
        self,
        *,
        verify_page: str = "",
        reset_page: str = "",
        invitation_page: str = "",
        mail_from: str = "Shop <a@example.org>",
    ) -> Mailer:
        """Return a mailer with these settings."""
        return Mailer(
            users=self.users,
            claims=self.claims,
            token_mails={
                "verify_email": TokenMail(tokens=self.verification, page=verify_page),
                "reset_password": TokenMail(tokens=self.resets, page=reset_page),
            },
            invitations=self.invitations,
            invitation_page=invitation_page,
            limit=MailLimit(Attempts(self.dynamodb, self.one_time), MAILS_PER_ADDRESS),
            letters=Letters("Shop", "en"),
            sender=self.sender,
            mail_from=mail_from,
            wait=self.waits.append,
        )

    def user(self, email: str = "") -> User:
        """Store a new user."""
        username = unique()
        user = new_user(
            email=email or f"{username}@Example.com",
            username=username,
            name=PersonName.from_full("Ada"),
            password_hash="$hash",
            now=TIME,
        )

        def store(candidate: User) -> User:
            self.users.create(candidate)
            return candidate

        return first_that_is_free(user, store, self.users, renames=False)

    def deactivate(self, user: User) -> None:
        """Deactivate a stored user."""
        self._set(user, "is_active", value=False)

    def verify(self, user: User) -> None:
        """Note that a stored user's address is verified."""
        self._set(user, "email_verified", value=True)

    def links(self) -> list[str]:
        """Return the link of each mail that was sent."""
        return [link_in(mail) for mail in self.sender.sent]

    def _set(self, user: User, name: str, *, value: bool) -> None:
        self.dynamodb.update_item(
            TableName=self.users._table.name,
            Key={"pk": {"S": f"USER#{user.id}"}, "sk": {"S": "PROFILE"}},
            UpdateExpression=f"SET {name} = :value",
            ExpressionAttributeValues={":value": {"BOOL": value}},
        )


def asked(
    kind: MailKind = "verify_email",
    *,
    user: User | None = None,
    email: str | None = None,
    at: int = TIME,
    link: str = LINK,
) -> MailRequest:
    """Return a request for mail, to a user by its id or to an address."""
    return MailRequest(
        id=new_id(), kind=kind, user_id=user.id if user else None, email=email, link=link, requested_at=at
    )


def text_of(mail: EmailMessage) -> str:
    """Return what a mail says in plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    """Return the link in a mail's text."""
    (link,) = re.findall(r"https?://\S+", text_of(mail))
    return str(link)


@contextmanager
def open_post() -> Iterator[Post]:
    """Create the tables in what answers for DynamoDB, for a mailer over them."""
    client = Boto().client("dynamodb")
    deployment = load_deployment()
    create_tables(deployment, client)
    try:
        yield Post(client)
    finally:
        for table in deployment.tables:
            client.delete_table(TableName=table.name)
