"""What AWS does in a function's name is asked of its role too."""

from typing import Any

import pytest

from local.intrinsics import Stack
from tests.privileges.calls import Call
from tests.privileges.errands import errands

REGION = "eu-west-1:123456789012"
TABLE = f"arn:aws:dynamodb:{REGION}:table/keyfob-Users"
QUEUE = f"arn:aws:sqs:{REGION}:keyfob-Mail"
SECRET = f"arn:aws:secretsmanager:{REGION}:secret:keyfob/Keys"
KEY = f"arn:aws:kms:{REGION}:key/0"


def stack(source: str, **properties: Any) -> Stack:
    """Return a stack of a function with an event source, and of what is encrypted by a key of its own."""
    resources = {
        "Mailer": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"S3Key": "functions/mailer/"},
                "LoggingConfig": {"LogGroup": "ours"},
                **properties,
            },
        },
        "Source": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Mailer"}, "EventSourceArn": source},
        },
        "Users": {"Type": "AWS::DynamoDB::Table", "Properties": {"SSESpecification": {"KMSMasterKeyId": KEY}}},
        "Mail": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": KEY}},
        "Keys": {"Type": "AWS::SecretsManager::Secret", "Properties": {"KmsKeyId": KEY}},
        "Plain": {"Type": "AWS::SecretsManager::Secret", "Properties": {}},
    }
    return Stack.of({"Resources": resources}, {})


def actions(stack: Stack, *calls: Call) -> set[str]:
    """Return what is asked besides `calls`."""
    return {call.action for call in errands(stack, set(calls))}


def test_lambda_writes_each_functions_log() -> None:
    """It goes to the group that the function names."""
    group = f"arn:aws:logs:{REGION}:log-group:ours:log-stream:one"
    asked = {call for call in errands(stack(QUEUE), set()) if call.action.startswith("logs:")}
    assert asked == {Call("mailer", f"logs:{each}", group) for each in ("CreateLogStream", "PutLogEvents")}


@pytest.mark.parametrize(("mode", "traced"), [("Active", True), ("PassThrough", False)])
def test_lambda_writes_traces_where_a_function_is_traced(mode: str, traced: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Without tracing there is nothing to write."""
    asked = actions(stack(QUEUE, TracingConfig={"Mode": mode}))
    assert ("xray:PutTraceSegments" in asked) is traced


@pytest.mark.parametrize(
    ("source", "action"), [(QUEUE, "sqs:ReceiveMessage"), (f"{TABLE}/stream/1", "dynamodb:GetRecords")]
)
def test_lambda_reads_event_sources(source: str, action: str) -> None:
    """A queue is received from, and a stream is read."""
    assert Call("mailer", action, source) in errands(stack(source), set())


def test_ses_asks_for_the_configuration_set_of_an_identity() -> None:
    """An identity may have one by default, with which the mail is sent, under the same conditions."""
    context = (("ses:FromAddress", "a@example.com"),)
    call = Call("mailer", "ses:SendEmail", f"arn:aws:ses:{REGION}:identity/example.com", context)
    expected = call._replace(resource=f"arn:aws:ses:{REGION}:configuration-set/default")
    assert expected in errands(stack(QUEUE), {call})


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (Call("login", "dynamodb:GetItem", TABLE), {"kms:Decrypt"}),
        (Call("login", "sqs:SendMessage", QUEUE), {"kms:Decrypt", "kms:GenerateDataKey"}),
        (Call("login", "secretsmanager:GetSecretValue", SECRET), {"kms:Decrypt"}),
        (Call("login", "secretsmanager:PutSecretValue", SECRET), {"kms:Decrypt", "kms:GenerateDataKey"}),
        (Call("login", "secretsmanager:GetSecretValue", SECRET.replace("Keys", "Plain")), set()),
    ],
)
def test_services_use_the_key_in_the_name_of_who_asks(call: Call, asked: set[str]) -> None:
    """What has a key of its own is read and written with it, through the service that keeps the data."""
    every = [each for each in errands(stack(QUEUE), {call}) if each.resource == KEY and each.function == "login"]
    service = call.action.partition(":")[0]
    assert {each.action for each in every} == asked
    assert {each.context for each in every} <= {(("kms:ViaService", f"{service}.eu-west-1.amazonaws.com"),)}


def test_lambda_decrypts_what_it_receives() -> None:
    """A queue with a key of its own is read with it."""
    via = (("kms:ViaService", "sqs.eu-west-1.amazonaws.com"),)
    assert Call("mailer", "kms:Decrypt", KEY, via) in errands(stack(QUEUE), set())
