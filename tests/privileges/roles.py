"""What the functions' roles grant, as the transformed template has them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from moto.iam.aws_managed_policies import aws_managed_policies_data

from local.intrinsics import Json, Stack

_AWS_MANAGED = ":aws:policy/"


class Grant(NamedTuple):
    """An action on a resource, where each may be a pattern, and the keys that the grant's conditions are about."""

    action: str
    resource: str
    conditions: tuple[str, ...] = ()

    def covers(self, action: str, resource: str) -> bool:
        """Tell whether the action on the resource is among what this grants, conditions aside."""
        return _matches(action.lower(), self.action.lower()) and _matches(resource, self.resource)

    def within(self, bound: "Grant") -> "Grant | None":
        """Return what both grant, or `None` if that is nothing."""
        action = _narrower(self.action, bound.action)
        resource = _narrower(self.resource, bound.resource)
        conditions = tuple(sorted({*self.conditions, *bound.conditions}))
        return Grant(action, resource, conditions) if action and resource else None


@dataclass(frozen=True)
class Role:
    """The policies of one function's role by their names, and those that bound it: it may do what both grant."""

    function: str
    policies: Mapping[str, Json]
    boundary: Mapping[str, Json]

    @property
    def grants(self) -> frozenset[Grant]:
        """All that the role may do."""
        granted = [grant for document in self.policies.values() for grant in grants_of(document)]
        if not self.boundary:
            return frozenset(granted)
        bounds = [grant for document in self.boundary.values() for grant in grants_of(document)]
        return frozenset(both for grant in granted for bound in bounds if (both := grant.within(bound)))


def roles_of(stack: Stack) -> dict[str, Role]:
    """Return the role of each function, by the function's name."""
    by_arn = {stack.attribute(role, "Arn"): role for role in stack.of_type("AWS::IAM::Role")}
    functions = map(stack.properties, stack.of_type("AWS::Lambda::Function"))
    return {function_name(each): _role(stack, function_name(each), by_arn[each["Role"]]) for each in functions}


def function_name(properties: Mapping[str, Json]) -> str:
    """Return what a Lambda function is called here: the name of its folder."""
    return Path(properties["Code"]["S3Key"]).name


def grants_of(document: Json) -> Iterator[Grant]:
    """Yield each action that a policy allows with each of its resources.

    Raises `ValueError` for a statement that says what it is not about, or that denies: what is left is not a list.
    """
    for statement in _listed(document["Statement"]):
        if statement["Effect"] != "Allow" or not statement.keys() >= {"Action", "Resource"}:
            raise ValueError(f"only what is allowed can be listed, by Action and Resource: {statement}")
        conditions = tuple(sorted(key for keys in statement.get("Condition", {}).values() for key in keys))
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Grant(action, resource, conditions)


def _role(stack: Stack, function: str, logical_id: str) -> Role:
    properties = stack.properties(logical_id)
    arns = {*properties.get("ManagedPolicyArns", ()), *_attaching(stack, logical_id)}
    attached = {arn: _managed(stack, arn) for arn in arns}
    written = {each["PolicyName"]: each["PolicyDocument"] for each in properties.get("Policies", ())}
    boundary = properties.get("PermissionsBoundary")
    return Role(function, {**attached, **written}, {boundary: _managed(stack, boundary)} if boundary else {})


def _attaching(stack: Stack, role: str) -> Iterator[str]:
    """Yield the stack's policies that name the role, rather than being named by it."""
    for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
        if stack.reference(role) in stack.properties(policy).get("Roles", ()):
            yield str(stack.reference(policy))


def _managed(stack: Stack, arn: str) -> Json:
    if _AWS_MANAGED in arn:
        return _aws_managed()[arn.rpartition("/")[2]]["Document"]
    [policy] = [each for each in stack.of_type("AWS::IAM::ManagedPolicy") if stack.reference(each) == arn]
    return stack.properties(policy)["PolicyDocument"]


@cache
def _aws_managed() -> Mapping[str, Any]:
    policies: Mapping[str, Any] = json.loads(aws_managed_policies_data)
    return policies


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _narrower(one: str, other: str) -> str | None:
    if _matches(one, other):
        return one
    return other if _matches(other, one) else None


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern)
