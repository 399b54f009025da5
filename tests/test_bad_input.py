"""Ruling 1 of the contracts: a body that is not valid is refused, never a fault of ours, and nothing of it is stored.

Every case is one change to a body which is otherwise valid, so that a case which is let through would succeed.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyfob.contracts import NAMES, contract_named
from keyfob.contracts.fields import AnyTextRule, EmailRule, NameRule, NewPasswordRule, PasswordRule, UsernameRule
from keyfob.contracts.reading import Field, fields_of, label
from keyfob.gateway.body import MAX_BODY_BYTES

from local.gateway import rest_event
from tests.house import PASSWORD, House, Reply, unique
from tests.speakers import speaker

JSON = "application/json"
NOT_JSON = (400, "The request body must be a JSON object in UTF-8")
TOO_LARGE = (413, "The request body is too large")
NOT_DECLARED = (415, "The request body must be application/json in UTF-8")

READING = [
    (contract, endpoint)
    for contract in NAMES
    for endpoint, operation in contract_named(contract).operations.items()
    if operation.body
]
FIELDS = [
    (contract, endpoint, field)
    for contract, endpoint in READING
    for field in fields_of(contract_named(contract).operations[endpoint].body)
]


class Sent(NamedTuple):
    """A body as it is sent; `raw`: as API Gateway passes binary bodies on, which it does not read."""

    body: bytes
    content_type: str | None = JSON
    raw: bool = False


def send(house: House, contract: str, endpoint: str, sent: Sent) -> Reply:
    """Send a body to an endpoint."""
    spec = contract_named(contract)
    headers = () if sent.content_type is None else (("Content-Type", sent.content_type),)
    path = spec.base_path + spec.operations[endpoint].path
    event = rest_event(house.deployment, contract, "POST", path, headers=headers, body=sent.body)
    if sent.raw:
        event |= {"body": b64encode(sent.body).decode(), "isBase64Encoded": True}
    answer = house.runtime.invoke(endpoint, event)
    return Reply(answer["statusCode"], {name.lower(): text for name, text in answer["headers"].items()}, answer["body"])


def valid(contract: str, endpoint: str) -> dict[str, Any]:
    """Return a body that an endpoint takes, with every field that it has; identifiers and tokens are nobody's."""
    body = contract_named(contract).operations[endpoint].body
    assert body is not None
    return {field.name: _valid_value(field) for field in fields_of(body)}


def _valid_value(field: Field) -> str:
    match field.rule:
        case EmailRule():
            return f"{unique()}@example.com"
        case UsernameRule():
            return unique()
        case NewPasswordRule() | PasswordRule():
            return PASSWORD
        case NameRule():
            return "Ada"
        case _:
            return "nobody"


def status_of_valid(contract: str, endpoint: str) -> int:
    """Return the status that a valid body gets, when what it names does not exist."""
    unknown = 401
    return unknown if endpoint in {"login", "refresh"} else contract_named(contract).operations[endpoint].status


def with_member(body: dict[str, Any], member: str) -> bytes:
    """Return a body's JSON with one more member, written as given."""
    return f"{json.dumps(body)[:-1]}, {member}}}".encode()


def check_refused(house: House, contract: str, reply: Reply, expected: tuple[int, str]) -> None:
    """Check a reply's status, its shape to the letter, and its text."""
    assert (reply.status, speaker(contract, house).error(reply)) == expected


@pytest.fixture
def unchanged(house: House) -> Iterator[None]:
    """Check that the test stores nothing."""
    before = house.everything()
    yield
    assert house.everything() == before


@pytest.fixture
def emptied(house: House) -> Iterator[None]:
    """Delete what the test stores, since it is compared after every other."""
    yield
    house.empty()


# Bodies as a whole

Change = Callable[[dict[str, Any]], Sent]

