"""What is logged, and what never is: passwords, hashes, tokens and keys."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from keyfob.model.user import User

from local.runtime import Runtime
from tests.house import PASSWORD, House
from tests.logs import logged
from tests.speakers import CONTRACTS, ROTATING, speaker


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Catch what every library logs at the level `DEBUG`, as a function does whose `LogLevel` is that."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_secret_is_logged_even_at_debug(contract: str, house: House) -> None:
    """A session from its beginning to its end leaves no password, hash, token or key in any library's log."""
    talk = speaker(contract, house)
    talk.client = replace(house, runtime=Runtime(house.deployment)).client(contract)  # which has to read its keys
    with everything_logged() as libraries, logged() as endpoints:
        _, email = talk.registered()
        login = talk.logged_in(email)
        access, refresh = talk.access_token(login), talk.refresh_token(login)
        talk.client.call("login", talk.login_body(email, "a-wrong-password"))
        talk.client.call("refresh", talk.refresh_body(refresh + "x"))
        talk.client.call("me", token=access + "x")
        talk.client.call("refresh", talk.refresh_body(refresh))
        talk.me(access)
        talk.log_out(login)
    logs = libraries.getvalue() + endpoints.stream.getvalue()
    secrets = [
        PASSWORD,
        "a-wrong-password",
        _user(house, email).password_hash,
        access,
        refresh,
        *_private_members(house),
    ]
    assert '"message":"ok"' in logs
    assert [secret for secret in secrets if str(secret) in logs] == []


def _user(house: House, email: str) -> User:
    user = house.users.find(email)
    assert user is not None
    return user


def _private_members(house: House) -> list[str]:
    issuer_keys = house.issuer._keys.get()
    jwks = [key._jwk for key in (*issuer_keys.access_signers, *issuer_keys.refresh_signers)]
    members = [jwk[name] for jwk in jwks for name in ("d", "p", "q", "k") if name in jwk]
    assert len(members) == 4
    return members


@pytest.mark.parametrize("contract", ROTATING)
def test_a_stolen_refresh_token_leaves_a_trace(contract: str, house: House) -> None:
    """Reuse is a warning that names the user, the session and the address, for whoever looks into it."""
    talk = speaker(contract, house)
    login = talk.logged_in()
    oldest = talk.refresh_token(login)
    older = talk.refreshed_token(talk.client.call("refresh", talk.refresh_body(oldest)), oldest)
    talk.client.call("refresh", talk.refresh_body(older))
    claims = talk.claims(oldest)
    with logged() as log:
        assert talk.client.call("refresh", talk.refresh_body(oldest), source_ip="198.51.100.66").status == 401
    (entry,) = log.entries()
    assert entry["level"] == "WARNING"
    assert entry["reason"] == f"refresh token reused: session {claims['sid']} of user {claims['sub']} ended"
    assert (entry["function"], entry["contract"], entry["ip"]) == ("refresh", contract, "198.51.100.66")


def test_a_request_cannot_write_lines_of_its_own(house: House) -> None:
    """What a client sends is quoted in JSON, so that no line feed of it begins a line of the log."""
    forged = 'text/x\r\n{"level":"ERROR","message":"forged"}\u2028'
    with logged() as log:
        reply = house.client("standard").send(
            "POST", "/api/v1/auth/login", body=b"{}", headers={"Content-Type": forged, "User-Agent": forged}
        )
    assert reply.status == 415
    (entry,) = log.entries()
    assert (entry["message"], entry["level"]) == ("unsupported_media_type", "INFO")


def test_every_line_says_which_request_it_is_about(house: House) -> None:
    """A client that quotes the `request_id` of an answer can be helped: the log has it."""
    with logged() as log:
        reply = house.client("igny8").call("login", {"email": "nobody@example.com", "password": PASSWORD})
    (entry,) = log.entries()
    assert entry["request_id"] == json.loads(reply.text)["request_id"]
    assert entry["message"] == "invalid_credentials"
