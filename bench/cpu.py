"""CPU time of one request, beside what people would pick instead, all in one run and taking turns."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median

from bench import clock, own
from bench.action import Action
from bench.rivals import better_auth, django_simplejwt, fastapi_users
from bench.rivals.installation import NotInstalled
from bench.table import Chart, Reference, Row, Section
from local.dynamodb_local import why_unavailable

ROUNDS = 7
REQUESTS_A_ROUND = 40
WARM_UP_REQUESTS = 100
LIMITS = {"refresh": (0.5, django_simplejwt.SYSTEM), "me": (1.0, fastapi_users.SYSTEM)}
"""Bounds of our own requests: so many times what the same request costs that system."""

COMPARED = ("login", "refresh", "me")

Times = Mapping[tuple[str, str], float]
"""Milliseconds of a request, by system and action."""

_RIVALS: Mapping[str, Callable[[Path], AbstractContextManager[list[Action]]]] = {
    django_simplejwt.SYSTEM: django_simplejwt.actions,
    fastapi_users.SYSTEM: fastapi_users.actions,
    better_auth.SYSTEM: better_auth.actions,
}


def cpu() -> Section:
    """Measure every system that can be had."""
    title = "CPU per request"
    if reason := clock.why_unavailable() or why_unavailable():
        return Section(title, [], f"not measured, since {reason}")
    with ExitStack() as stack:
        missing: list[str] = []
        actions = [*_begun(own.actions, stack), *_begun_rivals(stack, missing)]
        times = _measured(actions)
    note = f"user and system time of the process that answers, medians of {ROUNDS} rounds, taking turns"
    return Section(title, list(rows(times)), "; ".join([note, *missing]), chart(times))


def rows(times: Times) -> Iterator[Row]:
    """Return all requests, those that are compared beside the same one of each rival."""
    for (system, action), milliseconds in times.items():
        if system == own.SYSTEM:
            limit, rival = LIMITS.get(action, (None, ""))
            other = times.get((rival, action))
            reference = None if other is None else Reference(rival, other)
            yield Row(f"{action}: {system}", milliseconds, "ms", limit if reference else None, reference)
            yield from _rivals_rows(times, action)


def chart(times: Times) -> Chart:
    """Return the requests that more than one system answers."""
    groups = {
        action: {system: {_kind(system): each} for (system, name), each in times.items() if name == action}
        for action in COMPARED
    }
    return Chart("cpu", "CPU time of one request, without hashing", "ms", (own.SYSTEM, "others"), groups)


def _kind(system: str) -> str:
    return own.SYSTEM if system == own.SYSTEM else "others"


def _rivals_rows(times: Times, action: str) -> Iterator[Row]:
    ours = Reference(own.SYSTEM, times[own.SYSTEM, action])
    for (system, name), milliseconds in times.items():
        if name == action and system != own.SYSTEM:
            yield Row(f"{action}: {system}", milliseconds, "ms", reference=ours)


def _begun_rivals(stack: ExitStack, missing: list[str]) -> Iterator[Action]:
    for system, actions in _RIVALS.items():
        try:
            yield from _begun(actions, stack)
        except NotInstalled as reason:
            missing.append(f"{system} is not measured, since it cannot be installed: {reason}")


def _begun(actions: Callable[[Path], AbstractContextManager[list[Action]]], stack: ExitStack) -> list[Action]:
    data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return stack.enter_context(actions(data))


def _measured(actions: Sequence[Action]) -> Times:
    for action in actions:
        _milliseconds(action, WARM_UP_REQUESTS)
    rounds = [[_milliseconds(action, REQUESTS_A_ROUND) for action in actions] for _ in range(ROUNDS)]
    medians = [median(each) for each in zip(*rounds, strict=True)]
    return {(action.system, action.name): each for action, each in zip(actions, medians, strict=True)}


def _milliseconds(action: Action, requests: int) -> float:
    before = clock.cpu_seconds(action.pid)
    for _ in range(requests):
        action.request()
    return 1e3 * (clock.cpu_seconds(action.pid) - before) / requests
