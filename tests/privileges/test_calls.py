"""Operations are to IAM what AWS documents."""

from email.message import EmailMessage
from typing import Any

import pytest
from keyfob.store.client import dynamodb_client, events_client, secrets_client, ses_client, sqs_client

from tests.privileges.calls import Unmapped, calls_of

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keyfob/KeySet"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:mail"
BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/default"


@pytest.mark.parametrize(
    ("service", "operation", "params", "asked"),
    [
        ("dynamodb", "GetItem", {"TableName": "users"}, [("dynamodb:GetItem", f"{TABLE}/users")]),
        (
            "dynamodb",
            "Query",
            {"TableName": "users", "IndexName": "by-mail"},
            [("dynamodb:Query", f"{TABLE}/users/index/by-mail")],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {"users": {}, "sessions": {}}},
            [("dynamodb:BatchGetItem", f"{TABLE}/users"), ("dynamodb:BatchGetItem", f"{TABLE}/sessions")],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "users"}},
                    {"Update": {"TableName": "sessions"}},
                    {"Delete": {"TableName": "one-time"}},
                    {"ConditionCheck": {"TableName": "users"}},
                ]
            },
            [
                ("dynamodb:PutItem", f"{TABLE}/users"),
                ("dynamodb:UpdateItem", f"{TABLE}/sessions"),
                ("dynamodb:DeleteItem", f"{TABLE}/one-time"),
                ("dynamodb:ConditionCheckItem", f"{TABLE}/users"),
            ],
        ),
        (
            "dynamodb",
            "TransactGetItems",
            {"TransactItems": [{"Get": {"TableName": "users"}}]},
            [("dynamodb:GetItem", f"{TABLE}/users")],
        ),
        ("secretsmanager", "GetSecretValue", {"SecretId": SECRET}, [("secretsmanager:GetSecretValue", SECRET)]),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/mail"},
            [("sqs:SendMessage", QUEUE)],
        ),
        (
            "events",
            "PutEvents",
            {"Entries": [{"EventBusName": "default"}, {"EventBusName": "default"}]},
            [("events:PutEvents", BUS), ("events:PutEvents", BUS)],
        ),
    ],
)
def test_an_operation_is_an_action_on_each_of_its_resources(
    service: str, operation: str, params: dict[str, Any], asked: list[tuple[str, str]]
) -> None:
    """A batch is one action on several tables, a transaction several actions, and an index a resource of its own."""
    calls = list(calls_of("login", service, operation, params))
    assert [(call.action, call.resource) for call in calls] == asked
    assert {call.function for call in calls} == {"login"}


def test_mail_is_sent_as_its_sender() -> None:
    """A raw message asks for both of SES's actions, on the address or its domain, and says who sends it."""
    message = EmailMessage()
    message["From"] = "Keyfob <no-reply@example.com>"
    calls = list(calls_of("mailer", "sesv2", "SendEmail", {"Content": {"Raw": {"Data": message.as_bytes()}}}))
    identities = {call.resource.rpartition("/")[2] for call in calls}
    assert {call.action for call in calls} == {"ses:SendEmail", "ses:SendRawEmail"}
    assert identities == {"no-reply@example.com", "example.com"}
    assert {call.context for call in calls} == {(("ses:FromAddress", "no-reply@example.com"),)}


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("s3", "GetObject", {"Bucket": "mine"}),
        ("dynamodb", "ListTables", {}),
        ("sesv2", "SendEmail", {"Content": {"Simple": {}}}),
        ("sesv2", "GetAccount", {}),
    ],
)
def test_what_is_not_known_is_an_error(service: str, operation: str, params: dict[str, Any]) -> None:
    """A call that cannot be judged fails the test that makes it, rather than going unjudged."""
    with pytest.raises(Unmapped, match=f"{service}.{operation}"):
        list(calls_of("login", service, operation, params))


def test_every_client_of_the_layer_is_known() -> None:
    """Whatever service Keyfob talks to, its calls can be judged."""
    for make in (dynamodb_client, events_client, secrets_client, ses_client, sqs_client):
        service = make().meta.service_model.service_name
        with pytest.raises((Unmapped, KeyError), match=r"Nothing|Entries|SecretId|Content|QueueUrl"):
            list(calls_of("login", service, "Nothing", {}))
