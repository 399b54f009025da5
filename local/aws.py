"""What a deployment creates in AWS, created through the same APIs in whatever answers them here."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr
from types import MappingProxyType
from typing import TYPE_CHECKING
from unittest.mock import patch

from local.intrinsics import REGION, Json
from local.template import Deployment, Secret, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sqs import SQSClient

LOOPBACK = "127.0.0.1,localhost"

ROTATION_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

_NO_VALUES: Mapping[str, str] = MappingProxyType({})


@contextmanager
def connected(endpoint: str, dynamodb_endpoint: str | None = None) -> Iterator[None]:
    """Let every AWS client of this process that is made meanwhile talk to `endpoint`, and to no AWS account.

    DynamoDB's clients, those of its streams too, talk to `dynamodb_endpoint` where it is given. Both are URLs.
    """
    settings = client_environment(endpoint, dynamodb_endpoint or endpoint, LOOPBACK)
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, {**others, **settings}, clear=True):
        yield


def client_environment(endpoint: str, dynamodb_endpoint: str, hosts: str) -> dict[str, str]:
    """Return the variables by which AWS clients talk to these URLs; to `hosts`, with commas, without any proxy."""
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_endpoint,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb_endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": hosts,
        "no_proxy": hosts,
    }


def create_tables(deployment: Deployment, client: "DynamoDBClient") -> None:
    """Create the tables that are not there yet, with their expiry attributes.

    A table that is there keeps its data, and gets its stream if it has none yet.
    """
    present = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for table in deployment.tables:
        if table.name not in present:
            _create_table(table, client)
        elif stream := table.definition.get("StreamSpecification"):
            _begin_stream(table.name, stream, client)


def create_queues(deployment: Deployment, client: "SQSClient") -> None:
    """Create every queue, a dead-letter queue before those that use it."""
    for queue in deployment.queues:
        client.create_queue(QueueName=queue.name, Attributes=dict(queue.attributes))  # type: ignore[arg-type] # names as the template has them


def verify_senders(deployment: Deployment, client: "SESV2Client") -> None:
    """Make an identity of SES of every address that a function sends from, its environment's `MAIL_FROM`."""
    senders = {function.environment.get("MAIL_FROM", "") for function in deployment.functions.values()}
    for sender in sorted(filter(None, senders)):
        client.create_email_identity(EmailIdentity=parseaddr(sender)[1])


def create_secrets(
    deployment: Deployment, client: "SecretsManagerClient", values: Mapping[str, str] = _NO_VALUES
) -> None:
    """Create every secret with its value in `values`, by name, or with the one that it begins with."""
    for secret in deployment.secrets:
        client.create_secret(
            Name=secret.name,
            Description=secret.description,
            SecretString=values.get(secret.name, secret.beginning),
        )


def read_secrets(deployment: Deployment, client: "SecretsManagerClient") -> dict[str, str]:
    """Return the current value of every secret, by name."""
    return {
        secret.name: client.get_secret_value(SecretId=secret.name, VersionStage="AWSCURRENT")["SecretString"]
        for secret in deployment.secrets
    }


def rotate_secrets(deployment: Deployment, invoke: Callable[[str, Mapping[str, Json]], Json]) -> None:
    """Let each rotation function replace its secret, step by step, as Secrets Manager would.

    `invoke` takes a function's name and an event, as `local.runtime.Runtime.invoke` does.
    """
    for secret in deployment.secrets:
        if secret.rotated_by is not None:
            version = str(uuid.uuid4())
            for step in ROTATION_STEPS:
                invoke(secret.rotated_by, rotation_event(secret, step, version))


def rotation_event(secret: Secret, step: str, version: str) -> dict[str, str]:
    """Return the event with which Secrets Manager asks for one `step` towards the new `version`, a UUID."""
    return {"Step": step, "SecretId": secret.arn, "ClientRequestToken": version}


def _create_table(table: Table, client: "DynamoDBClient") -> None:
    client.create_table(**table.definition)
    client.get_waiter("table_exists").wait(TableName=table.name)
    if table.expiry_attribute:
        client.update_time_to_live(
            TableName=table.name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": table.expiry_attribute},
        )


def _begin_stream(name: str, specification: Json, client: "DynamoDBClient") -> None:
    if not client.describe_table(TableName=name)["Table"].get("StreamSpecification", {}).get("StreamEnabled"):
        client.update_table(TableName=name, StreamSpecification=specification)
        client.get_waiter("table_exists").wait(TableName=name)
