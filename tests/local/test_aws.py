"""What is created in moto, and how moto is reached."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from boto3 import Session

from local.aws import (
    ROTATION_STEPS,
    connected,
    create_queues,
    create_secrets,
    create_tables,
    read_secrets,
    rotate_secrets,
    verify_senders,
)
from local.moto_server import MotoServer
from local.template import Deployment
from tests.local.conftest import Write


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoServer]:
    """Run a server that the environment leads to."""
    with MotoServer() as server, connected(server.url):
        yield server


@pytest.fixture(autouse=True)
def _empty(moto: MotoServer) -> None:
    moto.reset()


def test_tables_are_created_with_their_keys_and_expiry(deployment: Deployment) -> None:
    """A table here has the keys and the expiry attribute of the table there."""
    client = Session().client("dynamodb")
    create_tables(deployment, client)
    for table in deployment.tables:
        assert client.describe_table(TableName=table.name)["Table"]["KeySchema"] == table.definition["KeySchema"]
        expiry = client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
        assert expiry.get("AttributeName") == table.expiry_attribute


def test_tables_that_are_there_are_left_alone(deployment: Deployment) -> None:
    """A second start neither fails nor loses data."""
    client = Session().client("dynamodb")
    create_tables(deployment, client)
    item = {"pk": {"S": "USER#1"}, "sk": {"S": "PROFILE"}}
    client.put_item(TableName="keyfob-UsersTable", Item=item)
    create_tables(deployment, client)
    assert client.get_item(TableName="keyfob-UsersTable", Key=item)["Item"] == item


def test_streams_begin_with_their_tables(deployment: Deployment) -> None:
    """A table here has a stream of what the table there has one of."""
    client = Session().client("dynamodb")
    create_tables(deployment, client)
    views = {
        table.name: client.describe_table(TableName=table.name)["Table"].get("StreamSpecification")
        for table in deployment.tables
    }
    assert views["keyfob-SessionsTable"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert views == {table.name: table.definition.get("StreamSpecification") for table in deployment.tables}


def test_queues_are_created_with_their_attributes(deployment: Deployment) -> None:
    """A queue here is where `Ref` says, and has the times and the dead-letter queue of the queue there."""
    client = Session().client("sqs")
    create_queues(deployment, client)
    assert deployment.queues
    for queue in deployment.queues:
        url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{queue.name}"
        created = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {name: json.loads(created[name]) for name in queue.attributes} == {
            name: json.loads(value) for name, value in queue.attributes.items()
        }


@pytest.mark.parametrize("sender", ["no-reply@example.com", "Example <no-reply@example.com>"])
def test_senders_are_verified(write_function: Write, sender: str) -> None:
    """What a function sends from is an identity of SES, with or without a name; SES refuses others."""
    client = Session().client("sesv2")
    verify_senders(write_function("", {"MAIL_FROM": sender}), client)
    assert [each["IdentityName"] for each in client.list_email_identities()["EmailIdentities"]] == [
        "no-reply@example.com"
    ]


def test_without_a_sender_nothing_is_verified(write_function: Write) -> None:
    """A deployment that sends no mail, or has not said from where, starts."""
    client = Session().client("sesv2")
    verify_senders(write_function("", {"MAIL_FROM": ""}), client)
    assert client.list_email_identities()["EmailIdentities"] == []


def test_secrets_begin_as_deployed_or_as_they_were_kept(deployment: Deployment) -> None:
    """A value from an earlier run goes before the beginning; the ARN in the environment finds it."""
    client = Session().client("secretsmanager")
    create_secrets(deployment, client, {"keyfob/KeySet": "kept"})
    arn = deployment.functions["login"].environment["KEY_SET_SECRET"]
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "kept"
    beginning = {secret.name: secret.beginning for secret in deployment.secrets}
    assert read_secrets(deployment, client) == {**beginning, "keyfob/KeySet": "kept"}


def test_a_secret_is_read_as_it_is_after_a_rotation(deployment: Deployment) -> None:
    """The version that was pending and is current now counts, not the one that came first."""
    client = Session().client("secretsmanager")
    create_secrets(deployment, client)
    first = client.get_secret_value(SecretId="keyfob/KeySet")["VersionId"]
    second = client.put_secret_value(SecretId="keyfob/KeySet", SecretString="new", VersionStages=["AWSPENDING"])
    client.update_secret_version_stage(
        SecretId="keyfob/KeySet",
        VersionStage="AWSCURRENT",
        MoveToVersionId=second["VersionId"],
        RemoveFromVersionId=first,
    )
    assert read_secrets(deployment, client)["keyfob/KeySet"] == "new"


def test_rotation_takes_every_step_towards_one_version(deployment: Deployment) -> None:
    """The function is called as Secrets Manager calls it, for the one secret that it rotates."""
    calls: list[tuple[str, Mapping[str, Any]]] = []
    rotate_secrets(deployment, lambda name, event: calls.append((name, event)))
    assert [event["Step"] for _, event in calls] == list(ROTATION_STEPS)
    assert {name for name, _ in calls} == {"rotate_keys"}
    assert len({event["ClientRequestToken"] for _, event in calls}) == 1
    assert {event["SecretId"] for _, event in calls} == {
        deployment.functions["rotate_keys"].environment["KEY_SET_SECRET"]
    }


def test_a_reset_forgets_everything(deployment: Deployment, moto: MotoServer) -> None:
    """Moto's data outlive a server in one process, so they are cleared by hand."""
    client = Session().client("dynamodb")
    create_tables(deployment, client)
    moto.reset()
    assert client.list_tables()["TableNames"] == []


def test_no_client_reaches_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever AWS settings a developer has are out of sight meanwhile, and there again afterwards."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    with connected("http://127.0.0.1:1", "http://127.0.0.1:2"):
        assert "AWS_PROFILE" not in os.environ
        assert Session().client("secretsmanager").meta.endpoint_url == "http://127.0.0.1:1"
        assert Session().client("dynamodb").meta.endpoint_url == "http://127.0.0.1:2"
        assert Session().client("dynamodbstreams").meta.endpoint_url == "http://127.0.0.1:2"
    assert os.environ["AWS_PROFILE"] == "production"
