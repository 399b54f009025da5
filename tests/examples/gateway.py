"""API Gateway before an example: what its template says of a route's authorizer is done, and its function asked."""

import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jwt
from boto3 import Session as Boto

from local.intrinsics import Stack
from local.template import load_stack
from tests.house import ISSUER, House

EXAMPLES = Path(__file__).parents[2] / "examples"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:orders/prod"


@dataclass(frozen=True)
class Example:
    """One example as its template deploys it, protected by a house."""

    house: House
    stack: Stack
    handler: Any

    def call(self, method: str, headers: Mapping[str, str], body: str | None = None) -> tuple[int, Any]:
        """Send a request to ``/orders``; return the status and what the body says, `None` where API Gateway refuses."""
        document = self.stack.properties("Api")["Body"]
        ((name, scopes),) = document["paths"]["/orders"][method.lower()]["security"][0].items()
        authorizer = document["components"]["securitySchemes"][name]["x-amazon-apigateway-authorizer"]
        if authorizer["type"] == "jwt":
            status, facts = self._verified(authorizer, scopes, headers)
        elif "authorizerPayloadFormatVersion" in authorizer:
            status, facts = self._asked_by_http_api(method, headers)
        else:
            status, facts = self._asked_by_rest_api(method, headers)
        if status:
            return status, None
        answer = self.handler(
            {
                "httpMethod": method,
                "routeKey": f"{method} /orders",
                "requestContext": {"authorizer": facts},
                "body": body,
            },
            None,
        )
        return answer["statusCode"], json.loads(answer["body"])

    def _asked_by_rest_api(self, method: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        event = {
            "type": "REQUEST",
            "methodArn": f"{ARN}/{method}/orders",
            "httpMethod": method,
            "headers": dict(headers),
            "requestContext": {"identity": {"sourceIp": "203.0.113.7"}},
        }
        try:
            answer = self.house.runtime.invoke("authorizer", event)
        except Exception as error:
            if str(error) != "Unauthorized":
                raise
            return 401, None
        (statement,) = answer["policyDocument"]["Statement"]
        return (0 if statement["Effect"] == "Allow" else 403), answer["context"]

    def _asked_by_http_api(self, method: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        event = {
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": f"{ARN}/{method}/orders",
            "headers": {name.lower(): value for name, value in headers.items()},
            "requestContext": {"http": {"method": method, "sourceIp": "203.0.113.7"}},
        }
        answer = self.house.runtime.invoke("authorizer", event)
        return (0, {"lambda": answer["context"]}) if answer["isAuthorized"] else (403, None)

    def _verified(
        self, authorizer: Mapping[str, Any], scopes: list[str], headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        """Do what API Gateway does with a token: its issuer's keys, its audience, and one of the scopes."""
        settings = authorizer["jwtConfiguration"]
        keys = jwt.PyJWKSet.from_dict(self.house.client("standard").send("GET", "/.well-known/jwks.json").json)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            key = keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token, key, algorithms=["RS256"], issuer=settings["issuer"], audience=settings["audience"]
            )
        except (jwt.InvalidTokenError, KeyError):
            return 401, None
        if scopes and not set(scopes) & set(claims["scope"].split()):
            return 403, None
        return 0, {"jwt": {"claims": claims}}


def deployed(house: House, name: str) -> Example:
    """Deploy an example beside a house: its table, and its function."""
    path = EXAMPLES / name / "template.yaml"
    parameters = {"KeyfobAuthorizerArn": f"{house.deployment.functions['authorizer'].arn}:live", "KeyfobIssuer": ISSUER}
    declared = {key: value for key, value in parameters.items() if key in path.read_text(encoding="utf-8")}
    stack = load_stack(declared, path)
    table = str(stack.reference("Orders"))
    dynamodb = Boto().client("dynamodb")
    if table not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(TableName=table, **stack.properties("Orders"))
    properties = stack.properties("OrdersFunction")
    source = path.parent / properties["Code"]["S3Key"] / "app.py"
    spec = importlib.util.spec_from_file_location(f"example_{name.replace('-', '_')}", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with patch.dict(os.environ, properties["Environment"]["Variables"]):
        spec.loader.exec_module(module)
    return Example(house, stack, module.handler)
