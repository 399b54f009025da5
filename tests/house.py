"""The whole service for a test: every function as deployed, over moto's tables and secrets, called with real events."""

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import patch

from boto3 import Session as Boto
from keyfob.clock import now
from keyfob.contracts import contract_named
from keyfob.crypto.keys import KeySet
from keyfob.model.permission import Permissions
from keyfob.service.keys import Keys
from keyfob.service.tokens import TokenIssuer
from keyfob.store.secrets import Secret
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users
from moto import mock_aws
from moto.backends import get_backend

from local.aws import create_queues, create_secrets, create_tables, rotate_secrets, verify_senders
from local.event_sources import EventSources
from local.gateway import rest_event
from local.intrinsics import ACCOUNT_ID, REGION
from local.outbox import sent
from local.routes import find_route
from local.runtime import Runtime
from local.template import Deployment, load_deployment

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ISSUER = "https://auth.example.com"
ORIGIN = "https://app.example.com"
PASSWORD = "SecurePass123!"
SESSION_COOKIE = "__Host-session"
PARAMETERS = {
    "Issuer": ISSUER,
    "AllowedOrigins": ORIGIN,
    "PasswordHashing": "test",
    "AuthorizerAudiences": "standard,metatag,pythonorg,igny8,reference",
    "MailFrom": "Keyfob <no-reply@example.com>",
    "EventBus": "default",
    **dict.fromkeys(
        ("AnonymousAttempts", "SignedInAttempts", "StaffAttempts", "AccountFailures", "MailsPerAddress"), "1000000"
    ),
}

NEVER = {"N": str(2**62)}

_NOTHING: Mapping[str, str] = MappingProxyType({})
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it. `json` is `None` for an empty body; header names are in lower case.

    `set_cookies` are the values of its ``Set-Cookie`` headers.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    set_cookies: tuple[str, ...] = ()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it sets, with their values alone."""
        return dict(each.partition(";")[0].split("=", 1) for each in self.set_cookies)

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text) if self.text else None


class Invoker(Protocol):
    """What runs functions: `local.runtime.Runtime` in this process, or another."""

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Return the answer of one function to `event`."""