NO_OBJECTS: Mapping[str, Change] = {
    "empty": lambda _: Sent(b""),
    "empty in base64": lambda _: Sent(b"", raw=True),
    "blank": lambda _: Sent(b" \r\n"),
    "cut off": lambda body: Sent(json.dumps(body).encode()[:-1]),
    "an object in an array": lambda body: Sent(json.dumps([body]).encode()),
    "an object in a string": lambda body: Sent(json.dumps(json.dumps(body)).encode()),
    "a string": lambda _: Sent(b'"email"'),
    "a number": lambda _: Sent(b"7"),
    "true": lambda _: Sent(b"true"),
    "null": lambda _: Sent(b"null"),
    "two objects": lambda body: Sent(json.dumps(body).encode() * 2),
    "a comma at the end": lambda body: Sent(json.dumps(body).encode()[:-1] + b",}"),
    "a comment": lambda body: Sent(json.dumps(body).encode() + b" // please"),
    "single quotes": lambda body: Sent(str(body).encode()),
    "a form": lambda body: Sent("&".join(f"{name}={text}" for name, text in body.items()).encode()),
    "a byte order mark": lambda body: Sent(b"\xef\xbb\xbf" + json.dumps(body).encode()),
    "UTF-16": lambda body: Sent(json.dumps(body).encode("utf-16"), raw=True),
    "UTF-16 without a mark": lambda body: Sent(json.dumps(body).encode("utf-16-le"), raw=True),
    "UTF-32": lambda body: Sent(json.dumps(body).encode("utf-32"), raw=True),
    "a byte that is not UTF-8": lambda body: Sent(with_member(body, '"x": "#"').replace(b"#", b"\xff"), raw=True),
    "an overlong encoding": lambda body: Sent(with_member(body, '"x": "#"').replace(b"#", b"\xc0\x80"), raw=True),
    "an encoded surrogate": lambda body: Sent(with_member(body, '"x": "#"').replace(b"#", b"\xed\xa0\x80"), raw=True),
    "a NUL": lambda body: Sent(with_member(body, '"x": "\0"')),
    "a NUL before the end": lambda body: Sent(json.dumps(body).encode() + b"\0"),
    "a line feed in a string": lambda body: Sent(with_member(body, '"x": "\n"')),
    "NaN": lambda body: Sent(with_member(body, '"x": NaN')),
    "Infinity": lambda body: Sent(with_member(body, '"x": Infinity')),
    "-Infinity": lambda body: Sent(with_member(body, '"x": [-Infinity]')),
    "deep arrays": lambda body: Sent(with_member(body, f'"x": {"[" * 30_000}{"]" * 30_000}')),
    "deep objects": lambda body: Sent(with_member(body, '"x":' + '{"x":' * 10_000 + "1" + "}" * 10_000)),
    "arrays that never end": lambda _: Sent(b"[" * 60_000),
    "an integer of 5000 digits": lambda body: Sent(with_member(body, f'"x": {"9" * 5000}')),
    "an integer of 60000 digits": lambda body: Sent(with_member(body, f'"x": -{"1" * 60_000}')),
    "a name given twice": lambda body: Sent(with_member(body, '"x": 1, "x": 2')),
    "a name given twice, deeper": lambda body: Sent(with_member(body, '"x": [{"y": 1, "y": 1}]')),
    "a name given twice, once escaped": lambda body: Sent(with_member(body, '"x": 1, "\\u0078": 2')),
    "a field given twice": lambda body: Sent(with_member(body, json.dumps(body)[1:-1])),
}


@pytest.mark.parametrize("case", NO_OBJECTS)
@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_object_is_malformed(contract: str, endpoint: str, case: str, house: House) -> None:
    """A body that is not exactly one JSON object in UTF-8 is a 400."""
    sent = NO_OBJECTS[case](valid(contract, endpoint))
    assert len(sent.body) <= MAX_BODY_BYTES
    check_refused(house, contract, send(house, contract, endpoint, sent), NOT_JSON)


@pytest.mark.parametrize("raw", [False, True], ids=["as text", "as base64"])
@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_too_large_is_not_read(contract: str, endpoint: str, raw: bool, house: House) -> None:  # noqa: FBT001
    """A body over 64 KiB is a 413, be it by one byte, by a password of 10 MB, or not even JSON."""
    body = valid(contract, endpoint)
    for content in (
        _padded(body, MAX_BODY_BYTES + 1),
        with_member(body, json.dumps({"password": "x" * 10_000_000})[1:-1]),
        b"[" * 1_000_000,
    ):
        check_refused(house, contract, send(house, contract, endpoint, Sent(content, raw=raw)), TOO_LARGE)


@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("emptied")
def test_64_kib_are_read(contract: str, endpoint: str, house: House) -> None:
    """A body may have 64 KiB to the byte."""
    sent = Sent(_padded(valid(contract, endpoint), MAX_BODY_BYTES))
    assert send(house, contract, endpoint, sent).status == status_of_valid(contract, endpoint)


