"""What no security event holds: anything that lets somebody in, and anything that a client typed."""

import pytest

from tests.house import PASSWORD, SESSION_COOKIE, House, unique
from tests.logs import logged
from tests.mail_tokens import emailed
from tests.speakers import CONTRACTS, speaker

NEW_PASSWORD = "NewSecurePass456!"
TYPED = "typed-into-the-wrong-field"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_secret_and_no_address_is_recorded(contract: str, house: House) -> None:
    """A life from registering to deletion leaves no password, token, cookie or email address in any event."""
    talk = speaker(contract, house)
    field = talk.spec.new_password_field
    current = field.replace("new", "current")
    with logged() as log:
        _, email = talk.registered()
        verification = emailed(house, email, "VERIFY")
        talk.client.call("verify_email", path={"token": verification})
        login = talk.logged_in(email)
        access, refresh = talk.access_token(login), talk.refresh_token(login)
        talk.client.call("refresh", talk.refresh_body(refresh))
        talk.client.call("login", talk.login_body(email, TYPED))
        talk.client.call("login", talk.login_body(TYPED, TYPED))
        talk.client.call("change_password", {current: TYPED, field: NEW_PASSWORD}, token=access)
        other = f"{unique()}@example.com"
        talk.client.call("update_me", {"email": other, current: PASSWORD}, token=access)
        talk.client.call("change_password", {current: PASSWORD, field: NEW_PASSWORD}, token=access)
        reset = emailed(house, email, "RESET")
        talk.client.call("reset_password", {"token": reset, field: PASSWORD})
        session = talk.client.call("session_login", talk.login_body(email, PASSWORD))
        cookie = session.cookies[SESSION_COOKIE]
        talk.client.call("delete_me", cookie=cookie, headers=SAME_ORIGIN)
    recorded = [line["security_event"] for line in log.security_events()]
    assert recorded[0] == "user_registered"
    assert recorded[-1] == "user_deleted"
    assert {"email_verified", "sign_in", "sign_in_failed", "password_check_failed", "email_change_requested"} <= {
        *recorded
    }
    assert {"password_changed", "password_reset"} <= {*recorded}
    secrets = [PASSWORD, NEW_PASSWORD, TYPED, access, refresh, verification, reset, cookie, email, other]
    text = str(log.security_events())
    assert [secret for secret in secrets if secret in text] == []


def test_a_client_writes_no_events_of_its_own(house: House) -> None:
    """What a client calls itself is quoted, and only so much of it: it begins no line and makes no other event."""
    forged = 'x"}\r\n{"security_event":"sign_in","user_id":"forged"}' + "y" * 1000
    with logged() as log:
        house.client("standard").call(
            "login", {"email": "nobody@example.com", "password": PASSWORD}, headers={"User-Agent": forged}
        )
    (line,) = log.security_events()
    assert line["security_event"] == "sign_in_failed"
    assert line["user_agent"] == forged[:255]
