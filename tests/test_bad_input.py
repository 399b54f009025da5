"""Ruling 1 of the contracts: a body that is not valid is refused, never a fault of ours, and nothing of it is stored.

Every case is one change to a body which is otherwise valid, so that a case which is let through would succeed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keyfob.contracts import NAMES, contract_named
from keyfob.contracts.fields import (
    ROLES,
    STRING,
    AnyTextRule,
    EmailRule,
    FlagRule,
    KeyNameRule,
    LifetimeRule,
    NameRule,
    NewPasswordRule,
    OverlapRule,
    PasswordRule,
    RoleRule,
    ScopesRule,
    UsernameRule,
)
from keyfob.contracts.reading import Field, fields_of, label
from keyfob.gateway.body import MAX_BODY_BYTES
from keyfob.model.permission import PUBLIC

from tests.bodies import JSON, Sender, Sent, check_refused, valid
from tests.deeds import Deeds
from tests.hooks import hooked
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.managers import Manager, manager_of
from tests.speakers import speaker

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
THOROUGHLY = {
    ("standard", endpoint)
    for endpoint in ("register", "login", "refresh", "change_password", "create_key", "rotate_key", "update_user")
}
"""What gets every case. The others read their bodies by the same code, and get one of each kind."""

MAY_BE_LEFT_OUT = {"create_key", "rotate_key"}
"""Endpoints that take no body for an empty one."""


@pytest.fixture(scope="module")
def deeds() -> Deeds:
    """What the functions of this module store or send."""
    return Deeds()


@pytest.fixture(scope="module")
def house(deeds: Deeds) -> Iterator[House]:
    """A deployment whose deeds are noted."""
    with hooked("before-call", deeds.note), running_house({"ApiKeysPerUser": "100"}) as running:
        yield running


@pytest.fixture(scope="module")
def managers(house: House) -> Mapping[str, Manager]:
    """Who sends what only somebody may send who is signed in: one user on each contract."""
    return {contract: manager_of(contract, house) for contract in NAMES}


@pytest.fixture
def sender(house: House, managers: Mapping[str, Manager]) -> Sender:
    """What sends bodies."""
    return Sender(house, managers)


def with_member(body: dict[str, Any], member: str) -> bytes:
    """Return a body's JSON with one more member, written as given."""
    return f"{json.dumps(body)[:-1]}, {member}}}".encode()


@pytest.fixture
def unchanged(managers: Mapping[str, Manager], deeds: Deeds) -> Iterator[None]:
    """Check that the test stores nothing, and sends no mail, whoever is signed in."""
    assert managers
    deeds.clear()
    yield
    assert deeds == []


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


A_FEW = ("empty", "cut off", "a form", "a byte that is not UTF-8", "deep arrays", "a field given twice")
NO_BODIES = {"empty", "empty in base64"}


def _some(cases: Mapping[Any, Any], few: tuple[Any, ...]) -> list[Any]:
    """Return every case with each endpoint that is tried thoroughly, and a few with each other."""
    return [
        pytest.param(contract, endpoint, case, id=f"{contract}-{endpoint}-{case}")
        for contract, endpoint in READING
        for case in (cases if (contract, endpoint) in THOROUGHLY else few)
        if endpoint not in MAY_BE_LEFT_OUT or case not in NO_BODIES
    ]


@pytest.mark.parametrize(("contract", "endpoint", "case"), _some(NO_OBJECTS, A_FEW))
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_object_is_malformed(contract: str, endpoint: str, case: str, sender: Sender) -> None:
    """A body that is not exactly one JSON object in UTF-8 is a 400."""
    sent = NO_OBJECTS[case](valid(contract, endpoint))
    assert len(sent.body) <= MAX_BODY_BYTES
    check_refused(sender.house, contract, sender.send(contract, endpoint, sent), NOT_JSON)


@pytest.mark.parametrize("endpoint", sorted(MAY_BE_LEFT_OUT))
@pytest.mark.parametrize("contract", NAMES)
def test_a_body_may_be_left_out_where_nothing_needs_to_be_said(contract: str, endpoint: str, sender: Sender) -> None:
    """No body is taken for an empty object, whatever it is declared as; one that is there must be an object."""
    sender.check_taken(contract, endpoint, Sent(json.dumps(valid(contract, endpoint)).encode()))
    for sent in (Sent(b"", None), Sent(b"", "text/plain"), Sent(b"", raw=True)):
        sender.check_taken(contract, endpoint, sent)
    check_refused(sender.house, contract, sender.send(contract, endpoint, Sent(b"{}", None)), NOT_DECLARED)


