"""Keyfob's own requests, each to a function in a process of its own, over DynamoDB Local in another."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.action import Action
from bench.flows import FIRST_IP, PASSWORD, QUIET, Caller
from bench.lambda_process import LambdaProcess, running
from bench.tokens import new_tokens
from local.laptop import laptop
from local.template import load_deployment

SYSTEM = "Keyfob"

TEST_HASHING = {"PasswordHashing": "test"}
"""The parameter set for tests, so that a login costs no hash worth measuring."""

TOKENS = 1000
"""More tokens than are sent between two uses of the same one while a function remembers it."""

_USER = {"email": "bench@example.com", "username": "bench", "password": PASSWORD}
_ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders"


@contextmanager
def actions(data: Path) -> Iterator[list[Action]]:
    """Run the functions, which log as they do by default, with one user in tables in `data`."""
    deployment = load_deployment(TEST_HASHING)
    stateless = load_deployment({**TEST_HASHING, "AuthorizerMode": "stateless"})
    with laptop(load_deployment({**TEST_HASHING, **QUIET}), data) as ours, ExitStack() as processes:
        functions = {
            name: processes.enter_context(running(deployment, name))
            for name in ("login", "refresh", "me", "authorizer")
        }
        functions["stateless"] = processes.enter_context(running(stateless, "authorizer"))
        yield _actions(Caller(deployment, ours.runtime), functions)


def _actions(caller: Caller, functions: dict[str, LambdaProcess]) -> list[Action]:
    caller.elsewhere(FIRST_IP).call("register", _USER)
    tokens = caller.call("login", _USER)
    access = tokens["access_token"]
    key = caller.call("create_key", {"name": "bench"}, access)["api_key"]
    current = {"refresh_token": tokens["refresh_token"]}
    unseen = cycle(new_tokens(caller.deployment, TOKENS))
    login, refresh, me = functions["login"], functions["refresh"], functions["me"]
    authorizer, stateless = functions["authorizer"], functions["stateless"]

    def refreshed() -> None:
        body = refresh.call(caller.event("refresh", current))
        current["refresh_token"] = body["refresh_token"]

    return [
        Action(SYSTEM, "login", login.pid, lambda: login.call(caller.event("login", _USER))),
        Action(SYSTEM, "refresh", refresh.pid, refreshed),
        Action(SYSTEM, "me", me.pid, lambda: me.call(caller.event("me", token=access))),
        Action(SYSTEM, "me by API key", me.pid, lambda: me.call(caller.event("me", key=key))),
        Action(SYSTEM, "authorizer, strict", authorizer.pid, lambda: _allowed(authorizer, _bearing(access))),
        Action(SYSTEM, "authorizer, by API key", authorizer.pid, lambda: _allowed(authorizer, _with_key(key))),
        Action(SYSTEM, "authorizer, stateless", stateless.pid, lambda: _allowed(stateless, _bearing(next(unseen)))),
    ]


def _allowed(authorizer: LambdaProcess, event: dict[str, Any]) -> None:
    answer = authorizer.answer(event)
    if answer["policyDocument"]["Statement"][0]["Effect"] != "Allow":
        raise RuntimeError(f"the authorizer denies: {answer}")


def _bearing(token: str) -> dict[str, Any]:
    return {"type": "TOKEN", "methodArn": _ARN, "authorizationToken": f"Bearer {token}"}


def _with_key(key: str) -> dict[str, Any]:
    return {
        "type": "REQUEST",
        "methodArn": _ARN,
        "headers": {"X-API-Key": key, "User-Agent": "bench/1.0"},
        "requestContext": {"identity": {"sourceIp": "203.0.113.7"}, "requestTimeEpoch": int(1000 * time.time())},
    }
