"""DynamoDB request units of each flow, counted by DynamoDB Local: a million of each is what AWS bills."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.consumption import Consumption, counted
from bench.flows import FIRST_IP, PASSWORD, QUIET, Caller
from bench.table import Row, Section
from local.dynamodb_local import why_unavailable
from local.laptop import laptop
from local.template import load_deployment

USER = {"email": "bench@example.com", "username": "bench", "password": PASSWORD}
ANOTHER_PASSWORD = "incorrect horse battery staple"  # noqa: S105 - nobody's
ANOTHER = {**USER, "email": "another@example.com", "username": "another", "first_name": "Ada", "last_name": "Lovelace"}


def units() -> Section:
    """Count what each flow consumes."""
    title = "DynamoDB units"
    if reason := why_unavailable():
        return Section(title, [], f"not counted, since {reason}")
    deployment = load_deployment({**QUIET, "PasswordHashing": "test"})
    with tempfile.TemporaryDirectory() as data, counted() as consumption, laptop(deployment, Path(data)) as running:
        rows = list(_rows(Caller(deployment, running.runtime), consumption))
    return Section(
        title, rows, "one request of each flow, without what mail it causes; a transactional write counts double"
    )


def _rows(caller: Caller, consumption: Consumption) -> Iterator[Row]:
    first = caller.elsewhere(FIRST_IP)
    pythonorg = replace(first, contract="pythonorg", ip="203.0.113.2")
    yield from _flow("register", lambda: first.call("register", USER), consumption)
    yield from _flow("register with a session", lambda: pythonorg.call("register", ANOTHER), consumption)
    yield from _flow("login", lambda: caller.call("login", USER), consumption, reads=3, writes=1)
    yield from _flow("session login", lambda: caller.call("session_login", USER), consumption, reads=3, writes=1)
    wrong = {**USER, "password": "a wrong password"}
    guesser = caller.elsewhere("203.0.113.3")
    yield from _flow("login that fails", lambda: guesser.fail("login", wrong), consumption, reads=3, writes=2)
    tokens = caller.call("login", USER)
    refresh = {"refresh_token": tokens["refresh_token"]}
    yield from _flow("refresh", lambda: caller.call("refresh", refresh), consumption, reads=1, writes=1)
    yield from _signed_in(caller, tokens["access_token"], consumption)
    yield from _mail(first, consumption)


def _signed_in(caller: Caller, token: str, consumption: Consumption) -> Iterator[Row]:
    yield from _flow("me", lambda: caller.call("me", token=token), consumption, reads=2, writes=0)
    authorize = {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": "arn/prod/GET/orders"}
    yield from _flow(
        "authorizer, strict",
        lambda: caller.runtime.invoke("authorizer", authorize),
        consumption,
        reads=2,
        writes=0,
    )
    yield from _flow("sessions", lambda: caller.call("sessions", token=token), consumption)
    change = {"current_password": PASSWORD, "new_password": ANOTHER_PASSWORD}
    yield from _flow("change password", lambda: caller.call("change_password", change, token), consumption)
    yield from _flow("logout", lambda: caller.call("logout", token=token), consumption)


def _mail(caller: Caller, consumption: Consumption) -> Iterator[Row]:
    email = {"email": USER["email"]}
    yield from _flow("send verification", lambda: caller.call("send_verification", email), consumption)
    yield from _flow("forgot password", lambda: caller.call("forgot_password", email), consumption)


def _flow(
    name: str,
    call: Callable[[], object],
    consumption: Consumption,
    reads: float | None = None,
    writes: float | None = None,
) -> Iterator[Row]:
    consumption.clear()
    call()
    yield Row(f"{name}: round trips", consumption.round_trips, "")
    yield Row(f"{name}: read units", consumption.reads, "", reads)
    yield Row(f"{name}: write units", consumption.writes, "", writes)
