"""When Secrets Manager fails, or does not answer: whoever has keys goes on, and all say so in time."""

import dataclasses
from typing import Any

import pytest
from botocore.session import get_session
from keyfob.store import client as store_client

from local.runtime import Runtime
from tests.aws_calls import Calls
from tests.failing_dependencies.failures import PASSING, some
from tests.house import House
from tests.speakers import CONTRACTS
from tests.visitor import ENDPOINTS, Visitor

KEYLESS = {
    "session_login",
    "session_logout",  # of a cookie
    "send_verification",
    "verify_email",
    "forgot_password",
    "reset_password",
    "reset_password_page",
    "invitation_page",
}
"""What needs neither to sign nor to verify a token."""


@pytest.mark.parametrize("contract", ["standard", "metatag", "igny8"])
def test_functions_that_have_no_keys_yet_are_unavailable(contract: str, house: House, calls: Calls) -> None:
    """Started while Secrets Manager fails, what needs keys answers 503 and changes nothing; later it works."""
    visitor = Visitor(contract, house)
    cold = dataclasses.replace(house, runtime=Runtime(house.deployment))
    needs_keys = [name for name in ENDPOINTS if name not in KEYLESS]
    if not visitor.talk.spec.registration_logs_in:
        needs_keys.remove("register")
    before = house.everything()
    for failure in some(PASSING, contract).values():
        with calls.disturbed("secrets-manager", failure):
            for endpoint in needs_keys:
                visitor.check_unavailable(visitor.send(endpoint, cold))
    assert house.everything() == before
    visitor.check_all_succeeds(cold)


def test_a_registration_without_tokens_needs_no_keys(house: House, calls: Calls) -> None:
    """Where registering does not log in, it does not depend on Secrets Manager."""
    cold = dataclasses.replace(house, runtime=Runtime(house.deployment))
    for contract in ("standard", "metatag", "reference"):
        visitor = Visitor(contract, house)
        with calls.disturbed("secrets-manager", PASSING["away"]):
            assert visitor.succeeds("register", cold)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_functions_that_have_keys_go_on_without_secrets_manager(contract: str, house: House, calls: Calls) -> None:
    """Once the keys are read, an outage of Secrets Manager is not noticed."""
    visitor = Visitor(contract, house)
    assert visitor.succeeds("me")
    assert visitor.succeeds("refresh")
    calls.names.clear()
    with calls.disturbed("secrets-manager", PASSING["away"]):
        assert visitor.succeeds("register")
        assert visitor.succeeds("login")
        assert visitor.succeeds("me")
    assert not [name for name in calls.names if name.startswith("secrets-manager")]


def test_a_dependency_that_does_not_answer_leaves_time_to_say_so(house: House) -> None:
    """All attempts of one call, and botocore's waits between them, are over before a function's time is."""
    config: Any = store_client._CONFIG
    attempts = config.retries["total_max_attempts"]
    waits = sum(2**attempt for attempt in range(attempts - 1))
    shortest = min(function.timeout for function in house.deployment.functions.values())
    assert attempts * max(config.connect_timeout, config.read_timeout) + waits < shortest


def test_every_client_has_these_limits() -> None:
    """No service that a request waits for is called with botocore's own limits, which are a minute.

    A call of DynamoDB is tried once before botocore tries.
    """
    default: Any = get_session().create_client("dynamodb").meta.config
    ours: Any = store_client._CONFIG
    attempts = ours.retries["total_max_attempts"]
    for client, tries in (
        (store_client.dynamodb_client(), attempts - 1),
        (store_client.secrets_client(), attempts),
        (store_client.sqs_client(), attempts),
    ):
        config: Any = client.meta.config
        assert config.read_timeout == ours.read_timeout < default.read_timeout
        assert config.retries == {**ours.retries, "total_max_attempts": tries}