@pytest.mark.parametrize("raw", [False, True], ids=["as text", "as base64"])
@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_too_large_is_not_read(contract: str, endpoint: str, raw: bool, sender: Sender) -> None:  # noqa: FBT001
    """A body over 64 KiB is a 413, be it by one byte."""
    body = _padded(valid(contract, endpoint), MAX_BODY_BYTES + 1)
    check_refused(sender.house, contract, sender.send(contract, endpoint, Sent(body, raw=raw)), TOO_LARGE)


@pytest.mark.parametrize("raw", [False, True], ids=["as text", "as base64"])
@pytest.mark.parametrize(("contract", "endpoint"), sorted(THOROUGHLY))
@pytest.mark.usefixtures("unchanged")
def test_what_is_much_too_large_is_not_read(contract: str, endpoint: str, raw: bool, sender: Sender) -> None:  # noqa: FBT001
    """So is one with a password of 10 MB, or that is not even JSON."""
    long = with_member(valid(contract, endpoint), f'"password": "{"x" * 10_000_000}"')
    for body in (long, b"[" * 1_000_000):
        check_refused(sender.house, contract, sender.send(contract, endpoint, Sent(body, raw=raw)), TOO_LARGE)


@pytest.mark.parametrize(("contract", "endpoint"), READING)
def test_64_kib_are_read(contract: str, endpoint: str, sender: Sender) -> None:
    """A body may have 64 KiB to the byte."""
    sender.check_taken(contract, endpoint, Sent(_padded(valid(contract, endpoint), MAX_BODY_BYTES)))


def _padded(body: dict[str, Any], length: int) -> bytes:
    empty = with_member(body, '"x": ""')
    return with_member(body, f'"x": "{"x" * (length - len(empty))}"')


NOT_JSON_TYPES = (
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
)
JSON_TYPES = (
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/json; charset=utf8",
    "application/json; version=1",
)


@pytest.mark.parametrize(
    ("contract", "endpoint", "content_type"), _some(dict.fromkeys(NOT_JSON_TYPES), (None, "text/plain"))
)
@pytest.mark.usefixtures("unchanged")
def test_what_is_not_declared_as_json_is_not_read(
    contract: str, endpoint: str, content_type: str | None, sender: Sender
) -> None:
    """A missing or other media type, or charset than UTF-8, is a 415: no form of another site can post here."""
    sent = Sent(json.dumps(valid(contract, endpoint)).encode(), content_type)
    check_refused(sender.house, contract, sender.send(contract, endpoint, sent), NOT_DECLARED)


@pytest.mark.parametrize(
    ("contract", "endpoint", "content_type"), _some(dict.fromkeys(JSON_TYPES), ("application/json; charset=utf-8",))
)
def test_json_may_be_declared_in_several_ways(contract: str, endpoint: str, content_type: str, sender: Sender) -> None:
    """Case, quotes and other parameters do no harm."""
    sender.check_taken(contract, endpoint, Sent(json.dumps(valid(contract, endpoint)).encode(), content_type))


@pytest.mark.parametrize(("contract", "endpoint"), READING)
def test_unknown_members_are_ignored(contract: str, endpoint: str, sender: Sender) -> None:
    """What a contract does not name may be anything that JSON has."""
    odd = '"": 1, "__proto__": {"admin": true}, "\\ud800": "\\udfff", "\\u0000": "\\u0000", "x": [{"y": 1e999}, -0.0]'
    sender.check_taken(contract, endpoint, Sent(with_member(valid(contract, endpoint), odd)))


