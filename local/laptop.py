"""Everything behind the gateway, begun and ended together: services, tables, keys and functions."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boto3 import Session

from local import dynamodb_local
from local.aws import connected, create_secrets, create_tables, read_secrets, rotate_secrets
from local.moto_server import MotoServer
from local.runtime import Runtime
from local.template import Deployment


@contextmanager
def laptop(deployment: Deployment, data: Path | None = None) -> Iterator[Runtime]:
    """Begin what `deployment` needs, for a `with` block, which is given its functions.

    Without `data` everything is moto's and in memory. With the directory `data`, tables are DynamoDB Local's and
    live there, and so do the secrets, which their tokens are signed with.
    """
    with _services(data):
        create_tables(deployment, Session().client("dynamodb"))
        yield _with_keys(deployment, data / "secrets.json" if data else None)


@contextmanager
def _services(data: Path | None) -> Iterator[None]:
    with MotoServer() as moto:
        if data is None:
            with connected(moto.url):
                yield
        else:
            with dynamodb_local.running(data / "dynamodb") as dynamodb_url, connected(moto.url, dynamodb_url):
                yield


def _with_keys(deployment: Deployment, kept: Path | None) -> Runtime:
    client = Session().client("secretsmanager")
    runtime = Runtime(deployment)
    if kept and kept.exists():
        create_secrets(deployment, client, json.loads(kept.read_text(encoding="utf-8")))
        return runtime
    create_secrets(deployment, client)
    rotate_secrets(deployment, runtime.invoke)
    if kept:
        _write_privately(kept, json.dumps(read_secrets(deployment, client)))
    return runtime


def _write_privately(path: Path, text: str) -> None:
    scratch = path.with_suffix(".new")
    with open(scratch, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    scratch.replace(path)
