"""What is recorded of each thing that happens: one event, with the facts that lead to whom it concerns."""

import pytest
from keyfob.clock import now
from keyfob.service.email_tokens import new_email_token
from keyfob.store.email_tokens import EmailTokens

from tests.contracts.behaviour import Behaviour
from tests.house import PASSWORD, SESSION_COOKIE, House, unique
from tests.mail_tokens import emailed
from tests.security_events.people import Person, signed_in
from tests.security_events.watching import event, watching
from tests.speakers import ROTATING, UNLIKE, speaker

NEW_PASSWORD = "NewSecurePass456!"
WRONG = "a-wrong-password"


@pytest.fixture(params=UNLIKE)
def talk(request: pytest.FixtureRequest, house: House) -> Behaviour:
    """A client of each contract in turn."""
    return speaker(request.param, house)


@pytest.fixture
def person(talk: Behaviour) -> Person:
    """Somebody new on that contract."""
    return signed_in(talk)


def passwords(talk: Behaviour, current: str, new: str) -> dict[str, str]:
    """Return a body of ``change_password``."""
    field = talk.spec.new_password_field
    return {field.replace("new", "current"): current, field: new}


def own(person: Person) -> dict[str, str]:
    """Return the facts of what somebody has done about itself."""
    return {"user_id": person.user.id, "session_id": person.session_id, "account_id": person.user.account.id}


# Signing in and out


def test_registering(talk: Behaviour) -> None:
    """A new user is recorded with its account, and its sign-in where registering signs in."""
    email = f"{unique()}@example.com"
    with watching() as watch:
        reply = talk.client.call("register", talk.register_body(unique(), email))
    user = talk.house.users.find(email)
    assert user is not None
    registered = event("user_registered", talk.contract, user_id=user.id, account_id=user.account.id)
    if not talk.spec.registration_logs_in:
        assert watch.events == [registered]
        return
    session = talk.claims(talk.access_token(reply))["sid"]
    assert watch.events == [registered, event("sign_in", talk.contract, user_id=user.id, session_id=session)]


def test_logging_in(talk: Behaviour) -> None:
    """A sign-in names the user and its new session."""
    _, email = talk.registered()
    with watching() as watch:
        person = signed_in(talk, email)
    assert watch.only == event("sign_in", talk.contract, user_id=person.user.id, session_id=person.session_id)


def test_logging_in_for_a_cookie(talk: Behaviour, person: Person) -> None:
    """A sign-in for a cookie is one like any other, and so is its end."""
    with watching() as watch:
        reply = talk.client.call("session_login", talk.login_body(person.user.email, PASSWORD))
        cookie = reply.cookies[SESSION_COOKIE]
        talk.client.call("session_logout", cookie=cookie, headers={"Sec-Fetch-Site": "same-origin"})
    begun, ended = watch.events
    session_id = begun["session_id"]
    assert begun == event("sign_in", talk.contract, user_id=person.user.id, session_id=session_id)
    assert ended == event("sign_out", talk.contract, **{**own(person), "session_id": session_id})
    assert session_id != person.session_id


def test_logging_out(talk: Behaviour, person: Person) -> None:
    """A logout names the session that it ended, by whichever credential."""
    with watching() as watch:
        assert talk.log_out(person.login).status == 200
    facts = own(person)
    if talk.spec.logout_takes_refresh_token:
        del facts["account_id"]
    assert watch.only == event("sign_out", talk.contract, **facts)


def test_a_worthless_refresh_token_signs_nobody_out(house: House) -> None:
    """Nothing happens that could be recorded."""
    talk = speaker("metatag", house)
    with watching() as watch:
        assert talk.client.call("logout", talk.refresh_body("worthless")).status == 200
    assert watch.events == []


@pytest.mark.parametrize("endpoint", ["login", "session_login"])
def test_a_wrong_password(talk: Behaviour, person: Person, endpoint: str) -> None:
    """A failed sign-in names the user whose password was guessed, for the log alone."""
    with watching() as watch:
        reply = talk.client.call(endpoint, talk.login_body(person.user.username, WRONG))
    assert reply.status == 401
    assert person.user.id not in reply.text
    details = {"endpoint": endpoint, "code": "invalid_credentials"}
    assert watch.only == event("sign_in_failed", talk.contract, user_id=person.user.id, details=details)


def test_an_unknown_user(talk: Behaviour) -> None:
    """A failed sign-in of nobody names nobody, and not what was typed: that may be a password in the wrong field."""
    with watching() as watch:
        assert talk.client.call("login", talk.login_body(f"{unique()}@example.com", PASSWORD)).status == 401
    details = {"endpoint": "login", "code": "invalid_credentials"}
    assert watch.only == event("sign_in_failed", talk.contract, details=details)


def test_a_deactivated_user(talk: Behaviour, person: Person) -> None:
    """Its sign-in fails as one, and any other request of it is no sign-in."""
    talk.house.change_user(person.user.id, is_active=False)
    with watching() as watch:
        assert talk.client.call("login", talk.login_body(person.user.email, PASSWORD)).status == 403
        assert talk.me(person.token).status == 403
    details = {"endpoint": "login", "code": "account_inactive"}
    assert watch.only == event("sign_in_failed", talk.contract, user_id=person.user.id, details=details)


