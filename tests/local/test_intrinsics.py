"""CloudFormation's intrinsic functions."""

from typing import Any

import pytest

from local.intrinsics import Stack, Unresolvable

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Stage": {"Default": "dev"}, "Count": {"Default": 3}, "Secret": {}},
    "Mappings": {"Sizes": {"dev": {"memory": 128}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
    },
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Stage": {"Ref": "Stage"}}},
        "Keys": {"Type": "AWS::SecretsManager::Secret"},
        "Jobs": {"Type": "AWS::SQS::Queue"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Never": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"},
        "Always": {"Type": "AWS::SNS::Topic", "Condition": "IsDev"},
    },
}


@pytest.fixture
def stack() -> Stack:
    """Return the template with its defaults."""
    return Stack.of(TEMPLATE, {"Secret": "s3cret"})


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "Count"}, "3"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Table"}, "keyfob-Table"),
        ({"Ref": "Keys"}, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keyfob/Keys"),
        ({"Ref": "Jobs"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/keyfob-Jobs"),
        ({"Fn::GetAtt": ["Jobs", "Arn"]}, "arn:aws:sqs:eu-west-1:123456789012:keyfob-Jobs"),
        ({"Fn::GetAtt": ["Jobs", "QueueName"]}, "keyfob-Jobs"),
        (
            {"Fn::GetAtt": ["Table", "StreamArn"]},
            "arn:aws:dynamodb:eu-west-1:123456789012:table/keyfob-Table/stream/local",
        ),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:aws:dynamodb:eu-west-1:123456789012:table/keyfob-Table"),
        ({"Fn::GetAtt": "Table.Arn"}, "arn:aws:dynamodb:eu-west-1:123456789012:table/keyfob-Table"),
        ({"Fn::Sub": "${AWS::StackName}/${Table}/${!Table}"}, "keyfob/keyfob-Table/${Table}"),
        ({"Fn::Sub": "${Table.Arn}"}, "arn:aws:dynamodb:eu-west-1:123456789012:table/keyfob-Table"),
        ({"Fn::Sub": ["${Own}-${Stage}", {"Own": {"Ref": "Count"}}]}, "3-dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}, "a-dev"),
        ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 128),
        ({"Fn::Split": ["-", {"Fn::Sub": "${Stage}-x"}]}, ["dev", "x"]),
        ({"Fn::Select": ["1", {"Fn::Split": ["-", "a-b"]}]}, "b"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
        ({"a": {"b": [{"Ref": "Stage"}, True, None]}}, {"a": {"b": ["dev", True]}}),
    ],
)
def test_resolves(stack: Stack, value: object, resolved: object) -> None:
    """Every intrinsic function gives what CloudFormation would, against the local stack."""
    assert stack.resolve(value) == resolved


def test_a_parameter_overrides_its_default() -> None:
    """What is given goes before the template's default."""
    stack = Stack.of(TEMPLATE, {"Stage": "prod"})
    assert stack.properties("Table") == {"Stage": "prod"}
    assert stack.condition("IsProd")


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::GetAtt": ["Topic", "Arn"]},
        {"Fn::GetAtt": ["Table", "TableId"]},
        {"Fn::ImportValue": "elsewhere"},
        {"Ref": "Nothing"},
        {"Fn::Sub": "${Nothing}"},
    ],
)
def test_what_has_no_local_value_is_an_error(stack: Stack, value: object) -> None:
    """A value that only AWS knows is never made up."""
    with pytest.raises(Unresolvable):
        stack.resolve(value)


def test_an_unknown_parameter_is_an_error() -> None:
    """A misspelt parameter does not pass unnoticed."""
    with pytest.raises(Unresolvable, match="Stgae"):
        Stack.of(TEMPLATE, {"Stgae": "prod"})


def test_a_resource_whose_condition_does_not_hold_is_not_there(stack: Stack) -> None:
    """What would not be deployed is not served."""
    assert stack.of_type("AWS::SNS::Topic") == ("Topic", "Always")
