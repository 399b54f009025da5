"""Follows the table of sessions: a sign-in from a device never seen before sends its user a mail."""

from typing import Any

from keyfob.clock import now
from keyfob.gateway.batches import stream_consumer
from keyfob.mail.queue import MailQueue
from keyfob.service.sign_in_notices import note_sign_in, telling_by_mail, telling_nobody
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.devices import Devices
from keyfob.store.sessions import session_from_item

settings = Settings.from_environment()
devices = Devices(dynamodb_client(), settings.one_time_table)
tell = telling_by_mail(MailQueue.connect(settings.mail_queue_url)) if settings.notify_sign_ins else telling_nobody


@stream_consumer("notify_sign_ins", settings)
def handler(item: dict[str, Any]) -> None:
    """Note the device of one new session."""
    note_sign_in(session_from_item(item), devices=devices, tell=tell, now=now())
