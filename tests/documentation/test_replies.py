"""The documents against the service: real requests by the examples get answers that the documents describe."""

from collections.abc import Iterator
from typing import Any

import pytest
from keyfob.contracts import contract_named

from tests.contracts.behaviour import Behaviour
from tests.documentation.documents import complaints, operation
from tests.house import House, Reply, running_house
from tests.speakers import CONTRACTS, speaker

EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment in which nobody has to wait."""
    with running_house() as running:
        yield running


def example(contract: str, name: str) -> Any:
    """Return the example of a body that the document shows."""
    return operation(contract, name)["requestBody"]["content"]["application/json"]["example"]


def without_id(body: Any) -> Any:
    """Return a body without what differs from request to request."""
    return {name: value for name, value in body.items() if name != "request_id"} if isinstance(body, dict) else body


def check(contract: str, name: str, reply: Reply) -> None:
    """Check that an answer is documented: its status, its media type and its shape; of a failure, its every word."""
    documented = operation(contract, name)["responses"][str(reply.status)]
    if "content" not in documented:
        assert reply.text == ""
        return
    content = documented["content"][reply.headers["content-type"]]
    assert complaints(contract, content["schema"], reply.json) == [], reply.text
    if reply.status >= 400:
        shown = [without_id(each["value"]) for each in content["examples"].values()]
        assert without_id(reply.json) in shown
        assert documented["headers"].keys() <= {header_name(each) for each in reply.headers}


def header_name(name: str) -> str:
    """Return a header's name as documents write it."""
    return {"www-authenticate": "WWW-Authenticate"}.get(name, name.title())


def newcomer(house: House, contract: str) -> tuple[Behaviour, Reply]:
    """Register and log in with the examples, in a house that knows nobody."""
    house.empty()
    client = speaker(contract, house)
    registered = client.client.call("register", example(contract, "register"))
    check(contract, "register", registered)
    assert registered.status == 201
    logged_in = client.client.call("login", example(contract, "login"))
    check(contract, "login", logged_in)
    assert logged_in.status == 200
    return client, logged_in


@EVERY_CONTRACT
def test_the_examples_work_as_they_stand(house: House, contract: str) -> None:
    """Who registers and logs in by the examples is let in, and every answer on the way is as documented."""
    client, logged_in = newcomer(house, contract)
    token = client.access_token(logged_in)
    refreshed = client.client.call("refresh", client.refresh_body(client.refresh_token(logged_in)))
    check(contract, "refresh", refreshed)
    assert refreshed.status == 200
    for name in ("me", "sessions", "keys", "members", "invitations"):
        reply = client.client.call(name, token=token)
        check(contract, name, reply)
        assert reply.status == 200
    for name in ("session_login", "send_verification", "forgot_password"):
        reply = client.client.call(name, example(contract, name))
        check(contract, name, reply)
        assert reply.status == 200


@EVERY_CONTRACT
def test_changes_by_the_examples_are_answered_as_documented(house: House, contract: str) -> None:
    """Whoever tries each operation with its example gets what the document promises."""
    client, logged_in = newcomer(house, contract)
    token = client.access_token(logged_in)
    for name, status in (("create_key", 201), ("invite", 201), ("update_me", 200), ("change_password", 200)):
        reply = client.client.call(name, example(contract, name), token=token)
        check(contract, name, reply)
        assert reply.status == status, reply.text
    ended = client.client.call("end_other_sessions", token=token)
    check(contract, "end_other_sessions", ended)
    assert ended.status == 204


@EVERY_CONTRACT
def test_failures_are_told_as_documented(house: House, contract: str) -> None:
    """Each failure's status, headers and words are those of its example."""
    client, logged_in = newcomer(house, contract)
    token = client.access_token(logged_in)
    call = client.client.call
    wrong = {**example(contract, "login"), "password": "wrong password"}
    replies = {
        "register": call("register", example(contract, "register")),
        "login": call("login", wrong),
        "refresh": call("refresh", client.refresh_body("worthless")),
        "me": call("me"),
        "keys": call("keys", token="worthless"),
        "end_session": call("end_session", token=token, path={"session_id": "none"}),
        "delete_key": call("delete_key", token=token, path={"key_id": "none"}),
        "verify_email": call("verify_email", path={"token": "none"}),
        "oauth": call("oauth", path={"provider": "none"}),
        "forgot_password": call("forgot_password", body=b"{"),
        "send_verification": call("send_verification", body=b"{}", headers={"Content-Type": "text/plain"}),
        "reset_password": call("reset_password", body=b" " * 70_000),
        "users": call("users", token=token),
        "sessions": call("sessions", token=token, query="cursor=worthless"),
        "members": call("members", token=token, query="cursor=worthless"),
    }
    expected = {
        "login": 401,
        "refresh": 401,
        "me": 401,
        "keys": 401,
        "end_session": 404,
        "delete_key": 404,
        "verify_email": 400,
        "oauth": 404,
        "forgot_password": 400,
        "send_verification": 415,
        "reset_password": 413,
        "users": 403,
        "sessions": 400,
        "members": 400,
    }
    for name, reply in replies.items():
        check(contract, name, reply)
        assert reply.status == expected.get(name, 400 if contract == "metatag" else 409), name


@EVERY_CONTRACT
def test_a_wrong_field_is_told_as_documented(house: House, contract: str) -> None:
    """What is wrong with fields depends on the request; its shape does not."""
    reply = speaker(contract, house).client.call("register", {})
    assert reply.status == 400
    content = operation(contract, "register")["responses"]["400"]["content"][reply.headers["content-type"]]
    assert complaints(contract, content["schema"], reply.json) == []


@EVERY_CONTRACT
def test_what_must_have_a_body_is_refused_without(house: House, contract: str) -> None:
    """Where a document lets the body be left out, the operation works without; elsewhere that is a 400 or a 415."""
    client, logged_in = newcomer(house, contract)
    token = client.access_token(logged_in)
    for name, each in contract_named(contract).operations.items():
        documented = operation(contract, name)
        if each.body and "{" not in each.path:
            needs_body = documented["requestBody"]["required"]
            status = client.client.call(name, token=token).status
            assert (status in {400, 415}) == needs_body, (name, status)


@EVERY_CONTRACT
def test_what_a_document_names_public_asks_for_nobody(house: House, contract: str) -> None:
    """Operations without security never answer that somebody must sign in; the others do, to everybody else."""
    call = speaker(contract, house).client.call
    for name in contract_named(contract).operations:
        documented = operation(contract, name)
        path = {parameter["name"]: "none" for parameter in documented["parameters"]}
        assert (call(name, path=path).status == 401) == bool(documented["security"]), name
