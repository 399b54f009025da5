"""DynamoDB request units of each flow, counted by DynamoDB Local: a million of each is what AWS bills."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.consumption import Consumption, counted
from bench.flows import PASSWORD, QUIET, Caller
from bench.table import Row, Section
from local.dynamodb_local import why_unavailable
from local.laptop import laptop
from local.template import load_deployment

USER = {"email": "bench@example.com", "username": "bench", "password": PASSWORD}
ANOTHER = {**USER, "email": "another@example.com", "username": "another", "first_name": "Ada", "last_name": "Lovelace"}


def units() -> Section:
    """Count what each flow consumes when it succeeds."""
    title = "DynamoDB units"
    if reason := why_unavailable():
        return Section(title, [], f"not counted, since {reason}")
    deployment = load_deployment({**QUIET, "PasswordHashing": "test"})
    with tempfile.TemporaryDirectory() as data, counted() as consumption, laptop(deployment, Path(data)) as runtime:
        rows = list(_rows(Caller(deployment, runtime), Caller(deployment, runtime, "pythonorg"), consumption))
    return Section(title, rows, "one request of each flow that succeeds; a transactional write counts double")


def _rows(standard: Caller, pythonorg: Caller, consumption: Consumption) -> Iterator[Row]:
    yield from _flow("register", lambda: standard.call("register", USER), consumption)
    yield from _flow("register with a session", lambda: pythonorg.call("register", ANOTHER), consumption)
    yield from _flow("login", lambda: standard.call("login", USER), consumption, reads=3, writes=1)
    tokens = standard.call("login", USER)
    refresh = {"refresh_token": tokens["refresh_token"]}
    yield from _flow("refresh", lambda: standard.call("refresh", refresh), consumption, reads=1, writes=1)
    access = tokens["access_token"]
    yield from _flow("me", lambda: standard.call("me", token=access), consumption, reads=2, writes=0)
    authorize = {"type": "TOKEN", "authorizationToken": f"Bearer {access}", "methodArn": "arn/prod/GET/orders"}
    yield from _flow(
        "authorizer, strict",
        lambda: standard.runtime.invoke("authorizer", authorize),
        consumption,
        reads=2,
        writes=0,
    )
    yield from _flow("logout", lambda: standard.call("logout", token=access), consumption)


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
