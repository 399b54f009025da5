"""CloudFormation's intrinsic functions, against a stack that is nowhere deployed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A value of a parsed template: a string, number, boolean, list or dictionary."""

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
STACK_NAME = "keyfob"

_PSEUDO_PARAMETERS: Mapping[str, str | None] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": "amazonaws.com",
}

# What `Ref` gives for a resource, by its type and logical id: its name, but for a few.
_NAME = f"{STACK_NAME}-{{id}}"
_REFERENCES: Mapping[str, str] = {
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT_ID}:policy/{_NAME}",
    "AWS::Lambda::LayerVersion": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:layer:{_NAME}:1",
    "AWS::SQS::Queue": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{_NAME}",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{STACK_NAME}/{{id}}",
}
# What `Fn::GetAtt` gives, by type and attribute. A stream gets its true ARN when its table is created, so the one here
# only stands for it.
_TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{_NAME}"
_ATTRIBUTES: Mapping[tuple[str, str], str] = {
    ("AWS::ApiGateway::DomainName", "RegionalDomainName"): f"d-{{id}}.execute-api.{REGION}.amazonaws.com",
    ("AWS::ApiGateway::DomainName", "RegionalHostedZoneId"): "ZLOCAL",
    ("AWS::AppConfig::HostedConfigurationVersion", "VersionNumber"): "1",
    ("AWS::CloudWatch::Alarm", "Arn"): f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:{_NAME}",
    ("AWS::DynamoDB::Table", "Arn"): _TABLE_ARN,
    ("AWS::DynamoDB::Table", "StreamArn"): f"{_TABLE_ARN}/stream/local",
    ("AWS::Events::Rule", "Arn"): f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{_NAME}",
    ("AWS::IAM::Role", "Arn"): f"arn:aws:iam::{ACCOUNT_ID}:role/{_NAME}",
    ("AWS::Lambda::Version", "Version"): "1",
    ("AWS::Lambda::Function", "Arn"): f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{_NAME}",
    ("AWS::Logs::LogGroup", "Arn"): f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{_NAME}:*",
    ("AWS::SQS::Queue", "Arn"): f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{_NAME}",
    ("AWS::SQS::Queue", "QueueName"): _NAME,
}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


class Unresolvable(ValueError):
    """A template uses an intrinsic function, or refers to something, that has no value locally."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A transformed template with a value for each of its parameters."""

    template: Mapping[str, Json]
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, template: Mapping[str, Json], parameters: Mapping[str, str]) -> "Stack":
        """Complete `parameters` with the template's defaults.

        A parameter that the template has not raises `Unresolvable`.
        """
        declared = template.get("Parameters", {})
        if unknown := parameters.keys() - declared.keys():
            raise Unresolvable(f"the template has no parameter {', '.join(sorted(unknown))}")
        defaults = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
        return cls(template, {**defaults, **parameters})

    def properties(self, logical_id: str) -> dict[str, Json]:
        """Return the properties of one resource, resolved."""
        properties: dict[str, Json] = self.resolve(self.template["Resources"][logical_id].get("Properties", {}))
        return properties

    def of_type(self, kind: str) -> tuple[str, ...]:
        """Return the logical ids of the resources of one type, such as ``AWS::DynamoDB::Table``.

        A resource whose condition does not hold is left out.
        """
        return tuple(
            name
            for name, each in self.template["Resources"].items()
            if each["Type"] == kind and ("Condition" not in each or self.condition(each["Condition"]))
        )

    def resolve(self, value: Json) -> Json:
        """Return `value` with every intrinsic function replaced by its result.

        A key or list element that resolves to ``AWS::NoValue`` is left out.
        """
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if function := self._intrinsic(name):
                return function(argument)
        resolved = {key: self.resolve(each) for key, each in value.items()}
        return {key: each for key, each in resolved.items() if each is not None}

    def reference(self, name: str) -> str | None:
        """Return what ``Ref`` gives for a parameter, pseudo parameter or resource."""
        if name in _PSEUDO_PARAMETERS:
            return _PSEUDO_PARAMETERS[name]
        if name in self.parameters:
            return self.parameters[name]
        if self._type(name) == "AWS::Lambda::Alias":
            return self._alias(name)
        return _REFERENCES.get(self._type(name), _NAME).format(id=name)

    def attribute(self, logical_id: str, name: str) -> str:
        """Return what ``Fn::GetAtt`` gives for a resource, or raise `Unresolvable` if it has no value locally."""
        value = _ATTRIBUTES.get((self._type(logical_id), name))
        if value is None:
            raise Unresolvable(f"{logical_id}.{name} has no value locally")
        return value.format(id=logical_id)

    def condition(self, name: str) -> bool:
        """Return whether the template's condition of that name holds."""
        return bool(self.resolve(self.template["Conditions"][name]))

    def _intrinsic(self, name: str) -> Callable[[Json], Json] | None:
        functions: dict[str, Callable[[Json], Json]] = {
            "Condition": self.condition,
            "Fn::And": lambda each: all(map(self.resolve, each)),
            "Fn::Equals": lambda pair: self.resolve(pair[0]) == self.resolve(pair[1]),
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": lambda path: self.attribute(*(path.split(".") if isinstance(path, str) else path)),
            "Fn::If": lambda each: self.resolve(each[1] if self.condition(each[0]) else each[2]),
            "Fn::Join": lambda each: each[0].join(map(str, self.resolve(each[1]))),
            "Fn::Not": lambda each: not self.resolve(each[0]),
            "Fn::Or": lambda each: any(map(self.resolve, each)),
            "Fn::Select": lambda each: self.resolve(each[1])[int(each[0])],
            "Fn::Split": lambda each: str(self.resolve(each[1])).split(each[0]),
            "Fn::Sub": self._substitute,
            "Ref": self.reference,
        }
        if name.startswith("Fn::") and name not in functions:
            raise Unresolvable(f"{name} has no value locally")
        return functions.get(name)

    def _alias(self, logical_id: str) -> str:
        properties = self.properties(logical_id)
        function = properties["FunctionName"]
        return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}:{properties['Name']}"

    def _find_in_map(self, path: list[Json]) -> Json:
        mapping, first, second = map(self.resolve, path)
        return self.template["Mappings"][mapping][first][second]

    def _substitute(self, argument: str | list[Json]) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name in local:
                return str(local[name])
            logical_id, _, attribute = name.partition(".")
            return self.attribute(logical_id, attribute) if attribute else str(self.reference(name))

        return _VARIABLE.sub(value, text).replace("${!", "${")

    def _type(self, logical_id: str) -> str:
        resource = self.template["Resources"].get(logical_id)
        if resource is None:
            raise Unresolvable(f"the template has no resource {logical_id}")
        return str(resource["Type"])