@pytest.mark.parametrize("contract", ROTATING)
def test_a_stolen_refresh_token(contract: str, house: House) -> None:
    """Reuse names the session that it ended, and the answer is that to any bad token."""
    talk = speaker(contract, house)
    person = signed_in(talk)
    oldest = talk.refresh_token(person.login)
    older = talk.refreshed_token(talk.client.call("refresh", talk.refresh_body(oldest)), oldest)
    talk.client.call("refresh", talk.refresh_body(older))
    with watching() as watch:
        assert talk.client.call("refresh", talk.refresh_body(oldest)).status == 401
    details = {"endpoint": "refresh", "code": "invalid_refresh_token"}
    facts = {"user_id": person.user.id, "session_id": person.session_id}
    assert watch.only == event("refresh_token_reused", contract, **facts, details=details)


# Addresses and passwords


def test_verifying_an_address(talk: Behaviour, person: Person) -> None:
    """An address that is verified is recorded without itself."""
    token = emailed(talk.house, person.user.email, "VERIFY")
    with watching() as watch:
        assert talk.client.call("verify_email", path={"token": token}).status == 200
    assert watch.only == event("email_verified", talk.contract, user_id=person.user.id)


def test_changing_an_address(talk: Behaviour, person: Person) -> None:
    """Both are recorded, that somebody wants another address and that it has it."""
    address = f"{unique('new')}@example.com"
    body = {"email": address, talk.spec.new_password_field.replace("new", "current"): PASSWORD}
    tokens = EmailTokens(talk.house.dynamodb, talk.house.one_time_table, "VERIFY")
    with watching() as watch:
        assert talk.client.call("update_me", body, token=person.token).status == 200
        token = new_email_token(person.user, address, tokens, now())
        assert talk.client.call("verify_email", path={"token": token}).status == 200
    assert watch.events == [
        event("email_change_requested", talk.contract, **own(person)),
        event("email_changed", talk.contract, user_id=person.user.id),
    ]


def test_changing_a_name_is_no_security_event(talk: Behaviour, person: Person) -> None:
    """Names let nobody in."""
    with watching() as watch:
        assert talk.client.call("update_me", {"username": unique("renamed")}, token=person.token).status == 200
    assert watch.events == []


def test_changing_the_password(talk: Behaviour, person: Person) -> None:
    """A new password names who set it, by which session."""
    with watching() as watch:
        body = passwords(talk, PASSWORD, NEW_PASSWORD)
        assert talk.client.call("change_password", body, token=person.token).status == 200
    assert watch.only == event("password_changed", talk.contract, **own(person))


def test_a_wrong_current_password(talk: Behaviour, person: Person) -> None:
    """Somebody at an open session who does not know the password is recorded."""
    with watching() as watch:
        body = passwords(talk, WRONG, NEW_PASSWORD)
        assert talk.client.call("change_password", body, token=person.token).status == 400
    details = {"endpoint": "change_password", "code": "wrong_password"}
    assert watch.only == event("password_check_failed", talk.contract, user_id=person.user.id, details=details)


def test_resetting_the_password(talk: Behaviour, person: Person) -> None:
    """A password that is set by a mail is told from one that was changed."""
    body = {"token": emailed(talk.house, person.user.email, "RESET"), talk.spec.new_password_field: NEW_PASSWORD}
    with watching() as watch:
        assert talk.client.call("reset_password", body).status == 200
    assert watch.only == event("password_reset", talk.contract, user_id=person.user.id)


def test_resetting_the_password_in_a_browser(talk: Behaviour, person: Person) -> None:
    """The page does the same; looking at it does nothing."""
    token = emailed(talk.house, person.user.email, "RESET")
    path = f"{talk.spec.base_path}{talk.spec.operations['reset_password_page'].path}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with watching() as watch:
        assert talk.client.send("GET", f"{path}?token={token}").status == 200
        content = f"token={token}&password={NEW_PASSWORD}".encode()
        assert talk.client.send("POST", path, body=content, headers=form).status == 200
    assert watch.only == event("password_reset", talk.contract, user_id=person.user.id)


# Sessions, and users


def test_ending_a_session(talk: Behaviour, person: Person) -> None:
    """The event names the session that asked, and in its details the one that ended."""
    other = signed_in(talk, person.user.email)
    with watching() as watch:
        path = {"session_id": other.session_id}
        assert talk.client.call("end_session", token=person.token, path=path).status == 204
    assert watch.only == event("session_ended", talk.contract, **own(person), details={"ended": other.session_id})


def test_ending_all_other_sessions(talk: Behaviour, person: Person) -> None:
    """The event names the session that is left."""
    with watching() as watch:
        assert talk.client.call("end_other_sessions", token=person.token).status == 204
    assert watch.only == event("sessions_ended", talk.contract, **own(person))


def test_deleting_a_user(talk: Behaviour, person: Person) -> None:
    """The event outlives the user."""
    with watching() as watch:
        assert talk.client.call("delete_me", token=person.token).status == 204
    assert watch.only == event("user_deleted", talk.contract, **own(person))
