"""What AWS itself asks in a function's name, by the function's role: no client of the function's makes these calls."""

from collections.abc import Callable, Iterator, Mapping

from local.intrinsics import ACCOUNT_ID, REGION, Json, Stack
from tests.privileges.calls import Call
from tests.privileges.roles import function_name

# What Lambda needs to read an event source: of a queue, and of a table's stream.
_QUEUE_ACTIONS = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_STREAM_ACTIONS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

# Where a resource's key is named, by the resource's type: services use it in the name of who asks for the data.
_KEYS: Mapping[str, Callable[[Mapping[str, Json]], Json]] = {
    "AWS::DynamoDB::Table": lambda properties: properties.get("SSESpecification", {}).get("KMSMasterKeyId"),
    "AWS::SQS::Queue": lambda properties: properties.get("KmsMasterKeyId"),
    "AWS::SecretsManager::Secret": lambda properties: properties.get("KmsKeyId"),
}
_WRITES = ("sqs:SendMessage", "secretsmanager:PutSecretValue")


def errands(stack: Stack, calls: set[Call]) -> set[Call]:
    """Return what is asked for the functions of `stack`, which themselves make `calls`."""
    own = set(_of_functions(stack)) | set(_of_event_sources(stack)) | set(_of_configuration_sets(calls))
    return own | set(_of_keys(stack, calls | own))


def _of_functions(stack: Stack) -> Iterator[Call]:
    """Yield the logs and traces that Lambda writes."""
    for logical_id in stack.of_type("AWS::Lambda::Function"):
        properties = stack.properties(logical_id)
        name = function_name(properties)
        group = properties.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{logical_id}")
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Call(name, action, f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:log-stream:one")
        if properties.get("TracingConfig", {}).get("Mode") == "Active":
            yield Call(name, "xray:PutTraceSegments", "*")
            yield Call(name, "xray:PutTelemetryRecords", "*")


def _of_event_sources(stack: Stack) -> Iterator[Call]:
    """Yield what Lambda reads of queues and streams to invoke a function."""
    names = {
        str(stack.reference(each)): function_name(stack.properties(each))
        for each in stack.of_type("AWS::Lambda::Function")
    }
    for each in map(stack.properties, stack.of_type("AWS::Lambda::EventSourceMapping")):
        [function] = {names[part] for part in each["FunctionName"].split(":") if part in names}
        source = each["EventSourceArn"]
        if ":dynamodb:" in source:
            yield Call(function, "dynamodb:ListStreams", "*")
        for action in _STREAM_ACTIONS if ":dynamodb:" in source else _QUEUE_ACTIONS:
            yield Call(function, action, source)


def _of_configuration_sets(calls: set[Call]) -> Iterator[Call]:
    """Yield what SES checks besides where an identity has a default configuration set."""
    resource = f"arn:aws:ses:{REGION}:{ACCOUNT_ID}:configuration-set/default"
    for call in calls:
        if ":identity/" in call.resource:
            yield call._replace(resource=resource)


def _of_keys(stack: Stack, calls: set[Call]) -> Iterator[Call]:
    """Yield what is asked of the keys that tables, queues and secrets are encrypted with, where they have one."""
    keys = _keys(stack)
    for call in calls:
        if key := keys.get(call.resource.partition("/stream/")[0]):
            service = call.action.partition(":")[0]
            via = (("kms:ViaService", f"{service}.{REGION}.amazonaws.com"),)
            yield Call(call.function, "kms:Decrypt", key, via)
            if call.action in _WRITES:
                yield Call(call.function, "kms:GenerateDataKey", key, via)


def _keys(stack: Stack) -> Mapping[str, str]:
    """Return the key of each resource that has one of its own, by the resource's ARN."""
    found: dict[str, str] = {}
    for kind, key_of in _KEYS.items():
        for logical_id in stack.of_type(kind):
            key: Json = key_of(stack.properties(logical_id))
            if key:
                is_secret = kind == "AWS::SecretsManager::Secret"
                arn = str(stack.reference(logical_id)) if is_secret else stack.attribute(logical_id, "Arn")
                found[arn] = key
    return found