def _padded(body: dict[str, Any], length: int) -> bytes:
    empty = with_member(body, '"x": ""')
    return with_member(body, f'"x": "{"x" * (length - len(empty))}"')


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        ";",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "application/jsonp",
        "application/problem+json",
        "application",
        "*/*",
        "text/plain; application/json",
        "application/json, text/plain",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        'application/json; charset="latin1"',
        "application/json;CHARSET=UTF-16",
        "application/json; charset=",
    ],
)
@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_not_declared_as_json_is_not_read(
    contract: str, endpoint: str, content_type: str | None, house: House
) -> None:
    """A missing or other media type, or charset than UTF-8, is a 415: no form of another site can post here."""
    sent = Sent(json.dumps(valid(contract, endpoint)).encode(), content_type)
    check_refused(house, contract, send(house, contract, endpoint, sent), NOT_DECLARED)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; charset=utf8",
        "application/json; version=1",
    ],
)
@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("emptied")
def test_json_may_be_declared_in_several_ways(contract: str, endpoint: str, content_type: str, house: House) -> None:
    """Case, quotes and other parameters do no harm."""
    sent = Sent(json.dumps(valid(contract, endpoint)).encode(), content_type)
    assert send(house, contract, endpoint, sent).status == status_of_valid(contract, endpoint)


@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("emptied")
def test_unknown_members_are_ignored(contract: str, endpoint: str, house: House) -> None:
    """What a contract does not name may be anything that JSON has."""
    odd = '"": 1, "__proto__": {"admin": true}, "\\ud800": "\\udfff", "\\u0000": "\\u0000", "x": [{"y": 1e999}, -0.0]'
    sent = Sent(with_member(valid(contract, endpoint), odd))
    assert send(house, contract, endpoint, sent).status == status_of_valid(contract, endpoint)


@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("emptied")
def test_json_in_base64_is_read_as_any(contract: str, endpoint: str, house: House) -> None:
    """A deployment may declare JSON as a binary media type."""
    sent = Sent(json.dumps(valid(contract, endpoint)).encode(), raw=True)
    assert send(house, contract, endpoint, sent).status == status_of_valid(contract, endpoint)


# Fields

ABSENT = object()

ANY_FIELD: Mapping[str, Any] = {
    "an integer": 7,
    "a number": 7.5,
    "true": True,
    "an array": ["nobody@example.com"],
    "an object": {"$ne": None},
    "a NUL": "nobo\0dy@example.com",
    "half a surrogate pair": "nobody\ud800@example.com",
    "the other half": "\udc00",
    "a pair the wrong way round": "\udc00\ud800",
}
REQUIRED: Mapping[str, Any] = {"null": None, "nothing": ABSENT}
EMAILS: Mapping[str, str] = {
    "empty": "",
    "blank": " ",
    "without an at": "example.com",
    "of two ats": "a@b@example.com",
    "of nobody": "@example.com",
    "of no domain": "a@",
    "of one label": "a@localhost",
    "of an empty label": "a@example..com",
    "of a label in hyphens": "a@-example-.com",
    "of an address literal": "a@[127.0.0.1]",
    "of a blank": "a b@example.com",
    "of dots": ".a..b.@example.com",
    "quoted": '"a b"@example.com',
    "with a name": "Ada <ada@example.com>",
    "with a comment": "ada(hello)@example.com",
    "a list": "a@example.com,b@example.com",
    "a URI": "mailto:a@example.com",
    "with CR and LF": "a@example.com\r\nBcc: b@example.com",
    "with CR and LF before the at": "a\r\n@example.com",
    "with LF at its end": "a@example.com\n",
    "with a tab": "\ta@example.com",
    "with an escape": "a\x1b[2J@example.com",
    "with Cyrillic letters in its name": "\u0430dmin@example.com",
    "with Cyrillic letters in its domain": "admin@ex\u0430mple.com",
    "with wide letters": "\uff41dmin@example.com",
    "with a wide at": "admin\uff20example.com",
    "with an ideographic full stop": "admin@example\u3002com",
    "with the sign for kelvin": "\u212aelvin@example.com",
    "with a dotless i": "adm\u0131n@example.com",
    "with nothing to see": "admin\u200b@example.com",
    "with no-break blanks": "\u00a0admin@example.com",
    "of a bad xn-- label": "a@xn--a.com",
    "overlong": f"{'a' * 60}@{'b.' * 100}com",
    "overlong in its name": f"{'a' * 65}@example.com",
    "as long as can be": f"{'a' * 30_000}@{'b' * 30_000}.com",
    "of many ats": "a@" * 30_000,
    "of many dots": f"a{'.' * 60_000}@example.com",
}
USERNAMES: Mapping[str, str] = {
    "empty": "",
    "blank": " ",
    "with a blank": "ada lovelace",
    "with blanks around": " ada ",
    "an address": "ada@example.com",
    "with an at": "@da",
    "with a slash": "../ada",
    "with a number sign": "ada#1",
    "with markup": "<b>ada</b>",
    "with a line feed": "ada\n",
    "with CR and LF": "ada\r\nSet-Cookie: a=b",
    "with Cyrillic letters": "\u0430da",
    "with wide letters": "\uff41da",
    "with the sign for kelvin": "\u212aelvin",
    "with a dotless i": "adm\u0131n",
    "with a long s": "admin\u017f",
    "with a combining mark": "ada\u0301",
    "with nothing to see": "ada\u200b",
    "with a turn of direction": "\u202eada",
    "with Arabic digits": "ada\u0661",
    "overlong": "a" * 151,
    "as long as can be": "a" * 60_000,
}
NAMES_OF_PERSONS: Mapping[str, str] = {
    "with a line feed": "Ada\nLovelace",
    "with CR and LF": "Ada\r\nBcc: b@example.com",
    "with a tab": "Ada\tLovelace",
    "with an escape": "\x1b[31mAda",
    "with a backspace": "Ada\b",
    "with a delete": "Ada\x7f",
    "with a C1 control": "Ada\x9b",
    "with a next line": "Ada\x85",
    "with a line separator": "Ada\u2028",
    "with a paragraph separator": "Ada\u2029",
    "overlong": "a" * 151,
    "as long as can be": "\u00e9" * 10_000,
}
PASSWORDS: Mapping[str, str] = {
    "empty": "",
    "short": "Short1!",
    "short once it is normalised": "a\u0301" * 7,
    "overlong": "x" * 129,
    "overlong in marks": "Pass" + "\u0301" * 10_000,
    "common": "password123",
}


