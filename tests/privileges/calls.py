"""What a call to AWS is to IAM: an action on a resource, or several."""

from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from email.utils import parseaddr
from typing import Any, NamedTuple

from local.intrinsics import ACCOUNT_ID, REGION

Params = Mapping[str, Any]

# What a transaction does to an item is allowed as the operation of its own would be.
_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


class Call(NamedTuple):
    """One thing that a function asked of AWS; `context` has the keys and values that conditions may be about."""

    function: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Name the action, the resource and the function."""
        return f"{self.function}: {self.action} on {self.resource}"


class Unmapped(NotImplementedError):
    """An operation whose actions and resources are not known here yet."""


def calls_of(function: str, service: str, operation: str, params: Params) -> Iterator[Call]:
    """Yield what IAM is asked when `function` calls an operation, such as ``GetItem`` of ``dynamodb``.

    `params` are those that botocore's client is given. Raises `Unmapped` for an operation that is not known.
    """
    read = _SERVICES.get(service)
    if read is None:
        raise Unmapped(f"tests/privileges/calls.py does not know what {service}.{operation} is to IAM")
    return read(function, operation, params)


def _of_dynamodb(function: str, operation: str, params: Params) -> Iterator[Call]:
    if "TransactItems" in params:
        for item in params["TransactItems"]:
            [(kind, target)] = item.items()
            yield Call(function, f"dynamodb:{_TRANSACTED[kind]}", _table(target["TableName"]))
    elif "RequestItems" in params:
        for name in params["RequestItems"]:
            yield Call(function, f"dynamodb:{operation}", _table(name))
    elif "TableName" in params:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield Call(function, f"dynamodb:{operation}", _table(params["TableName"]) + index)
    else:
        raise Unmapped(f"tests/privileges/calls.py does not know which table dynamodb.{operation} is about")


def _of_secrets_manager(function: str, operation: str, params: Params) -> Iterator[Call]:
    yield Call(function, f"secretsmanager:{operation}", params["SecretId"])


def _of_sqs(function: str, operation: str, params: Params) -> Iterator[Call]:
    account, name = params["QueueUrl"].split("/")[-2:]
    action = operation.removesuffix("Batch")
    yield Call(function, f"sqs:{action}", f"arn:aws:sqs:{REGION}:{account}:{name}")


def _of_event_bridge(function: str, operation: str, params: Params) -> Iterator[Call]:
    for entry in params["Entries"]:
        yield Call(function, f"events:{operation}", _arn("events", f"event-bus/{entry['EventBusName']}"))


def _of_ses(function: str, operation: str, params: Params) -> Iterator[Call]:
    """Yield both actions that SES may check, on the identities that may be the sender's."""
    if operation != "SendEmail" or "Raw" not in params["Content"]:
        raise Unmapped(f"tests/privileges/calls.py does not know which identity sesv2.{operation} is about")
    sender = parseaddr(str(message_from_bytes(params["Content"]["Raw"]["Data"])["From"]))[1]
    for action in ("ses:SendEmail", "ses:SendRawEmail"):
        for identity in (sender, sender.partition("@")[2]):
            resource = _arn("ses", f"identity/{identity}")
            yield Call(function, action, resource, (("ses:FromAddress", sender),))


def _table(name: str) -> str:
    return _arn("dynamodb", f"table/{name}")


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


_SERVICES: Mapping[str, Callable[[str, str, Params], Iterator[Call]]] = {
    "dynamodb": _of_dynamodb,
    "events": _of_event_bridge,
    "secretsmanager": _of_secrets_manager,
    "sesv2": _of_ses,
    "sqs": _of_sqs,
}
