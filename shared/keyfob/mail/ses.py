"""Sending mail by Amazon SES, API version 2."""

from email.message import EmailMessage
from typing import TYPE_CHECKING

from keyfob.store.client import available, ses_client

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
        """Hand over a message. One call; raises `Unavailable`, and botocore's `ClientError` if SES refuses the mail."""
        recipients = [address.addr_spec for address in message["To"].addresses]
        available(
            lambda: self._client.send_email(
                Destination={"ToAddresses": recipients}, Content={"Raw": {"Data": message.as_bytes()}}
            )
        )
