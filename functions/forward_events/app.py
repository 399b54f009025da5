"""Follows the log: puts the security events in it on EventBridge."""

from keyfob.gateway.log_batches import security_event_consumer
from keyfob.settings import Settings
from keyfob.store.event_bus import EventBus

settings = Settings.from_environment()
bus = EventBus.connect(settings.event_bus, settings.issuer)
handler = security_event_consumer("forward_events", settings)(bus.put)