@pytest.mark.parametrize(("contract", "endpoint"), READING)
def test_json_in_base64_is_read_as_any(contract: str, endpoint: str, sender: Sender) -> None:
    """A deployment may declare JSON as a binary media type."""
    sender.check_taken(contract, endpoint, Sent(json.dumps(valid(contract, endpoint)).encode(), raw=True))


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
KEY_NAMES: Mapping[str, str] = {
    "empty": "",
    "blank": " ",
    "of blanks that are not ASCII": "\u00a0\u3000",
    **NAMES_OF_PERSONS,
    "a little overlong": "a" * 101,
    "overlong in blanks": f"a{' ' * 100}",
}
SCOPES: Mapping[str, Any] = {
    "in a text": "profile:read",
    "in an object": {"0": "profile:read"},
    "none": [],
    "one more than may be": [f"s{number}" for number in range(51)],
    "as many as can be": ["s"] * 12_000,
    "given twice": ["profile:read", "keys:read", "profile:read"],
    "of an integer": ["profile:read", 7],
    "of null": [None],
    "of true": [True],
    "of an array": [["profile:read"]],
    "of an object": [{"profile": "read"}],
    "empty": [""],
    "with a blank": ["profile:read keys:read"],
    "with a comma": ["profile:read,keys:read"],
    "with a line feed": ["profile:read\n"],
    "with quotes": ['"profile:read"'],
    "with a NUL": ["profile\0:read"],
    "with half a surrogate pair": ["profile:read\ud800"],
    "in upper case": ["PROFILE:READ"],
    "with Cyrillic letters": ["pr\u043efile:read"],
    "overlong": ["s" * 65],
    "as long as can be": ["s" * 60_000],
}
SECONDS: Mapping[str, Any] = {
    "negative": -1,
    "as a fraction": 60.0,
    "in a text": "3600",
    "false": False,
    "huge": 10**30,
    "hugely negative": -(10**30),
    "of 4000 digits": 10**4000,
}
LIFETIMES: Mapping[str, Any] = {**SECONDS, "none": 0, "too short": 59, "too long": 10 * 366 * 24 * 3600 + 1}
OVERLAPS: Mapping[str, Any] = {**SECONDS, "too long": 30 * 24 * 3600 + 1}
FLAGS: Mapping[str, Any] = {"one": 1, "zero": 0, "in a text": "true", "empty": "", "yes": "yes"}
NO_ROLES: Mapping[str, str] = {
    "empty": "",
    "unknown": "root",
    "in upper case": "OWNER",
    "with blanks": " owner ",
    "with a line feed": "owner\n",
    "two": "owner,admin",
    "with Cyrillic letters": "\u043ewner",
    "as long as can be": "owner" * 10_000,
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


OF_RULES: Mapping[type, Mapping[str, Any]] = {
    EmailRule: EMAILS,
    UsernameRule: USERNAMES,
    NameRule: NAMES_OF_PERSONS,
    NewPasswordRule: PASSWORDS,
    KeyNameRule: KEY_NAMES,
    ScopesRule: SCOPES,
    LifetimeRule: LIFETIMES,
    OverlapRule: OVERLAPS,
    FlagRule: FLAGS,
    RoleRule: NO_ROLES,
}
"""What each kind of field does not take."""


def _wrong_values(contract: str, endpoint: str, field: Field) -> dict[str, Any]:
    of_rule = OF_RULES.get(type(field.rule), {})
    of_any = {
        name: value for name, value in ANY_FIELD.items() if isinstance(value, str) or not _is_of_type(value, field)
    }
    absent = {} if field.optional else REQUIRED
    if (contract, endpoint) in THOROUGHLY:
        return {**of_any, **absent, **of_rule}
    few = dict(list(of_rule.items())[:2])
    return {**dict([next(iter(of_any.items()))]), "a NUL": of_any["a NUL"], **absent, **few}


def _is_of_type(value: object, field: Field) -> bool:
    return type(value) is field.rule.json_type.python


def _cases() -> Iterator[Any]:
    for contract, endpoint, field in FIELDS:
        for name, value in _wrong_values(contract, endpoint, field).items():
            yield pytest.param(
                Case(contract, endpoint, field.name, value), id=f"{contract}-{endpoint}-{field.name}-{name}"
            )


@pytest.mark.parametrize("case", list(_cases()))
@pytest.mark.usefixtures("unchanged")
def test_a_wrong_field_is_named(case: Case, sender: Sender) -> None:
    """A field that is missing, of another type or not what it must be is a 400, which names this field alone."""
    body = {**valid(case.contract, case.endpoint), case.field: case.value}
    if case.value is ABSENT:
        del body[case.field]
    check_blamed(sender.house, case, sender.send(case.contract, case.endpoint, Sent(json.dumps(body).encode())))


RIGHT: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("create_key", "name"): ("a", " \N{KEY} ", "\N{KEY}" * 100),
    ("create_key", "scopes"): (["*"], ["profile:read", "keys:write", "*"]),
    ("create_key", "expires_in"): (60, 10 * 366 * 24 * 3600),
    ("rotate_key", "overlap"): (0, 30 * 24 * 3600),
    ("update_member", "role"): ROLES,
    ("update_user", "role"): ROLES,
    ("update_user", "is_active"): (True, False),
}
"""The ends of what a field takes, where that is not any text."""


@pytest.mark.parametrize(("endpoint", "field"), RIGHT)
def test_a_right_field_is_taken(endpoint: str, field: str, sender: Sender) -> None:
    """The bounds themselves are within bounds, and every choice can be made."""
    for value in RIGHT[endpoint, field]:
        sender.check_taken("standard", endpoint, Sent(json.dumps({field: value}).encode()))


TEXTS = [(contract, endpoint, field) for contract, endpoint, field in FIELDS if field.rule.json_type is STRING]


@pytest.mark.parametrize(
    ("contract", "endpoint", "field"), TEXTS, ids=["-".join((*at, field.name)) for *at, field in TEXTS]
)
@pytest.mark.usefixtures("unchanged")
def test_bytes_that_are_not_utf_8_are_told_by_field(contract: str, endpoint: str, field: Field, sender: Sender) -> None:
    """API Gateway turns such bytes into U+FFFD: no two wrong passwords become one, and no name is garbled."""
    body = json.dumps({**valid(contract, endpoint), field.name: "nobody-####@example.com"}).encode()
    case = Case(contract, endpoint, field.name, "")
    check_blamed(sender.house, case, sender.send(contract, endpoint, Sent(body.replace(b"####", b"\xff"))))


