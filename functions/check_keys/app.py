"""Looks after the age of the keys, once a day: it fails where they should have been replaced and were not."""

from typing import Any

from keyfob.clock import now
from keyfob.gateway.log import told
from keyfob.gateway.outcomes import Outcomes
from keyfob.service.key_age import check_age
from keyfob.settings import Settings
from keyfob.store.secrets import Secret

settings = Settings.from_environment()
key_set = Secret.connect(settings.key_set_secret)
outcomes = Outcomes("check_keys", settings.metrics_namespace)
rotation_days = settings.rotation_days


def handler(_event: object, context: Any) -> None:  # noqa: ANN401 - Lambda's context has no type
    """Raise `KeysOverdue` where the newest key is older than a rotation would let it be."""
    with told(outcomes, context.aws_request_id):
        check_age(key_set, rotation_days, now())
