"""What `template.yaml` deploys, as plain values: routes, stages, functions, tables, secrets and more.

The SAM translator does the same transformation as CloudFormation, so this reads what would be deployed.
Resources are named after a stack `keyfob` in account 123456789012, region eu-west-1.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from boto3 import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.intrinsics import REGION, Json, Stack, Unresolvable

TEMPLATE = Path(__file__).parent.parent / "template.yaml"

_CODE_BUCKET = "s3://local/"
_PARTS_OF_A_FUNCTIONS_ARN = 7
_ANY_METHOD = "x-amazon-apigateway-any-method"
_DEFAULT_BATCH_SIZES = {"sqs": 10, "dynamodb": 100}
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path of the API, and the function that answers it.

    `method` is upper case, or ``ANY``; `path` may hold ``{name}`` and end in ``{name+}``.
    """

    method: str
    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the API with its variables, and the path that its clients begin with, such as ``/api/auth``."""

    name: str
    variables: Mapping[str, str]
    base_path: str


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function; `name` is that of its folder, `timeout` is in seconds and `memory` in MiB."""

    name: str
    arn: str
    code_dir: Path
    handler: str
    environment: Mapping[str, str]
    timeout: int
    memory: int


@dataclass(frozen=True, slots=True)
class Table:
    """One DynamoDB table: the arguments of `create_table`, and the attribute by which items expire, if any."""

    name: str
    definition: Mapping[str, Json]
    expiry_attribute: str | None


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret with the value it begins with, and the function that rotates it, if any."""

    arn: str
    name: str
    description: str
    beginning: str
    rotated_by: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue, with the attributes that `create_queue` takes."""

    name: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventSource:
    """One event source mapping of Lambda: the queue or the table's stream that a function gets records of.

    `resource` is the name of the queue or table. The function gets at most `batch_size` records at a time; of a stream
    those that match one of the `patterns`, where there are any. With `reports_failures` its answer names the records
    that failed. `maximum_retries` is how often a stream's batch is tried again before it is given up; `None` is for
    ever. With `bisects` a batch that fails is first tried in halves.
    """

    kind: Literal["sqs", "dynamodb"]
    resource: str
    function: str
    batch_size: int
    reports_failures: bool
    patterns: tuple[Mapping[str, Json], ...]
    maximum_retries: int | None
    bisects: bool


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """What the gateway itself answers for one type of error; body templates are by content type.

    Without a `status` the error keeps its own.
    """

    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that the template deploys and that the laptop serves; mappings are by name or error type.

    `layers` are the folders that layers are built from, which functions import from. In `queues` a dead-letter queue
    comes before those that use it.
    """

    api_id: str
    routes: tuple[Route, ...]
    stages: Mapping[str, Stage]
    functions: Mapping[str, Function]
    layers: tuple[Path, ...]
    tables: tuple[Table, ...]
    secrets: tuple[Secret, ...]
    queues: tuple[Queue, ...]
    event_sources: tuple[EventSource, ...]
    gateway_responses: Mapping[str, GatewayResponse]
    binary_media_types: tuple[str, ...]


def load_deployment(parameters: Mapping[str, str] = _NO_PARAMETERS, path: Path = TEMPLATE) -> Deployment:
    """Return what the template at `path` deploys with the parameters given, and the defaults of the others.

    Values need not be among those that a parameter allows: tests may choose what no deployment may. Raises
    `local.intrinsics.Unresolvable` for a parameter that the template has not, or an intrinsic function
    that has no value locally.
    """
    return _deployment(load_stack(parameters, path), path.parent)


def load_stack(parameters: Mapping[str, str] = _NO_PARAMETERS, path: Path = TEMPLATE) -> Stack:
    """Return the transformed template with its parameters, to resolve any part of it."""
    template = _transformed(path, path.stat().st_mtime_ns, tuple(sorted(parameters.items())))
    return Stack.of(template, parameters)


@cache
def _transformed(path: Path, _modified: int, parameters: tuple[tuple[str, str], ...]) -> Mapping[str, Json]:
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for code in properties.keys() & {"CodeUri", "ContentUri"}:
            properties[code] = _CODE_BUCKET + properties[code]
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    transformed: Mapping[str, Json] = translator.translate(template, dict(parameters))
    return transformed


def _deployment(stack: Stack, root: Path) -> Deployment:
    functions = tuple(_function(stack, each, root) for each in stack.of_type("AWS::Lambda::Function"))
    [api] = stack.of_type("AWS::ApiGateway::RestApi")
    properties = stack.properties(api)
    document = properties["Body"]
    names = {function.arn: function.name for function in functions}
    return Deployment(
        api_id=str(stack.reference(api)).lower(),
        routes=tuple(sorted(_routes(document, names), key=lambda route: (route.path, route.method))),
        stages={stage.name: stage for stage in _stages(stack)},
        functions={function.name: function for function in functions},
        layers=tuple(_layer(stack, each, root) for each in stack.of_type("AWS::Lambda::LayerVersion")),
        tables=tuple(_table(stack, each) for each in stack.of_type("AWS::DynamoDB::Table")),
        secrets=tuple(_secrets(stack, names)),
        queues=tuple(sorted((_queue(stack, each) for each in stack.of_type("AWS::SQS::Queue")), key=_has_dead_letters)),
        event_sources=tuple(_event_sources(stack, names)),
        gateway_responses=_gateway_responses(document),
        binary_media_types=tuple(properties.get("BinaryMediaTypes", ())),
    )


def _routes(document: Mapping[str, Json], names: Mapping[str, str]) -> list[Route]:
    return [
        Route("ANY" if method == _ANY_METHOD else method.upper(), path, _integrated(operation, names))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _integrated(operation: Mapping[str, Json], names: Mapping[str, str]) -> str:
    uri = operation["x-amazon-apigateway-integration"]["uri"]
    arn = uri.split("/functions/")[1].removesuffix("/invocations")
    return names[_unqualified(arn)]


def _unqualified(arn: str) -> str:
    """Return a function's ARN without the alias that it may end in."""
    return ":".join(arn.split(":")[:_PARTS_OF_A_FUNCTIONS_ARN])