class Case(NamedTuple):
    """A value that a field does not take."""

    contract: str
    endpoint: str
    field: str
    value: Any


def _wrong_values(field: Field) -> dict[str, Any]:
    own: dict[type, Mapping[str, Any]] = {
        EmailRule: EMAILS,
        UsernameRule: USERNAMES,
        NameRule: NAMES_OF_PERSONS,
        NewPasswordRule: PASSWORDS,
    }
    return {**ANY_FIELD, **({} if field.optional else REQUIRED), **own.get(type(field.rule), {})}


def _cases() -> Iterator[Any]:
    for contract, endpoint, field in FIELDS:
        for name, value in _wrong_values(field).items():
            yield pytest.param(
                Case(contract, endpoint, field.name, value), id=f"{contract}-{endpoint}-{field.name}-{name}"
            )


@pytest.mark.parametrize("case", list(_cases()))
@pytest.mark.usefixtures("unchanged")
def test_a_wrong_field_is_named(case: Case, house: House) -> None:
    """A field that is missing, of another type or not what it must be is a 400, which names this field alone."""
    body = {**valid(case.contract, case.endpoint), case.field: case.value}
    if case.value is ABSENT:
        del body[case.field]
    check_blamed(house, case, send(house, case.contract, case.endpoint, Sent(json.dumps(body).encode())))


@pytest.mark.parametrize(
    ("contract", "endpoint", "field"), FIELDS, ids=["-".join((*at, field.name)) for *at, field in FIELDS]
)
@pytest.mark.usefixtures("unchanged")
def test_bytes_that_are_not_utf_8_are_told_by_field(contract: str, endpoint: str, field: Field, house: House) -> None:
    """API Gateway turns such bytes into U+FFFD: no two wrong passwords become one, and no name is garbled."""
    body = json.dumps({**valid(contract, endpoint), field.name: "nobody-####@example.com"}).encode()
    case = Case(contract, endpoint, field.name, "")
    check_blamed(house, case, send(house, contract, endpoint, Sent(body.replace(b"####", b"\xff"))))


def check_blamed(house: House, case: Case, reply: Reply) -> None:
    """Check that a reply is a 400 in its contract's shape, about one field alone."""
    text = speaker(case.contract, house).error(reply)
    assert reply.status == 400
    assert blamed(reply, text) == {case.field}
    if isinstance(case.value, str) and len(case.value) > 20:
        assert case.value not in reply.text


def blamed(reply: Reply, text: str) -> set[str]:
    """Return the fields that a failure names: by structure where its shape has one, else as its sentences begin."""
    errors = reply.json.get("errors")
    if isinstance(errors, dict):
        return set(errors)
    if isinstance(errors, list):
        return {error["pointer"].removeprefix("#/") for error in errors}
    names = {label(field.name): field.name for _, _, field in FIELDS}
    return {names[sentence.partition(" ")[0]] for sentence in text.split("; ")}


