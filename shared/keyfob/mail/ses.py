"""Sending mail by Amazon SES, API version 2."""

from email.message import EmailMessage
from typing import TYPE_CHECKING

from keyfob.mail.senders import MailRefused
from keyfob.store.client import Refusal, available, error_code, ses_client

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client


class Ses:
    """Sends messages by SES, from any address that SES has verified for the account."""

    def __init__(self, client: "SESV2Client") -> None:
        """Take an SES client."""
        self._client = client

    @classmethod
    def connect(cls) -> "Ses":
        """Return SES over a new client."""
        return cls(ses_client())

    def send(self, message: EmailMessage) -> None:
        """Hand over a message in one call; raises `MailRefused` if SES does not take it, and `Unavailable` for now.

        The refusal tells SES's code and none of its text, which may hold an address.
        """
        recipients = [address.addr_spec for address in message["To"].addresses]
        try:
            available(
                lambda: self._client.send_email(
                    Destination={"ToAddresses": recipients}, Content={"Raw": {"Data": message.as_bytes()}}
                )
            )
        except Refusal as error:
            raise MailRefused(f"SES answered {error_code(error)}") from None
