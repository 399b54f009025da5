"""The mailer: sends the mail that waits in the queue."""

from keyfob.assembly import mail_limit
from keyfob.clock import now
from keyfob.gateway.batches import queue_consumer
from keyfob.mail.letters import Letters
from keyfob.mail.queue import request_from
from keyfob.mail.senders import sender_at
from keyfob.service.mailing import Mailer, TokenMail
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.invitations import Invitations
from keyfob.store.mail_claims import MailClaims
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
one_time = settings.one_time_table
mailer = Mailer(
    users=Users(client, settings.users_table),
    claims=MailClaims(client, one_time),
    token_mails={
        "verify_email": TokenMail(tokens=EmailTokens(client, one_time, "VERIFY"), page=settings.verify_url),
        "reset_password": TokenMail(tokens=EmailTokens(client, one_time, "RESET"), page=settings.reset_url),
    },
    invitations=Invitations(client, settings.users_table),
    invitation_page=settings.invitation_url,
    limit=mail_limit(client, settings),
    letters=Letters(settings.product_name, settings.language),
    sender=sender_at(settings.mail_url),
    mail_from=settings.mail_from,
)


@queue_consumer("mailer", settings)
def handler(body: str) -> None:
    """Send one mail."""
    mailer.deliver(request_from(body), now())