@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_all_wrong_fields_are_named_at_once(contract: str, endpoint: str, house: House) -> None:
    """Nobody has to mend a form field by field."""
    body = valid(contract, endpoint)
    reply = send(house, contract, endpoint, Sent(json.dumps(dict.fromkeys(body, 7)).encode()))
    assert reply.status == 400
    assert blamed(reply, speaker(contract, house).error(reply)) == set(body)


@pytest.mark.parametrize("contract", NAMES)
@pytest.mark.usefixtures("emptied")
def test_who_looks_like_a_user_is_not_that_user(contract: str, house: House) -> None:
    """A username or address in letters that look alike logs nobody in, even with the right password."""
    talk = speaker(contract, house)
    talk.registered()
    username = unique("pac")
    reply = talk.client.call("register", talk.register_body(username, f"{username}@example.com"))
    assert reply.status == 201
    before = house.everything()
    for identifier in (username, f"{username}@example.com"):
        for other in (identifier.replace("a", "\u0430"), identifier.replace("p", "\uff50"), f"{identifier}\u200b"):
            reply = talk.client.call("login", talk.login_body(other, PASSWORD))
            assert (reply.status, talk.error(reply)) == (401, talk.bad_login)
    assert house.everything() == before


@pytest.mark.parametrize("contract", NAMES)
@pytest.mark.usefixtures("emptied")
def test_an_identifier_cannot_reach_another_kind_of_record(contract: str, house: House) -> None:
    """An identifier that is spelled like a key of the table finds nobody."""
    talk = speaker(contract, house)
    username, email = talk.registered()
    user = house.users.find(email)
    assert user is not None
    for identifier in (f"USER#{user.id}", f"#{user.username}", f"EMAIL#{email}", f"x@x#{username}", user.id, "#"):
        reply = talk.client.call("login", talk.login_body(identifier, PASSWORD))
        assert (reply.status, talk.error(reply)) == (401, talk.bad_login)


# Anything

ALL_NAMES = sorted({field.name for _, _, field in FIELDS})
texts = st.text(st.characters(exclude_categories=[])) | st.sampled_from(
    ["", "a@b.c", PASSWORD, "\0", "\ud800", "=" * 300]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(ALL_NAMES) | texts, texts | values, max_size=9)
repeatable = settings(max_examples=400, deadline=None, derandomize=True)


@given(sent_to=st.sampled_from(READING), body=objects)
@repeatable
def test_no_object_is_a_fault_of_ours(house: House, sent_to: tuple[str, str], body: dict[str, Any]) -> None:
    """Whatever object is sent, the answer is one of the contract's own, and never a 5xx."""
    reply = send(house, *sent_to, Sent(json.dumps(body).encode()))
    assert reply.status in {200, 201, 400, 401, 409}
    if reply.status >= 400:
        assert speaker(sent_to[0], house).error(reply)


@given(sent_to=st.sampled_from(READING), body=st.binary(max_size=200), raw=st.booleans(), declared=st.booleans())
@repeatable
def test_no_bytes_are_a_fault_of_ours(
    house: House,
    sent_to: tuple[str, str],
    body: bytes,
    raw: bool,  # noqa: FBT001
    declared: bool,  # noqa: FBT001
) -> None:
    """Whatever bytes are sent, they are refused in the contract's shape."""
    reply = send(house, *sent_to, Sent(body, JSON if declared else None, raw))
    assert reply.status == (400 if declared else 415)
    assert speaker(sent_to[0], house).error(reply)


@given(
    contract=st.sampled_from(NAMES),
    endpoint=st.sampled_from(["me", "logout", "login"]),
    authorization=st.text(st.characters(max_codepoint=255), max_size=60)
    | st.text(st.characters(max_codepoint=255), max_size=60).map("Bearer {}".format),
    agent=st.text(st.characters(max_codepoint=255), max_size=300),
)
@repeatable
def test_no_headers_are_a_fault_of_ours(
    house: House, contract: str, endpoint: str, authorization: str, agent: str
) -> None:
    """Whatever headers are sent, the answer is a 401, or a 4xx about the body which is not there."""
    headers = {"Authorization": authorization, "User-Agent": agent, "Origin": agent, "Content-Type": agent}
    reply = house.client(contract).call(endpoint, headers=headers)
    takes_a_body = contract_named(contract).operations[endpoint].body is not None
    assert reply.status == (415 if takes_a_body else 401)


def test_every_kind_of_field_is_tried() -> None:
    """A new kind of field in a contract needs cases of its own here."""
    known = {AnyTextRule, EmailRule, UsernameRule, NameRule, NewPasswordRule, PasswordRule}
    assert {type(field.rule) for _, _, field in FIELDS} <= known
