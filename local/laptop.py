"""Everything behind the gateway, begun and ended together: services, tables, queues, keys, functions and mail."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from boto3 import Session

from local import dynamodb_local
from local.aws import (
    connected,
    create_queues,
    create_secrets,
    create_tables,
    read_secrets,
    rotate_secrets,
    verify_senders,
)
from local.event_sources import EventSources, running
from local.moto_server import MotoServer, forget_iterators
from local.outbox import Outbox
from local.private_file import write_privately
from local.runtime import Runtime
from local.template import Deployment


@dataclass(frozen=True, slots=True)
class Laptop:
    """What has begun: the functions, the mail that they have sent, and the URL of their DynamoDB."""

    runtime: Runtime
    outbox: Outbox
    dynamodb_url: str


@contextmanager
def laptop(
    deployment: Deployment,
    data: Path | None = None,
    mail: Path | None = None,
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Laptop]:
    """Begin what `deployment` needs, for a `with` block; meanwhile functions get the events that others cause.

    Without `data` everything is moto's and in memory. With the directory `data`, tables are DynamoDB Local's and
    live there, and so do the secrets, which their tokens are signed with. Mail is kept in the directory `mail`, if any.
    `secrets` have the values in there, by name, whatever was kept.
    """
    with _services(data) as dynamodb_url:
        create_tables(deployment, Session().client("dynamodb"))
        create_queues(deployment, Session().client("sqs"))
        verify_senders(deployment, Session().client("sesv2"))
        runtime = _with_keys(deployment, data / "secrets.json" if data else None, secrets)
        sources, outbox = EventSources(deployment, runtime.invoke), Outbox(mail)
        if data:
            sources.skip()
        with running(lambda: _pass(sources, outbox)):
            yield Laptop(runtime, outbox, dynamodb_url)


def _pass(sources: EventSources, outbox: Outbox) -> int:
    try:
        return sources.deliver()
    finally:
        outbox.collect()
        forget_iterators()


@contextmanager
def _services(data: Path | None) -> Iterator[str]:
    with MotoServer() as moto:
        if data is None:
            with connected(moto.url):
                yield moto.url
        else:
            with dynamodb_local.running(data / "dynamodb") as dynamodb_url, connected(moto.url, dynamodb_url):
                yield dynamodb_url


def _with_keys(deployment: Deployment, kept: Path | None, given: Mapping[str, str]) -> Runtime:
    client = Session().client("secretsmanager")
    runtime = Runtime(deployment).start()
    if kept and kept.exists():
        create_secrets(deployment, client, {**json.loads(kept.read_text(encoding="utf-8")), **given})
        return runtime
    create_secrets(deployment, client, given)
    rotate_secrets(deployment, runtime.invoke)
    if kept:
        write_privately(kept, json.dumps(read_secrets(deployment, client)))
    return runtime
