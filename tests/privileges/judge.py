"""Whether the functions may do what they do, and no more."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.privileges.calls import Call
from tests.privileges.roles import Grant, Role
from tests.privileges.simulator import simulate

Granted = tuple[str, Grant]
"""A function's name, and something that its role grants."""

_THROUGH_A_SERVICE = "kms:ViaService"


@dataclass(frozen=True)
class Verdict:
    """What is wrong: calls that are denied, grants that no call needs, and grants that name no resource but could."""

    denied: frozenset[Call]
    unused: frozenset[Granted]
    broad: frozenset[Granted]

    def faults(self) -> Iterator[str]:
        """Yield a line for each fault."""
        for call in sorted(self.denied):
            yield f"denied: {call.function} calls {call.action} on {call.resource}, against its role or its boundary"
        for function, grant in sorted(self.unused):
            yield f"unused: {function} may call {grant.action} on {grant.resource}, and never does"
        for function, grant in sorted(self.broad):
            yield f"broad: {function} may call {grant.action} on {grant.resource}, which names no resource"


def judge(roles: Mapping[str, Role], calls: Iterable[Call]) -> Verdict:
    """Judge the roles by the calls that their functions make, which are taken to be all."""
    every = frozenset(calls)
    granted = [(function, grant) for function, role in roles.items() for grant in role.grants]
    findings = simulate(roles, every, {grant.action for _, grant in granted if "*" not in grant.action})
    return Verdict(
        denied=findings.denied,
        unused=frozenset(each for each in granted if not _is_used(*each, every)),
        broad=frozenset(each for each in granted if _is_broad(each[1], findings.resourceless)),
    )


def _is_used(function: str, grant: Grant, calls: frozenset[Call]) -> bool:
    """Tell whether a call of the function needs the grant.

    What a service may use a key for is counted as one: AWS names the actions that a service needs, and not for which
    call it needs each.
    """
    if _THROUGH_A_SERVICE in grant.conditions:
        grant = grant._replace(action="kms:*")
    return any(call.function == function and grant.covers(call.action, call.resource) for call in calls)


def _is_broad(grant: Grant, resourceless: frozenset[str]) -> bool:
    """Tell whether a grant without a condition has a pattern for an action, or for the name of a resource."""
    if grant.conditions:
        return False
    if "*" in grant.action:
        return True
    if grant.action in resourceless or "*" not in grant.resource:
        return False
    named = [part for part in re.split("[:/]", grant.resource.split(":", 5)[-1]) if "*" not in part]
    return len(named) <= 1  # a type at most, such as `table`