def check_blamed(house: House, case: Case, reply: Reply) -> None:
    """Check that a reply is a 400 in its contract's shape, about one field alone."""
    text = speaker(case.contract, house).error(reply)
    assert reply.status == 400
    assert blamed(reply, text, case.contract, case.endpoint) == {case.field}
    if isinstance(case.value, str) and len(case.value) > 20:
        assert case.value not in reply.text


def blamed(reply: Reply, text: str, contract: str, endpoint: str) -> set[str]:
    """Return the fields that a failure names: by structure where its shape has one, else as its sentences begin."""
    errors = reply.json.get("errors")
    if isinstance(errors, dict):
        return set(errors)
    if isinstance(errors, list):
        return {error["pointer"].removeprefix("#/") for error in errors}
    fields = fields_of(contract_named(contract).operations[endpoint].body)
    names = {label(field.name): field.name for field in fields}
    for field in fields:
        if isinstance(field.rule, NewPasswordRule):
            names["Password"] = field.name  # as the policy calls it, whatever the field's name
    return {names[sentence.partition(" ")[0]] for sentence in text.split("; ")}


@pytest.mark.parametrize(("contract", "endpoint"), READING)
@pytest.mark.usefixtures("unchanged")
def test_all_wrong_fields_are_named_at_once(contract: str, endpoint: str, sender: Sender) -> None:
    """Nobody has to mend a form field by field."""
    body = valid(contract, endpoint)
    reply = sender.send(contract, endpoint, Sent(json.dumps({name: {} for name in body}).encode()))
    assert reply.status == 400
    assert blamed(reply, speaker(contract, sender.house).error(reply), contract, endpoint) == set(body)


@pytest.mark.parametrize("contract", NAMES)
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
def test_no_object_is_a_fault_of_ours(
    house: House, managers: Mapping[str, Manager], sent_to: tuple[str, str], body: dict[str, Any]
) -> None:
    """Whatever object is sent, the answer is one of the contract's own, and never a 5xx."""
    reply = Sender(house, managers).send(*sent_to, Sent(json.dumps(body).encode()))
    assert reply.status in {200, 201, 400, 401, 409}
    if reply.status >= 400:
        assert speaker(sent_to[0], house).error(reply)


@given(sent_to=st.sampled_from(READING), body=st.binary(max_size=200), raw=st.booleans(), declared=st.booleans())
@repeatable
def test_no_bytes_are_a_fault_of_ours(
    house: House,
    managers: Mapping[str, Manager],
    sent_to: tuple[str, str],
    body: bytes,
    raw: bool,  # noqa: FBT001
    declared: bool,  # noqa: FBT001
) -> None:
    """Whatever bytes are sent, they are refused in the contract's shape; only no bytes may be no body."""
    assume(body or sent_to[1] not in MAY_BE_LEFT_OUT)
    assume(not body.strip().startswith(b"{"))  # an empty object is a change of nothing, and welcome
    reply = Sender(house, managers).send(*sent_to, Sent(body, JSON if declared else None, raw))
    assert reply.status == (400 if declared else 415)
    assert speaker(sent_to[0], house).error(reply)


headers = st.text(st.characters(max_codepoint=255), max_size=60)


@given(
    contract=st.sampled_from(NAMES),
    endpoint=st.sampled_from(["me", "logout", "login", "session_login", "sessions", "change_password"]),
    authorization=st.none() | headers | headers.map("Bearer {}".format),
    cookie=headers | headers.map("__Host-session={}".format),
    agent=st.text(st.characters(max_codepoint=255), max_size=300),
)
@repeatable
def test_no_headers_are_a_fault_of_ours(
    house: House, contract: str, endpoint: str, authorization: str | None, cookie: str, agent: str
) -> None:
    """Whatever headers are sent, the answer is a 401, or a 4xx about the body or the origin which are not there."""
    given = {"User-Agent": agent, "Origin": agent, "Content-Type": agent, "Cookie": cookie, "Sec-Fetch-Site": agent}
    if authorization is not None:
        given["Authorization"] = authorization
    reply = house.client(contract).call(endpoint, headers=given)
    protected = contract_named(contract).operations[endpoint].permission != PUBLIC
    assert reply.status == (401 if protected else {"session_login": 403}.get(endpoint, 415))


def test_every_kind_of_field_is_tried() -> None:
    """A new kind of field in a contract needs cases of its own here."""
    assert {type(field.rule) for _, _, field in FIELDS} == {*OF_RULES, AnyTextRule, PasswordRule}
