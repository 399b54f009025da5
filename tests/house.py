"""The whole service for a test: every function as deployed, over moto's tables and secrets, called with real events."""

import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from boto3 import Session as Boto
from keyfob.clock import now
from keyfob.contracts import contract_named
from keyfob.crypto.keys import KeySet
from keyfob.service.keys import Keys
from keyfob.service.tokens import TokenIssuer
from keyfob.store.secrets import Secret
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users
from moto import mock_aws

from local.aws import create_secrets, create_tables, rotate_secrets
from local.gateway import rest_event
from local.runtime import Runtime
from local.template import Deployment, load_deployment

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ISSUER = "https://auth.example.com"
ORIGIN = "https://app.example.com"
PASSWORD = "SecurePass123!"
PARAMETERS = {
    "Issuer": ISSUER,
    "AllowedOrigins": ORIGIN,
    "PasswordHashing": "test",
    "AuthorizerAudiences": "standard,metatag,pythonorg,igny8,reference",
}

_NOTHING: Mapping[str, str] = MappingProxyType({})
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it. `json` is `None` for an empty body; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text) if self.text else None


@dataclass(frozen=True)
class House:
    """A deployment that runs, and ways to look into it."""

    deployment: Deployment
    runtime: Runtime
    dynamodb: "DynamoDBClient"
    users: Users = field(init=False)
    sessions: Sessions = field(init=False)
    issuer: TokenIssuer = field(init=False)

    def __post_init__(self) -> None:
        """Open the stores that the functions use."""
        environment = self.deployment.functions["logout"].environment
        keys = Keys(Secret.connect(environment["KEY_SET_SECRET"]).read, KeySet.from_json, now)
        object.__setattr__(self, "users", Users(self.dynamodb, environment["USERS_TABLE"]))
        object.__setattr__(self, "sessions", Sessions(self.dynamodb, environment["SESSIONS_TABLE"]))
        object.__setattr__(self, "issuer", TokenIssuer(ISSUER, keys))

    def client(self, contract: str) -> "Client":
        """Return a client of one contract."""
        return Client(self, contract)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return every item of the table whose name ends in `table`, in DynamoDB's wire format."""
        (name,) = [each.name for each in self.deployment.tables if each.name.lower().endswith(table.lower())]
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=name)
        return [dict(item) for page in pages for item in page["Items"]]

    def everything(self) -> list[dict[str, Any]]:
        """Return every item of every table."""
        return [item for table in ("UsersTable", "SessionsTable") for item in self.items(table)]

    def empty(self) -> None:
        """Delete every item."""
        for table in self.deployment.tables:
            keys = [key["AttributeName"] for key in table.definition["KeySchema"]]
            for item in self.items(table.name):
                self.dynamodb.delete_item(TableName=table.name, Key={key: item[key] for key in keys})

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
        route = next(
            each.function
            for each in self.house.deployment.routes
            if each.path == event["resource"] and each.method in {"ANY", method}
        )
        answer = self.house.runtime.invoke(route, event)
        answer_headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Reply(answer["statusCode"], answer_headers, answer["body"])

    def call(self, endpoint: str, json_body: Any = None, *, token: str = "", **options: Any) -> Reply:
        """Call an endpoint of the contract with its first method, and with a bearer token if one is given."""
        contract = contract_named(self.contract)
        operation = contract.operations[endpoint]
        headers = {**options.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        return self.send(
            operation.methods[0], contract.base_path + operation.path, json_body=json_body, headers=headers, **options
        )


def unique(stem: str = "user") -> str:
    """Return a username that no other test has."""
    return f"{stem}{next(_numbers)}"


@contextmanager
def running_house(parameters: Mapping[str, str] = _NOTHING, dynamodb_url: str = "") -> Iterator[House]:
    """Run a deployment with `PARAMETERS`, changed by `parameters`, over moto; its tables at `dynamodb_url` if given.

    Moto lets pass what is sent to any other address than AWS's own.
    """
    elsewhere = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url} if dynamodb_url else {}
    with mock_aws(), patch.dict(os.environ, elsewhere):
        deployment = load_deployment({**PARAMETERS, **parameters})
        dynamodb, secrets = Boto().client("dynamodb"), Boto().client("secretsmanager")
        create_tables(deployment, dynamodb)
        create_secrets(deployment, secrets)
        runtime = Runtime(deployment)
        rotate_secrets(deployment, runtime.invoke)
        yield House(deployment, runtime, dynamodb)