def _stages(stack: Stack) -> list[Stage]:
    every = map(stack.properties, stack.of_type("AWS::ApiGateway::Stage"))
    return [Stage(each["StageName"], each.get("Variables", {}), _base_path(stack, each["StageName"])) for each in every]


def _base_path(stack: Stack, stage: str) -> str:
    """Return what the output of a stage's base URL has below the stage, which is at the root of a custom domain."""
    url = stack.resolve(stack.template["Outputs"][f"{stage.capitalize()}Url"]["Value"])
    return urlsplit(url).path.removeprefix(f"/{stage}")


def _function(stack: Stack, logical_id: str, root: Path) -> Function:
    properties = stack.properties(logical_id)
    code_dir = root / properties["Code"]["S3Key"]
    return Function(
        name=code_dir.name,
        arn=stack.attribute(logical_id, "Arn"),
        code_dir=code_dir,
        handler=properties["Handler"],
        environment={name: str(value) for name, value in properties["Environment"]["Variables"].items()},
        timeout=properties["Timeout"],
        memory=properties["MemorySize"],
    )


def _layer(stack: Stack, logical_id: str, root: Path) -> Path:
    return root / str(stack.properties(logical_id)["Content"]["S3Key"])


def _table(stack: Stack, logical_id: str) -> Table:
    properties = stack.properties(logical_id)
    expiry = properties.pop("TimeToLiveSpecification", {}).get("AttributeName")
    for managed in ("PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "SSESpecification"):
        properties.pop(managed, None)
    if stream := properties.get("StreamSpecification"):
        properties["StreamSpecification"] = {"StreamEnabled": True, **stream}
    name = str(stack.reference(logical_id))
    return Table(name, {"TableName": name, **properties}, expiry)


def _queue(stack: Stack, logical_id: str) -> Queue:
    attributes = {name: _attribute(value) for name, value in stack.properties(logical_id).items()}
    return Queue(stack.attribute(logical_id, "QueueName"), attributes)


def _attribute(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _has_dead_letters(queue: Queue) -> bool:
    return "RedrivePolicy" in queue.attributes


def _event_sources(stack: Stack, names: Mapping[str, str]) -> list[EventSource]:
    resources: dict[str, tuple[Literal["sqs", "dynamodb"], str]] = {}
    for queue in stack.of_type("AWS::SQS::Queue"):
        resources[stack.attribute(queue, "Arn")] = ("sqs", stack.attribute(queue, "QueueName"))
    for table in stack.of_type("AWS::DynamoDB::Table"):
        resources[stack.attribute(table, "StreamArn")] = ("dynamodb", str(stack.reference(table)))
    functions = {arn.rpartition(":")[2]: name for arn, name in names.items()}
    every = map(stack.properties, stack.of_type("AWS::Lambda::EventSourceMapping"))
    return [
        _event_source(each, *resources[each["EventSourceArn"]], functions[each["FunctionName"]])
        for each in every
        if str(each.get("Enabled", True)).lower() == "true"
    ]


def _event_source(
    properties: Mapping[str, Json], kind: Literal["sqs", "dynamodb"], resource: str, function: str
) -> EventSource:
    retries = properties.get("MaximumRetryAttempts", -1)
    patterns = [json.loads(each["Pattern"]) for each in properties.get("FilterCriteria", {}).get("Filters", ())]
    if patterns and kind == "sqs":
        raise Unresolvable(f"messages of {resource} cannot be filtered locally")
    return EventSource(
        kind=kind,
        resource=resource,
        function=function,
        batch_size=int(properties.get("BatchSize", _DEFAULT_BATCH_SIZES[kind])),
        reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ()),
        patterns=tuple(map(_pattern, patterns)),
        maximum_retries=None if retries == -1 else int(retries),
        bisects=bool(properties.get("BisectBatchOnFunctionError")),
    )


def _pattern(pattern: Json) -> Mapping[str, Json]:
    """Return a filter pattern if it is of values only, at any depth, and none of the comparisons that AWS has."""
    for value in pattern.values():
        if isinstance(value, dict):
            _pattern(value)
        elif not all(isinstance(each, str) for each in value):
            raise Unresolvable(f"a filter by {value} has no meaning locally")
    checked: Mapping[str, Json] = pattern
    return checked


def _secrets(stack: Stack, names: Mapping[str, str]) -> list[Secret]:
    schedules = [stack.properties(each) for each in stack.of_type("AWS::SecretsManager::RotationSchedule")]
    rotations = {each["SecretId"]: names[each["RotationLambdaARN"]] for each in schedules}
    return [_secret(stack, each, rotations) for each in stack.of_type("AWS::SecretsManager::Secret")]


def _secret(stack: Stack, logical_id: str, rotations: Mapping[str, str]) -> Secret:
    properties = stack.properties(logical_id)
    arn = str(stack.reference(logical_id))
    generated = properties["GenerateSecretString"]
    beginning = {**json.loads(generated["SecretStringTemplate"]), generated["GenerateStringKey"]: "generated"}
    return Secret(
        arn=arn,
        name=arn.split(":secret:")[1],
        description=properties["Description"],
        beginning=json.dumps(beginning),
        rotated_by=rotations.get(arn),
    )


def _gateway_responses(document: Mapping[str, Json]) -> dict[str, GatewayResponse]:
    return {
        kind: GatewayResponse(
            status=int(each["statusCode"]) if "statusCode" in each else None,
            headers={
                name.removeprefix("gatewayresponse.header."): value.strip("'")
                for name, value in each.get("responseParameters", {}).items()
            },
            templates=each.get("responseTemplates", {}),
        )
        for kind, each in document.get("x-amazon-apigateway-gateway-responses", {}).items()
    }
