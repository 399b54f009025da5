"""DynamoDB units of each flow, counted by DynamoDB Local."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench.consumption import Consumption, counted
from bench.flows import FIRST_IP, PASSWORD, QUIET, Caller
from bench.tokens import new_tokens
from local.laptop import laptop
from local.runtime import Runtime
from local.template import load_deployment

USER = {"email": "bench@example.com", "username": "bench", "password": PASSWORD}
ANOTHER_PASSWORD = "incorrect horse battery staple"  # noqa: S105 - nobody's
ANOTHER = {**USER, "email": "another@example.com", "username": "another", "first_name": "Ada", "last_name": "Lovelace"}

Flows = Iterator[tuple[str, Callable[[], object]]]


class Units(NamedTuple):
    """Read and write units of one request, and the round trips in which they were consumed."""

    reads: float
    writes: float
    round_trips: int


def count() -> dict[str, Units]:
    """Return what one request of each flow consumes, without what mail it causes."""
    deployment = load_deployment({**QUIET, "PasswordHashing": "test"})
    with tempfile.TemporaryDirectory() as data, counted() as consumption, laptop(deployment, Path(data)) as running:
        caller = Caller(deployment, running.runtime)
        return {name: _counted(call, consumption) for name, call in _flows(caller)}


def _counted(call: Callable[[], object], consumption: Consumption) -> Units:
    consumption.clear()
    call()
    return Units(consumption.reads, consumption.writes, consumption.round_trips)


def _flows(caller: Caller) -> Flows:
    first = caller.elsewhere(FIRST_IP)
    pythonorg = replace(first, contract="pythonorg", ip="203.0.113.2")
    yield "register", lambda: first.call("register", USER)
    yield "register with a session", lambda: pythonorg.call("register", ANOTHER)
    yield "login", lambda: caller.call("login", USER)
    yield "session login", lambda: caller.call("session_login", USER)
    guesser = caller.elsewhere("203.0.113.3")
    yield "login that fails", lambda: guesser.fail("login", {**USER, "password": "a wrong password"})
    tokens = caller.call("login", USER)
    refresh = {"refresh_token": tokens["refresh_token"]}
    yield "refresh", lambda: caller.call("refresh", refresh)
    yield from _signed_in(caller, tokens["access_token"])
    yield from _mail(first)


def _signed_in(caller: Caller, token: str) -> Flows:
    yield "me", lambda: caller.call("me", token=token)
    yield "authorizer, strict", partial(_authorize, caller.runtime, token)
    yield "authorizer, stateless", _stateless(caller)
    key = caller.call("create_key", {"name": "bench"}, token)["api_key"]
    caller.call("me", key=key)
    yield "me by API key", lambda: caller.call("me", key=key)
    yield "sessions", lambda: caller.call("sessions", token=token)
    change = {"current_password": PASSWORD, "new_password": ANOTHER_PASSWORD}
    yield "change password", lambda: caller.call("change_password", change, token)
    yield "logout", lambda: caller.call("logout", token=token)


def _stateless(caller: Caller) -> Callable[[], object]:
    runtime = Runtime(load_deployment({**QUIET, "AuthorizerMode": "stateless"}))
    [token] = new_tokens(caller.deployment, 1)
    return partial(_authorize, runtime, token)


def _authorize(runtime: Runtime, token: str) -> Any:  # noqa: ANN401 - JSON
    event = {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": "arn/prod/GET/orders"}
    return runtime.invoke("authorizer", event)


def _mail(caller: Caller) -> Flows:
    email = {"email": USER["email"]}
    yield "send verification", lambda: caller.call("send_verification", email)
    yield "forgot password", lambda: caller.call("forgot_password", email)
