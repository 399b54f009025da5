"""What is recorded where a deployment sets limits, or demands verified addresses."""

from tests.house import PASSWORD, running_house, unique
from tests.security_events.people import signed_in
from tests.security_events.watching import event, watching
from tests.speakers import CONTRACTS, speaker

WRONG = "a-wrong-password"


def test_who_tries_too_often_is_recorded() -> None:
    """Beyond a limit the event names the user whose account or whose own attempts are limited."""
    with running_house({"AccountFailures": "1", "SignedInAttempts": "1"}) as house:
        for contract in CONTRACTS:
            talk = speaker(contract, house)
            person = signed_in(talk)
            talk.client.call("login", talk.login_body(person.user.email, WRONG))
            talk.client.call("sessions", token=person.token)
            with watching() as watch:
                assert talk.client.call("login", talk.login_body(person.user.email, WRONG)).status == 429
                assert talk.client.call("sessions", token=person.token).status == 429
            assert watch.events == [
                event("throttled", contract, user_id=person.user.id, details={"endpoint": each, "code": "throttled"})
                for each in ("login", "sessions")
            ]


def test_who_has_not_verified_its_address_fails_to_sign_in() -> None:
    """Where addresses must be verified, registering is no failed sign-in, and logging in is one."""
    with running_house({"RequireVerifiedEmail": "true"}) as house:
        for contract in CONTRACTS:
            talk = speaker(contract, house)
            email = f"{unique()}@example.com"
            with watching() as watch:
                talk.client.call("register", talk.register_body(unique(), email))
                assert talk.client.call("login", talk.login_body(email, PASSWORD)).status == 403
            user = house.users.find(email)
            assert user is not None
            details = {"endpoint": "login", "code": "email_not_verified"}
            assert watch.events == [
                event("user_registered", contract, user_id=user.id, account_id=user.account.id),
                event("sign_in_failed", contract, user_id=user.id, details=details),
            ]
