"""The template's roles, whatever the functions call: bounded, and of names rather than patterns."""

import pytest

from local.intrinsics import Stack
from tests.privileges.deployments import DEPLOYMENTS, stack_of
from tests.privileges.judge import judge
from tests.privileges.roles import Role, grants_of, roles_of
from tests.privileges.simulator import PACKAGES


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def stack(request: pytest.FixtureRequest) -> Stack:
    """Each deployment whose roles are judged."""
    return stack_of(request.param)


@pytest.fixture(scope="module")
def roles(stack: Stack) -> list[Role]:
    """The roles of all functions of a deployment."""
    return list(roles_of(stack).values())


def test_every_role_is_bounded(stack: Stack, roles: list[Role]) -> None:
    """SAM's policies for logs and event sources grant any of the account's, and the boundary takes that away."""
    assert len(roles) == len(stack.of_type("AWS::Lambda::Function"))
    assert {boundary for role in roles for boundary in role.boundary} == {stack.reference("FunctionBoundary")}
    assert all(role.boundary for role in roles)


def test_what_the_template_writes_is_within_the_boundary(roles: list[Role]) -> None:
    """A grant that the boundary takes away again would be found out by the calls that fail."""
    for role in roles:
        written = {name: document for name, document in role.policies.items() if not name.startswith("arn:")}
        granted = {grant for document in written.values() for grant in grants_of(document)}
        assert granted <= role.grants, role.function


@pytest.mark.slow
def test_a_resource_is_named_wherever_there_is_one(roles: list[Role]) -> None:
    """Nothing is granted on `*` that has a resource, what SAM adds included."""
    PACKAGES.require()
    assert not judge({role.function: role for role in roles}, ()).broad


def test_no_function_makes_a_log_group(roles: list[Role]) -> None:
    """All functions write to the one group of the stack, whose retention the stack sets."""
    logging = {grant for role in roles for grant in role.grants if grant.action.startswith("logs:")}
    assert {grant.action for grant in logging} == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert {grant.resource.rpartition(":log-group:")[2] for grant in logging} == {"keyfob-FunctionLogs:*"}


def test_only_a_traced_deployment_may_write_traces() -> None:
    """What is not used is not granted."""
    traced = {
        name: any("xray:" in grant.action for role in roles_of(stack_of(name)).values() for grant in role.grants)
        for name in DEPLOYMENTS
    }
    assert traced == {name: name == "traced" for name in DEPLOYMENTS}


def test_only_the_sender_of_the_settings_sends_mail(roles: list[Role]) -> None:
    """SES may have more identities than ours, so the sender's address is a condition of the grant."""
    [mailer] = [role for role in roles if role.function == "mailer"]
    senders = [
        statement["Condition"]
        for document in mailer.policies.values()
        for statement in document["Statement"]
        if "ses:SendRawEmail" in statement["Action"]
    ]
    assert senders == [{"StringEqualsIgnoreCase": {"ses:FromAddress": "no-reply@example.com"}}]
    assert {role.function for role in roles for grant in role.grants if grant.action.startswith("ses:")} == {"mailer"}
