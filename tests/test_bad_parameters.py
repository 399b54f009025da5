"""Parameters of paths and queries, and forms: what names nothing of ours is refused, and never a fault of ours."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyfob.contracts import NAMES, contract_named
from keyfob.gateway.body import MAX_BODY_BYTES

from local.gateway import rest_event
from tests.deeds import Deeds
from tests.hooks import hooked
from tests.house import House, Reply, reply_of, running_house
from tests.managers import manager_of
from tests.speakers import speaker

repeatable = settings(max_examples=400, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def deeds() -> Deeds:
    """What the functions of this module store or send."""
    return Deeds()


@pytest.fixture(scope="module")
def house(deeds: Deeds) -> Iterator[House]:
    """A deployment whose deeds are noted."""
    with hooked("before-call", deeds.note), running_house() as running:
        yield running


@pytest.fixture(scope="module")
def tokens(house: House) -> Mapping[str, str]:
    """An access token on each contract of somebody to whom every endpoint answers."""
    return {contract: manager_of(contract, house).token for contract in NAMES}


@pytest.fixture
def unchanged(tokens: Mapping[str, str], deeds: Deeds) -> Iterator[None]:
    """Check that the test stores nothing, and sends no mail, whoever is signed in."""
    assert tokens
    deeds.clear()
    yield
    assert deeds == []


# Paths and queries


PARAMETERS: Mapping[str, str] = {
    "one letter": "x",
    "a NUL": "%00",
    "a line feed": "a%0D%0ASet-Cookie:%20a=b",
    "a byte that is not UTF-8": "%ff",
    "an encoded surrogate": "%ed%a0%80",
    "a bad escape": "%zz",
    "a per cent sign": "%25",
    "twice escaped": "%2561",
    "dots": "..%2f..%2fetc",
    "a key of the table": quote("RESET#00000000-0000-4000-8000-000000000000", safe=""),
    "an id": "00000000-0000-4000-8000-000000000000",
    "an id in another form": "%7B00000000-0000-4000-8000-000000000000%7D",
    "an id in upper case": "ABCDEFAB-0000-4000-8000-000000000000",
    "an operator": quote('{"$ne": null}', safe=""),
    "letters of others": quote("\u0430\uff41\U0001f511", safe=""),
    "a token's length": "A" * 64,
    "a cookie's length": "A" * 86,
    "an access token": "eyJhbGciOiJub25lIn0.e30.",
    "markup": quote("<script>alert(1)</script>", safe=""),
    "as long as can be": "A" * 8_000,
}


A_FEW = ("one letter", "a NUL", "a byte that is not UTF-8", "an id", "an id in another form", "as long as can be")
"""What contracts other than `standard` get, which read parameters by the same code."""


class Place(NamedTuple):
    """Where a parameter stands, and the answer to one that names nothing; `body` is what goes with it."""

    endpoint: str
    path: Mapping[str, str]
    query: str
    status: int
    text: str
    body: Any = None


TOKEN = (400, "Invalid or expired token")
CURSOR = (400, "Cursor is not one that a page gave")
RESOURCE = (404, "Resource not found")
KEY = (404, "API key not found")
PLACES = (
    Place("verify_email", {"token": "{}"}, "", *TOKEN),
    Place("end_session", {"session_id": "{}"}, "", *RESOURCE),
    Place("sessions", {}, "cursor={}", *CURSOR),
    Place("reset_password_page", {}, "token={}", *TOKEN),
    Place("key", {"key_id": "{}"}, "", *KEY),
    Place("rotate_key", {"key_id": "{}"}, "", *KEY),
    Place("delete_key", {"key_id": "{}"}, "", *KEY),
    Place("members", {}, "cursor={}", *CURSOR),
    Place("update_member", {"user_id": "{}"}, "", *RESOURCE, {"role": "viewer"}),
    Place("remove_member", {"user_id": "{}"}, "", *RESOURCE),
    Place("invitations", {}, "cursor={}", *CURSOR),
    Place("revoke_invitation", {"invitation_id": "{}"}, "", *RESOURCE),
    Place("invitation_page", {}, "token={}", *TOKEN),
    Place("users", {}, "cursor={}", *CURSOR),
    Place("user", {"user_id": "{}"}, "", *RESOURCE),
    Place("update_user", {"user_id": "{}"}, "", *RESOURCE, {}),
    Place("end_user_sessions", {"user_id": "{}"}, "", *RESOURCE),
    Place("send_user_reset", {"user_id": "{}"}, "", *RESOURCE),
)
TAKES_ANY_ID = {"sessions", "members", "invitations", "revoke_invitation"}
"""What goes on after any id, or tries to delete whatever has it."""


def ask(house: House, contract: str, place: Place, value: str, token: str) -> Reply:
    """Send `value` as a parameter."""
    path = {name: text.format(value) for name, text in place.path.items()}
    query = place.query.format(value)
    return house.client(contract).call(place.endpoint, place.body, token=token, path=path, query=query)


@pytest.mark.parametrize("place", PLACES, ids=[place.endpoint for place in PLACES])
@pytest.mark.parametrize("contract", NAMES)
@pytest.mark.usefixtures("unchanged")
def test_a_parameter_that_names_nothing_is_told_so(
    contract: str, place: Place, house: House, tokens: Mapping[str, str]
) -> None:
    """A token, an id or a cursor that is not one of ours is refused as one that does not exist any more."""
    talk, token = speaker(contract, house), tokens[contract]
    for name in PARAMETERS if contract == "standard" else A_FEW:
        if name == "an id" and place.endpoint in TAKES_ANY_ID:
            continue
        reply = ask(house, contract, place, PARAMETERS[name], token)
        assert (reply.status, talk.error(reply)) == (place.status, place.text), name


@pytest.mark.parametrize("identifier", ["email", "username"])
@pytest.mark.usefixtures("unchanged")
def test_an_identifier_that_is_nobodys_finds_nobody(identifier: str, house: House, tokens: Mapping[str, str]) -> None:
    """Staff may look for any text, be it a key of the table or no address at all."""
    for name, value in PARAMETERS.items():
        reply = house.client("standard").call("users", token=tokens["standard"], query=f"{identifier}={value}")
        assert (reply.status, reply.json) == (200, {"users": [], "next_cursor": None}), name


@given(contract=st.sampled_from(NAMES), place=st.sampled_from(PLACES), value=st.binary(min_size=1, max_size=80))
@repeatable
def test_no_parameter_is_a_fault_of_ours(
    house: House, tokens: Mapping[str, str], contract: str, place: Place, value: bytes
) -> None:
    """Whatever bytes a path or query holds, they are refused as what names nothing."""
    reply = ask(house, contract, place, quote_from_bytes(value, safe=""), tokens[contract])
    assert (reply.status, speaker(contract, house).error(reply)) == (place.status, place.text)


# Forms

FORM = "application/x-www-form-urlencoded"
FORMS: Mapping[str, tuple[bytes, str, int]] = {
    "empty": (b"", FORM, 400),
    "as JSON": (b'{"token": "x", "password": "long enough"}', "application/json", 415),
    "not declared": (b"token=x&password=long+enough", "", 415),
    "in parts": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
    "in another charset": (b"token=x&password=long+enough", f"{FORM}; charset=utf-16", 415),
    "a field given twice": (b"token=x&password=long+enough&token=y", FORM, 400),
    "of many fields": (b"&".join(b"a%d=1" % number for number in range(100)), FORM, 400),
    "of bytes that are not ASCII": ("token=x&password=long-enough-\u00e9".encode(), FORM, 400),
    "of bytes that are not UTF-8": (b"token=x&password=long+enough%ff", FORM, 400),
    "of an encoded surrogate": (b"token=x&password=long+enough%ed%a0%80", FORM, 400),
    "of a NUL": (b"token=x%00&password=long+enough", FORM, 400),
    "of a bad escape": (b"token=%zz&password=long+enough%", FORM, 400),
    "of an unknown token": (b"token=x&password=long+enough", FORM, 400),
    "without a password": (b"token=x", FORM, 400),
    "of separators": (b"&&;;==&", FORM, 400),
    "too large": (b"token=x&password=" + b"x" * MAX_BODY_BYTES, FORM, 413),
    "as large as can be": (b"token=x&password=".ljust(MAX_BODY_BYTES, b"x"), FORM, 400),
}


PAGES = ("reset_password_page", "invitation_page")
A_FEW_FORMS = ("as JSON", "a field given twice", "of an unknown token", "too large")


@pytest.mark.parametrize("accept", ["*/*", "text/html"], ids=["program", "person"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("contract", "case"),
    [(contract, case) for contract in NAMES for case in (FORMS if contract == "standard" else A_FEW_FORMS)],
)
@pytest.mark.usefixtures("unchanged")
def test_a_form_that_is_wrong_is_refused(contract: str, case: str, page: str, accept: str, house: House) -> None:
    """What is no form of ours changes nothing, and whoever sent it is told, on a page or as the contract does."""
    body, content_type, status = FORMS[case]
    reply = post_form(house, contract, page, body, {"Content-Type": content_type, "Accept": accept})
    assert reply.status == status
    if reply.headers["content-type"] != "text/html; charset=utf-8":
        assert accept == "*/*"
        assert speaker(contract, house).error(reply)


def post_form(house: House, contract: str, page: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send the form of a page."""
    spec = contract_named(contract)
    path = spec.base_path + spec.operations[page].path
    return house.client(contract).send("POST", path, body=body, headers=headers)


@pytest.mark.parametrize("page", PAGES)
def test_a_form_does_not_come_back_as_markup(page: str, house: House) -> None:
    """A token that is none of ours is not written into a page, in whatever it may be wrapped."""
    token = quote('"><script>alert(1)</script>')
    body = f"token={token}&password=short".encode()
    reply = post_form(house, "standard", page, body, {"Content-Type": FORM, "Accept": "text/html"})
    assert reply.status == 400
    assert "<script" not in reply.text


@given(page=st.sampled_from(PAGES), body=st.binary(max_size=200), raw=st.booleans())
@repeatable
def test_no_form_is_a_fault_of_ours(house: House, page: str, body: bytes, raw: bool) -> None:  # noqa: FBT001
    """Whatever bytes a form has, they are refused."""
    spec = contract_named("standard")
    path = spec.base_path + spec.operations[page].path
    event = rest_event(house.deployment, "standard", "POST", path, headers=[("Content-Type", FORM)], body=body)
    if raw:
        event |= {"body": b64encode(body).decode(), "isBase64Encoded": True}
    assert reply_of(house.runtime.invoke(page, event)).status == 400
