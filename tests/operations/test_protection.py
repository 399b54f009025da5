"""A key and a web ACL of the deployment's owner: with the parameters everything is behind them."""

import json
from typing import Any

import pytest

from local.intrinsics import Stack
from local.template import load_stack

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"
ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/front/0a1b2c3d"
OPTIONS = {"EventBus": "default", "AccessLogs": "true"}
PLAIN, ENCRYPTED = load_stack(OPTIONS), load_stack({**OPTIONS, "KmsKeyArn": KEY})
ENCRYPTING = {
    "AWS::DynamoDB::Table": "KMSMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
}
STATEFUL = ("dynamodb:", "secretsmanager:", "sqs:")


def keys_of(stack: Stack, kind: str) -> list[str | None]:
    """Return the key of each resource of one type."""
    every = [stack.properties(name) for name in stack.of_type(kind)]
    return [each.get("SSESpecification", each).get(ENCRYPTING[kind]) for each in every]


def statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """Return the statements of a role's own policies."""
    policies = stack.properties(role).get("Policies", ())
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def actions(statement: dict[str, Any]) -> list[str]:
    """Return what a statement is about."""
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


@pytest.mark.parametrize("kind", ENCRYPTING)
def test_the_key_encrypts_all_that_is_kept(kind: str) -> None:
    """No table, secret, queue, log or environment is left to another key."""
    assert set(keys_of(ENCRYPTED, kind)) == {KEY}
    assert set(keys_of(PLAIN, kind)) == {None}


def test_queues_have_one_encryption() -> None:
    """SQS refuses two: its own is off where a key is given, and on elsewhere."""
    for stack, managed in ((PLAIN, True), (ENCRYPTED, False)):
        queues = [stack.properties(name) for name in stack.of_type("AWS::SQS::Queue")]
        assert [queue["SqsManagedSseEnabled"] for queue in queues] == [managed, managed]


def test_who_uses_what_is_encrypted_may_use_the_key() -> None:
    """Every role that may read a table, a secret or a queue may, and no other: else what it may is worth nothing."""
    let = ENCRYPTED.properties("KeyAccess")["Roles"]
    for role in ENCRYPTED.of_type("AWS::IAM::Role"):
        granted = [action for each in statements(ENCRYPTED, role) for action in actions(each)]
        by_itself = any(action.startswith("kms:") for action in granted)
        by_access = str(ENCRYPTED.reference(role)) in let
        assert by_itself + by_access == any(action.startswith(STATEFUL) for action in granted), role


def test_the_key_is_used_through_services_alone() -> None:
    """A function can decrypt nothing by itself, and the grant names the one key."""
    access = ENCRYPTED.properties("KeyAccess")["PolicyDocument"]["Statement"]
    own = [each for role in ENCRYPTED.of_type("AWS::IAM::Role") for each in statements(ENCRYPTED, role)]
    for statement in (*access, *(each for each in own if actions(each)[0].startswith("kms:"))):
        assert statement["Resource"] == KEY
        services = statement["Condition"]["StringEquals"]["kms:ViaService"]
        assert all(
            each.endswith(".eu-west-1.amazonaws.com")
            for each in ([services] if isinstance(services, str) else services)
        )


def test_without_a_key_nobody_is_granted_one() -> None:
    """The parameter left out leaves nothing of KMS in the roles."""
    managed = [PLAIN.properties(name)["PolicyDocument"] for name in PLAIN.of_type("AWS::IAM::ManagedPolicy")]
    every = [each for role in PLAIN.of_type("AWS::IAM::Role") for each in statements(PLAIN, role)]
    assert "kms:" not in json.dumps([managed, every])


def test_every_stage_is_behind_the_web_acl() -> None:
    """A stage that was left out would be the way around it."""
    stack = load_stack({"WebAclArn": ACL})
    associations = [stack.properties(name) for name in stack.of_type("AWS::WAFv2::WebACLAssociation")]
    api = stack.reference("Api")
    stages = {
        f"arn:aws:apigateway:eu-west-1::/restapis/{api}/stages/{stack.reference(name)}"
        for name in stack.of_type("AWS::ApiGateway::Stage")
    }
    assert {each["ResourceArn"] for each in associations} == stages
    assert len(stages) == 5
    assert {each["WebACLArn"] for each in associations} == {ACL}


def test_without_a_web_acl_there_is_none() -> None:
    """The parameter left out leaves the stages open, as they were."""
    assert PLAIN.of_type("AWS::WAFv2::WebACLAssociation") == ()
