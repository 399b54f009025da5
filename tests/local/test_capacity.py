"""What the functions may use at once: throttles, reserved concurrency, and how the most called ones start."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from keyfob.contracts import NAMES, contract_named
from samtranslator.yaml_helper import yaml_parse

from local.intrinsics import Json, Stack
from local.routes import find_route
from local.template import TEMPLATE, Deployment, load_stack
from tests.hashing import HASHING

STARTS_FAST = {"login", "session_login", "refresh", "me", "authorizer"}
SMALLEST_ACCOUNT = 10
SECONDS_TO_HASH = 0.1
RESOURCE_LIMIT = 500
UNVERSIONED = (
    "AutoPublishAlias",
    "Events",
    "PermissionsBoundary",
    "Policies",
    "ProvisionedConcurrencyConfig",
    "ReservedConcurrentExecutions",
)
"""What belongs to the function's role, alias or callers, and not to a version of it."""

EVERYTHING = {
    "EventBus": "default",
    "AccessLogs": "true",
    "HostedZoneId": "Z1",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
    **{f"{contract.capitalize()}Domain": f"{contract}.example.com" for contract in NAMES},
}

EVERY_CONTRACT = pytest.mark.parametrize("contract", NAMES)


def throttles(stack: Stack, stage: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the rate and burst of each path and method that a stage has a setting for."""
    every = map(stack.properties, stack.of_type("AWS::ApiGateway::Stage"))
    (settings,) = [each["MethodSettings"] for each in every if each["StageName"] == stage]
    return {
        (each["ResourcePath"], each["HttpMethod"]): (
            float(each["ThrottlingRateLimit"]),
            float(each["ThrottlingBurstLimit"]),
        )
        for each in settings
    }


def setting_path(path: str) -> str:
    """Return a path as method settings write it."""
    return "/" + path.removesuffix("/").replace("/", "~1")


def logical_ids(stack: Stack) -> dict[str, str]:
    """Return the logical id of each function, by the name of its folder."""
    ids = stack.of_type("AWS::Lambda::Function")
    return {stack.properties(each)["Code"]["S3Key"].split("/")[1]: each for each in ids}


@EVERY_CONTRACT
def test_what_hashes_is_throttled_apart(deployment: Deployment, contract: str) -> None:
    """On each stage, every method and path that leads to a function that hashes has the lower throttle."""
    spoken = contract_named(contract)
    settings = throttles(load_stack({"PasswordThrottleRate": "3", "PasswordThrottleBurst": "4"}), contract)
    for operation in spoken.operations.values():
        for method in operation.methods:
            path = spoken.base_path + operation.path
            match = find_route(deployment.routes, method, path)
            assert match is not None
            expected = (3, 4) if match.route.function in HASHING else None
            assert settings.get((setting_path(match.route.path), method)) == expected, path


@EVERY_CONTRACT
def test_a_throttle_is_of_a_method_that_is_there(deployment: Deployment, contract: str) -> None:
    """API Gateway refuses a whole stage for a setting of a path that it has not, or of the method ANY."""
    settings = throttles(load_stack(), contract)
    assert settings.pop(("/*", "*")) == (100, 200)
    for path, method in settings:
        match = find_route(deployment.routes, method, path[1:].replace("~1", "/"))
        assert match is not None
        assert setting_path(match.route.path) == path
        assert match.route.function in HASHING
        assert method in {"GET", "POST", "PATCH"}


def test_a_flood_of_logins_leaves_half_of_the_smallest_account() -> None:
    """Logins at every door of every stage, at the rate that the gateway lets through, hold 5 of 10 instances."""
    stack = load_stack()
    doors = [
        throttles(stack, contract)[setting_path(contract_named(contract).base_path + path), "POST"]
        for contract in NAMES
        for path in ("/login", "/session/login")
    ]
    assert sum(rate for rate, _ in doors) * SECONDS_TO_HASH <= SMALLEST_ACCOUNT / 2
    assert max(burst for _, burst in doors) <= SMALLEST_ACCOUNT / 2


def test_nothing_is_reserved_by_default() -> None:
    """A new account has 10 instances and may reserve none, so a default above zero could not be deployed."""
    stack = load_stack()
    functions = map(stack.properties, stack.of_type("AWS::Lambda::Function"))
    assert not [each for each in functions if "ReservedConcurrentExecutions" in each]


def test_concurrency_is_reserved_for_hashing_and_for_sessions() -> None:
    """One parameter bounds each function that hashes, another keeps room for each that sessions live by."""
    stack = load_stack({"PasswordConcurrency": "20", "SessionConcurrency": "50"})
    reserved = {
        name: stack.properties(each).get("ReservedConcurrentExecutions") for name, each in logical_ids(stack).items()
    }
    expected = {**dict.fromkeys(HASHING, "20"), **dict.fromkeys(("refresh", "me", "authorizer"), "50")}
    assert {name: value for name, value in reserved.items() if value is not None} == expected


def test_those_that_are_called_most_are_called_by_their_alias(deployment: Deployment) -> None:
    """The API, its permission to invoke and the ARN for other APIs name the alias; other functions have none.

    The authorizer may be invoked without it too, by APIs that were given its ARN before it had one.
    """
    stack = load_stack()
    ids = logical_ids(stack)
    aliases = {stack.properties(each)["FunctionName"]: each for each in stack.of_type("AWS::Lambda::Alias")}
    assert aliases.keys() == {f"keyfob-{ids[name]}" for name in STARTS_FAST}
    invoked = set(re.findall(r"function:(keyfob-\w+:live)/", str(stack.properties("Api")["Body"])))
    assert invoked == {f"keyfob-{ids[name]}:live" for name in STARTS_FAST - {"authorizer"}}
    permitted = [stack.properties(each)["FunctionName"] for each in stack.of_type("AWS::Lambda::Permission")]
    for name in STARTS_FAST:
        assert stack.reference(aliases[f"keyfob-{ids[name]}"]) in permitted
        assert (f"keyfob-{ids[name]}" in permitted) == (name == "authorizer")
    assert stack.resolve(stack.template["Outputs"]["AuthorizerArn"]["Value"]).endswith(
        ":keyfob-AuthorizerFunction:live"
    )
    assert {route.function for route in deployment.routes} >= STARTS_FAST - {"authorizer"}


@pytest.mark.parametrize(
    ("parameters", "applies", "provisioned"),
    [
        ({}, "None", None),
        ({"SnapStart": "On"}, "PublishedVersions", None),
        ({"ProvisionedConcurrency": "2"}, "None", {"ProvisionedConcurrentExecutions": "2"}),
    ],
)
def test_a_parameter_says_how_they_start(
    parameters: Mapping[str, str], applies: str, provisioned: Mapping[str, str] | None
) -> None:
    """From a snapshot, from instances that are kept ready, or by default from nothing."""
    stack = load_stack(parameters)
    ids = logical_ids(stack)
    snap_start = {name: stack.properties(each).get("SnapStart") for name, each in ids.items()}
    assert {name: value for name, value in snap_start.items() if value} == {
        name: {"ApplyOn": applies} for name in STARTS_FAST
    }
    kept = [stack.properties(each).get("ProvisionedConcurrencyConfig") for each in stack.of_type("AWS::Lambda::Alias")]
    assert kept == [provisioned] * len(STARTS_FAST)


def test_a_published_version_follows_every_value_that_it_is_made_of() -> None:
    """SAM publishes no version when only a value changes, so each value is in the text whose number versions carry."""
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    content = template["Resources"]["ConfigurationVersion"]["Properties"]["Content"]["Fn::Sub"]
    counted = set(re.findall(r"\$\{(\w+)\}", content))
    names = {name: f"{''.join(word.capitalize() for word in name.split('_'))}Function" for name in STARTS_FAST}
    for name, logical_id in names.items():
        properties = {
            **template["Globals"]["Function"],
            **template["Resources"][logical_id]["Properties"],
            "GlobalEnvironment": template["Globals"]["Function"]["Environment"],
        }
        taken = set(references({k: v for k, v in properties.items() if k not in UNVERSIONED}, template["Conditions"]))
        assert taken - {"AWS::NoValue", "AWS::StackName", "ConfigurationVersion"} <= counted, name
    assert counted <= {*template["Parameters"], *template["Resources"]}


@pytest.mark.parametrize("name", sorted(STARTS_FAST))
def test_the_number_is_part_of_a_function_and_of_its_version(name: str) -> None:
    """A new number replaces the version, and changes its function, without which Lambda would publish nothing."""
    stack = load_stack()
    function = stack.template["Resources"][logical_ids(stack)[name]]["Properties"]
    versions = [
        each["Properties"] for each in stack.template["Resources"].values() if each["Type"].endswith("::Version")
    ]
    (version,) = [each for each in versions if each["FunctionName"]["Ref"] == logical_ids(stack)[name]]
    for each in (function, version):
        assert "${ConfigurationVersion.VersionNumber}" in each["Description"]["Fn::Sub"]


@pytest.mark.parametrize(
    ("parameters", "refusals"),
    [
        ({}, []),
        ({"SnapStart": "On"}, []),
        ({"ProvisionedConcurrency": "1"}, []),
        ({"SnapStart": "On", "ProvisionedConcurrency": "1"}, ["Lambda has SnapStart or"]),
        ({"Igny8Domain": "a.example.com"}, ["Igny8Domain needs CertificateArn"]),
        ({"Igny8Domain": "a.example.com", "CertificateArn": "arn:aws:acm:x"}, []),
        ({"DisableExecuteApi": "true"}, ["DisableExecuteApi needs a custom domain"]),
        (
            {"DisableExecuteApi": "true", "MetatagDomain": "a.example.com", "CertificateArn": "arn:aws:acm:x"},
            [],
        ),
    ],
)
def test_what_cannot_be_deployed_is_refused_before_it_is(parameters: Mapping[str, str], refusals: list[str]) -> None:
    """CloudFormation checks the template's rules before it changes anything."""
    stack = load_stack(parameters)
    refused = [
        assertion["AssertDescription"]
        for rule in stack.template["Rules"].values()
        if stack.resolve(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not stack.resolve(assertion["Assert"])
    ]
    assert len(refused) == len(refusals)
    assert all(map(str.startswith, refused, refusals))


def test_the_template_stays_below_what_one_stack_may_have() -> None:
    """With everything switched on there is room for what a deployment adds of its own."""
    stack = load_stack(EVERYTHING)
    assert len(stack.template["Resources"]) <= RESOURCE_LIMIT * 0.8


def references(value: Json, conditions: Mapping[str, Any]) -> Iterator[str]:
    """Return all that a part of a template refers to, also by the conditions that decide in it."""
    if isinstance(value, list):
        for each in value:
            yield from references(each, conditions)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from named(key, each)
            if key == "Fn::If":
                yield from references(conditions[each[0]], conditions)
            yield from references(each, conditions)


def named(intrinsic: str, argument: Json) -> list[str]:
    """Return what an intrinsic function names."""
    if intrinsic == "Ref":
        return [argument]
    if intrinsic == "Fn::Sub":
        return [name.split(".")[0] for name in re.findall(r"\$\{([\w:.]+)\}", str(argument))]
    return [str(argument[0])] if intrinsic == "Fn::GetAtt" else []