@dataclass(frozen=True)
class House:
    """A deployment that runs, and ways to look into it."""

    deployment: Deployment
    runtime: Invoker
    dynamodb: "DynamoDBClient"
    event_sources: EventSources
    mail_source: EventSources
    users: Users = field(init=False)
    sessions: Sessions = field(init=False)
    issuer: TokenIssuer = field(init=False)

    def __post_init__(self) -> None:
        """Open the stores that the functions use."""
        environment = self.deployment.functions["logout"].environment
        keys = Keys(Secret.connect(environment["KEY_SET_SECRET"]).read, KeySet.from_json, now)
        object.__setattr__(self, "users", Users(self.dynamodb, environment["USERS_TABLE"]))
        object.__setattr__(self, "sessions", Sessions(self.dynamodb, environment["SESSIONS_TABLE"]))
        object.__setattr__(self, "issuer", TokenIssuer(ISSUER, keys, Permissions()))

    def client(self, contract: str) -> "Client":
        """Return a client of one contract."""
        return Client(self, contract)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return every item of the table whose name ends in `table`, in DynamoDB's wire format."""
        (name,) = [each.name for each in self.deployment.tables if each.name.lower().endswith(table.lower())]
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=name)
        return [dict(item) for page in pages for item in page["Items"]]

    def everything(self) -> list[dict[str, Any]]:
        """Return every user and session with all that belongs to it, but what has expired: DynamoDB may delete that."""
        items = [item for table in ("UsersTable", "SessionsTable") for item in self.items(table)]
        return [item for item in items if int(item.get("expires_at", NEVER)["N"]) > now()]

    @property
    def one_time_table(self) -> str:
        """Name of the table `one-time`."""
        return self.deployment.functions["mailer"].environment["ONE_TIME_TABLE"]

    def deliver(self) -> None:
        """Let the functions take what waits in queues and streams, until nothing does."""
        while self.event_sources.deliver():
            pass

    def mail_to(self, address: str) -> list[EmailMessage]:
        """Return the mail that an address has got by now, oldest first, of what waits in the queue alone."""
        while self.mail_source.deliver():
            pass
        return [mail for mail in sent() if address in str(mail["To"])]

    def empty(self) -> None:
        """Delete every item."""
        for table in self.deployment.tables:
            keys = [key["AttributeName"] for key in table.definition["KeySchema"]]
            for item in self.items(table.name):
                self.dynamodb.delete_item(TableName=table.name, Key={key: item[key] for key in keys})

    def forget(self) -> None:
        """Forget every item, change and mail, where moto keeps them: it copies whole tables for each transaction."""
        if "AWS_ENDPOINT_URL_DYNAMODB" in os.environ:
            return
        for table in get_backend("dynamodb")[ACCOUNT_ID][REGION].tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
        get_backend("ses")[ACCOUNT_ID][REGION].sent_messages.clear()
        for queue in get_backend("sqs")[ACCOUNT_ID][REGION].queues.values():
            queue._messages.clear()
            queue._pending_messages.clear()
        self.event_sources.rewind()

    def drop_tables(self) -> None:
        """Delete every table, for the next deployment to find none."""
        for table in self.deployment.tables:
            self.dynamodb.delete_table(TableName=table.name)

    def change_user(self, user_id: str, **attributes: bool | str) -> None:
        """Overwrite attributes of a stored user."""
        for name, value in attributes.items():
            self.dynamodb.update_item(
                TableName=self.deployment.functions["login"].environment["USERS_TABLE"],
                Key={"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "PROFILE"}},
                UpdateExpression="SET #name = :value",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": {"BOOL": value} if isinstance(value, bool) else {"S": value}},
            )

    def change_session(self, user_id: str, session_id: str, **attributes: int) -> None:
        """Overwrite number attributes of a stored session."""
        for name, value in attributes.items():
            self.dynamodb.update_item(
                TableName=self.deployment.functions["login"].environment["SESSIONS_TABLE"],
                Key={"user_id": {"S": user_id}, "session_id": {"S": session_id}},
                UpdateExpression="SET #name = :value",
                ConditionExpression="attribute_exists(user_id)",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": {"N": str(value)}},
            )


@dataclass(frozen=True)
class Client:
    """Calls one contract's endpoints."""

    house: House
    contract: str

    def send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = _NOTHING,
        source_ip: str = "203.0.113.7",
    ) -> Reply:
        """Send one request; `path` begins at the stage's root."""
        content = json.dumps(json_body).encode() if json_body is not None else body or b""
        content_type = {"Content-Type": "application/json"} if content else {}
        event = rest_event(
            self.house.deployment,
            self.contract,
            method,
            path,
            headers=tuple({"User-Agent": "tests/1.0", **content_type, **headers}.items()),
            body=content,
            source_ip=source_ip,
        )
        match = find_route(self.house.deployment.routes, method, path.partition("?")[0])
        assert match is not None
        answer = self.house.runtime.invoke(match.route.function, event)
        return reply_of(answer)

    def call(
        self,
        endpoint: str,
        json_body: Any = None,
        *,
        token: str = "",
        cookie: str = "",
        path: Mapping[str, str] = _NOTHING,
        query: str = "",
        **options: Any,
    ) -> Reply:
        """Call an endpoint of the contract with its first method.

        `token` is a bearer token, `cookie` the value of a session cookie, `path` has the path's parameters.
        """
        contract = contract_named(self.contract)
        operation = contract.operations[endpoint]
        headers = {
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **({"Cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {}),
            **options.pop("headers", {}),
        }
        url = contract.base_path + operation.path.format(**path) + (f"?{query}" if query else "")
        return self.send(operation.methods[0], url, json_body=json_body, headers=headers, **options)


def reply_of(answer: Mapping[str, Any]) -> Reply:
    """Return what a client sees of a function's answer."""
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    cookies = answer.get("multiValueHeaders", {}).get("Set-Cookie", [])
    return Reply(answer["statusCode"], headers, answer["body"], tuple(cookies))


def unique(stem: str = "user") -> str:
    """Return a username that no other test has."""
    return f"{stem}{next(_numbers)}"


@contextmanager
def running_house(parameters: Mapping[str, str] = _NOTHING, dynamodb_url: str = "") -> Iterator[House]:
    """Run a deployment with `PARAMETERS`, changed by `parameters`, over moto; its tables at `dynamodb_url` if given.

    Moto lets pass what is sent to any other address than AWS's own.
    """
    names = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS") if dynamodb_url else ()
    elsewhere = dict.fromkeys(names, dynamodb_url)
    with mock_aws(), patch.dict(os.environ, elsewhere):
        deployment = load_deployment({**PARAMETERS, **parameters})
        yield furnished(deployment, Runtime(deployment))


def furnished(deployment: Deployment, runtime: Invoker) -> House:
    """Return a deployment whose functions are called through `runtime`, with what it creates in AWS, and keys."""
    boto = Boto()
    dynamodb, secrets = boto.client("dynamodb"), boto.client("secretsmanager")
    create_tables(deployment, dynamodb)
    create_secrets(deployment, secrets)
    create_queues(deployment, boto.client("sqs"))
    verify_senders(deployment, boto.client("sesv2"))
    rotate_secrets(deployment, runtime.invoke)
    return house_of(deployment, runtime, dynamodb)


def house_of(deployment: Deployment, runtime: Invoker, dynamodb: "DynamoDBClient") -> House:
    """Return a house whose tables, queues and secrets are there already."""
    queues = tuple(source for source in deployment.event_sources if source.kind == "sqs")
    return House(
        deployment,
        runtime,
        dynamodb,
        EventSources(deployment, runtime.invoke),
        EventSources(replace(deployment, event_sources=queues), runtime.invoke),
    )
