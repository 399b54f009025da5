"""The key set's rotation function: what Secrets Manager calls, step by step, to rotate the keys."""

from collections.abc import Mapping
from typing import Any

from keyfob.clock import now
from keyfob.gateway.log import told
from keyfob.gateway.outcomes import Outcomes
from keyfob.service import rotation
from keyfob.settings import Settings
from keyfob.store.client import secrets_client
from keyfob.store.secrets import Secret

settings = Settings.from_environment()
algorithm = settings.signing_algorithm
client = secrets_client()
key_set = Secret(client, settings.key_set_secret)
public_keys = Secret(client, settings.public_keys_secret)
outcomes = Outcomes("rotate_keys", settings.metrics_namespace)


def handler(event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 - Lambda's context has no type
    """Take one step of a rotation: ``{"Step", "SecretId", "ClientRequestToken"}``."""
    step, version = str(event["Step"]), event["ClientRequestToken"]
    with told(outcomes, context.aws_request_id, step=step, version=version):
        _take(step, version, event["SecretId"])


def _take(step: str, version: str, secret: str) -> None:
    if secret != settings.key_set_secret:
        raise ValueError(f"not the secret of this function: {secret}")
    match step:
        case "createSecret":
            rotation.create_pending(key_set, version, algorithm, now())
        case "setSecret":
            rotation.publish_pending(key_set, public_keys, version)
        case "testSecret":
            rotation.prove_pending(key_set, public_keys, version, now())
        case "finishSecret":
            rotation.finish(key_set, version)
        case _:
            raise ValueError(f"not a step of a rotation: {step}")
