"""Everything behind the gateway, begun and ended together: services, tables, queues, keys, functions and mail."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
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
class Services:
    """Where AWS's services are: the URL of DynamoDB, and that of all others."""

    url: str
    dynamodb_url: str


@dataclass(frozen=True, slots=True)
class Laptop:
    """What has begun: the functions, the mail that they have sent, and the services that they use."""

    runtime: Runtime
    outbox: Outbox
    services: Services


@contextmanager
def laptop(
    deployment: Deployment,
    data: Path | None = None,
    mail: Path | None = None,
    secrets: Mapping[str, str] = MappingProxyType({}),
    networks: Collection[IPv4Network] = (),
) -> Iterator[Laptop]:
    """Begin what `deployment` needs, for a `with` block; meanwhile functions get the events that others cause.

    Without `data` everything is moto's and in memory. With the directory `data`, tables are DynamoDB Local's and
    live there, and so do the secrets, which their tokens are signed with. Mail is kept in the directory `mail`, if any.
    `secrets` have the values in there, by name, whatever was kept. Programs in `networks` may use the services too.
    """
    with running_services(data, networks) as services:
        runtime = prepare(deployment, data, secrets)
        sources, outbox = EventSources(deployment, runtime.invoke), Outbox(mail)
        if data:
            sources.skip()
        with running(lambda: _pass(sources, outbox)):
            yield Laptop(runtime, outbox, services)


@contextmanager
def running_services(data: Path | None, networks: Collection[IPv4Network] = ()) -> Iterator[Services]:
    """Run AWS's services for a `with` block, in which every new client of this process uses them; see `laptop`."""
    with MotoServer(networks) as moto:
        if data is None:
            with connected(moto.url):
                yield Services(moto.url, moto.url)
        else:
            with dynamodb_local.running(data / "dynamodb") as dynamodb_url, connected(moto.url, dynamodb_url):
                yield Services(moto.url, dynamodb_url)


def prepare(
    deployment: Deployment, data: Path | None = None, secrets: Mapping[str, str] = MappingProxyType({})
) -> Runtime:
    """Create tables, queues, senders and secrets with their keys, where they are not kept, and return the functions."""
    create_tables(deployment, Session().client("dynamodb"))
    create_queues(deployment, Session().client("sqs"))
    verify_senders(deployment, Session().client("sesv2"))
    return _with_keys(deployment, data / "secrets.json" if data else None, secrets)


def _pass(sources: EventSources, outbox: Outbox) -> int:
    try:
        return sources.deliver()
    finally:
        outbox.collect()
        forget_iterators()


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
