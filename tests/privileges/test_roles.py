"""A role grants what its policies and its boundary both do, wherever the template writes them."""

from typing import Any

import pytest

from local.intrinsics import Stack
from tests.privileges.roles import Grant, grants_of, roles_of

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:mail"
SQS = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"


def document(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """Return a policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


def stack(role: dict[str, Any], **policies: dict[str, Any]) -> Stack:
    """Return a stack of one function with its role, and of policies by their names."""
    resources = {
        "MailerFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Code": {"S3Key": "functions/mailer/"}, "Role": {"Fn::GetAtt": ["MailerRole", "Arn"]}},
        },
        "MailerRole": {"Type": "AWS::IAM::Role", "Properties": role},
        **{name: {"Type": "AWS::IAM::ManagedPolicy", "Properties": each} for name, each in policies.items()},
    }
    return Stack.of({"Resources": resources}, {})


def grants(stack: Stack) -> set[Grant]:
    """Return what the function may do."""
    return set(roles_of(stack)["mailer"].grants)


def test_policies_of_every_kind_are_read() -> None:
    """AWS's own, the stack's that the role names, those that name the role, and those within the role."""
    found = grants(
        stack(
            {
                "ManagedPolicyArns": [SQS, {"Ref": "Named"}],
                "Policies": [{"PolicyName": "own", "PolicyDocument": document("sqs:A", QUEUE)}],
            },
            Named={"PolicyDocument": document("sqs:B", QUEUE)},
            Naming={"PolicyDocument": document("sqs:C", QUEUE), "Roles": [{"Ref": "MailerRole"}]},
            Others={"PolicyDocument": document("sqs:D", QUEUE), "Roles": ["somebody"]},
        )
    )
    assert found > {Grant(f"sqs:{each}", QUEUE) for each in "ABC"} | {Grant("sqs:ReceiveMessage", "*")}
    assert Grant("sqs:D", QUEUE) not in found


def test_a_boundary_narrows_what_policies_grant() -> None:
    """What is left is the narrower of both, action and resource, and every condition."""
    condition = {"Condition": {"StringEquals": {"ses:FromAddress": "a@example.com"}}}
    found = grants(
        stack(
            {
                "ManagedPolicyArns": [SQS],
                "Policies": [{"PolicyName": "own", "PolicyDocument": document("ses:SendEmail", "*", **condition)}],
                "PermissionsBoundary": {"Ref": "Bound"},
            },
            Bound={"PolicyDocument": document(["sqs:Receive*", "sqs:SendMessage", "ses:SendEmail"], QUEUE)},
        )
    )
    assert found == {Grant("sqs:ReceiveMessage", QUEUE), Grant("ses:SendEmail", QUEUE, ("ses:FromAddress",))}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Action": "a:B", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "a:B", "Resource": "*"},
        {"Effect": "Allow", "Action": "a:B", "NotResource": "c"},
    ],
)
def test_what_cannot_be_listed_is_an_error(statement: dict[str, str]) -> None:
    """A statement that grants all but something would pass for less than it is."""
    with pytest.raises(ValueError, match="only what is allowed"):
        list(grants_of({"Statement": statement}))
