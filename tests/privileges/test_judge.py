"""Each kind of fault, planted in a role, is found and named; a role without any has none."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.privileges.calls import Call
from tests.privileges.judge import Verdict, judge
from tests.privileges.roles import Role
from tests.privileges.simulator import PACKAGES

USERS = "arn:aws:dynamodb:eu-west-1:123456789012:table/users"
SESSIONS = "arn:aws:dynamodb:eu-west-1:123456789012:table/sessions"
IDENTITIES = "arn:aws:ses:eu-west-1:123456789012:identity/*"
READS = Call("login", "dynamodb:GetItem", USERS)
SENDER: Mapping[str, Any] = {"Condition": {"StringEquals": {"ses:FromAddress": "a@example.com"}}}

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _simulator() -> None:
    PACKAGES.require()


def policy(action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    """Return a policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


def faults(granted: Mapping[str, Any], *calls: Call, bound: Mapping[str, Any] | None = None) -> list[str]:
    """Return what is wrong with a role of `login` with one policy."""
    return list(verdict(granted, *calls, bound=bound).faults())


def verdict(granted: Mapping[str, Any], *calls: Call, bound: Mapping[str, Any] | None = None) -> Verdict:
    """Judge a role of `login` with one policy."""
    return judge({"login": Role("login", {"own": granted}, {"bound": bound} if bound else {})}, calls)


def test_a_role_that_grants_what_is_called_has_no_fault() -> None:
    """Neither too little nor too much is granted."""
    assert faults(policy("dynamodb:GetItem", USERS), READS) == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(READS._replace(action="dynamodb:PutItem"), id="another action"),
        pytest.param(READS._replace(resource=SESSIONS), id="another table"),
        pytest.param(READS._replace(resource=f"{USERS}/index/by-mail"), id="an index of the table"),
        pytest.param(READS._replace(function="logout"), id="a function without a role"),
    ],
)
def test_a_call_that_no_grant_covers_is_denied(call: Call) -> None:
    """On AWS it would fail; the function, the action and the resource are named."""
    [fault] = faults(policy("dynamodb:GetItem", USERS), READS, call)
    assert fault.startswith("denied: ")
    for name in (call.function, call.action, call.resource):
        assert name in fault


@pytest.mark.parametrize(
    ("granted", "named"),
    [
        pytest.param(policy(["dynamodb:GetItem", "dynamodb:Query"], USERS), "dynamodb:Query", id="an action"),
        pytest.param(policy("dynamodb:GetItem", [USERS, SESSIONS]), SESSIONS, id="a resource"),
    ],
)
def test_a_grant_that_no_call_needs_is_unused(granted: Mapping[str, Any], named: str) -> None:
    """Each action of a statement is counted with each of its resources."""
    [fault] = faults(granted, READS)
    assert fault.startswith("unused: login")
    assert named in fault


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("dynamodb:GetItem", "*", id="any resource"),
        pytest.param("dynamodb:GetItem", USERS.replace("users", "*"), id="any table"),
        pytest.param("dynamodb:GetItem", USERS.replace("users", "u*"), id="some tables"),
        pytest.param("dynamodb:*", USERS, id="any action"),
    ],
)
def test_a_pattern_where_a_name_would_do_is_broad(action: str, resource: str) -> None:
    """A grant by pattern is a fault though a call needs it."""
    [fault] = faults(policy(action, resource), READS)
    assert fault.startswith("broad: login")
    assert action in fault
    assert resource in fault


@pytest.mark.parametrize(
    ("granted", "call"),
    [
        pytest.param(
            policy("xray:PutTraceSegments", "*"), Call("login", "xray:PutTraceSegments", "*"), id="none has a name"
        ),
        pytest.param(
            policy("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:ours:*"),
            Call("login", "logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:ours:log-stream:one"),
            id="a part of something that is named",
        ),
        pytest.param(
            policy("ses:SendEmail", IDENTITIES, **SENDER),
            Call("login", "ses:SendEmail", IDENTITIES[:-1] + "b", (("ses:FromAddress", "a@example.com"),)),
            id="what a condition narrows",
        ),
    ],
)
def test_a_pattern_may_stand_where_no_name_can(granted: Mapping[str, Any], call: Call) -> None:
    """Some actions are about no resource, and some names are made as a function runs."""
    assert faults(granted, call) == []


def test_a_condition_that_is_not_met_denies() -> None:
    """A mail from another sender is not sent."""
    call = Call("login", "ses:SendEmail", IDENTITIES[:-1] + "b", (("ses:FromAddress", "b@example.com"),))
    assert verdict(policy("ses:SendEmail", IDENTITIES, **SENDER), call).denied == {call}


def test_a_boundary_takes_away_what_it_does_not_grant() -> None:
    """What a policy grants beyond its boundary is neither allowed, nor unused, nor broad."""
    anything, bound = policy(["dynamodb:GetItem", "dynamodb:Scan"], "*"), policy("dynamodb:GetItem", USERS)
    other = READS._replace(resource=SESSIONS)
    assert faults(anything, READS, bound=bound) == []
    assert verdict(anything, READS, other, bound=bound).denied == {other}


def test_a_boundary_grants_nothing_by_itself() -> None:
    """What is within the boundary still needs a policy, and is not called unused without one."""
    granted, bound = policy("dynamodb:GetItem", USERS), policy("dynamodb:*", [USERS, SESSIONS])
    other = READS._replace(resource=SESSIONS)
    assert faults(granted, READS, bound=bound) == []
    assert verdict(granted, READS, other, bound=bound).denied == {other}


def test_what_a_service_uses_a_key_for_is_counted_as_one() -> None:
    """AWS names what DynamoDB needs of a key, not for which call; a key that no call needs is unused all the same."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/0"
    via = {"Condition": {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}}
    granted = policy(["kms:Decrypt", "kms:GenerateDataKey*"], key, **via)
    decrypts = Call("login", "kms:Decrypt", key, (("kms:ViaService", "dynamodb.eu-west-1.amazonaws.com"),))
    assert faults(granted, decrypts) == []
    assert len(faults(granted)) == 2
    by_itself = decrypts._replace(context=())
    assert verdict(granted, by_itself).denied == {by_itself}
