"""`keyfob admin import`."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2
from botocore.exceptions import ConnectionClosedError
from werkzeug.security import generate_password_hash

from tests.aws_calls import Answer, raising, refused, tapped
from tests.cli.operator import Operator

PASSWORD = "SecurePass123!"
ACCOUNT = "0b8ac4ed-2f9c-4d9c-8f53-2f1f4f0d5a10"
WRITES = ("dynamodb.TransactWriteItems", "dynamodb.BatchWriteItem", "dynamodb.PutItem", "dynamodb.UpdateItem")


def django_pbkdf2(password: str) -> str:
    """Return a hash as Django makes it."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"saltsaltsalt", 10_000)
    return f"pbkdf2_sha256$10000$saltsaltsalt${b64encode(digest).decode()}"


HASHES: dict[str, Callable[[], str]] = {
    "argon2": lambda: Argon2(time_cost=1, memory_cost=1024, parallelism=2).hash(PASSWORD),
    "bcrypt": lambda: bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=5)).decode(),
    "scrypt": lambda: generate_password_hash(PASSWORD, method="scrypt:1024:8:1"),
    "django": lambda: django_pbkdf2(PASSWORD),
}


def some(count: int) -> list[dict[str, Any]]:
    """Return lines of different users, each with nothing but what it needs."""
    return [{"email": f"user{number}@example.com"} for number in range(count)]


def killed(_request: dict[str, Any]) -> Answer:
    """End as a process does that is interrupted."""
    raise KeyboardInterrupt


def login(operator: Operator, email: str, password: str = PASSWORD) -> int:
    """Return the status with which a login is answered."""
    return operator.house.client("metatag").call("login", {"email": email, "password": password}).status


@pytest.mark.parametrize("scheme", HASHES)
def test_a_user_signs_in_with_the_password_it_had_elsewhere(operator: Operator, scheme: str) -> None:
    """No other password works, and the first login replaces the hash by one of ours."""
    encoded = HASHES[scheme]()
    result = operator.imports([{"email": "ada@example.com", "password_hash": encoded}])
    assert (result.exit_code, result.stdout) == (0, "")
    assert encoded not in result.output
    assert login(operator, "ada@example.com", "not-the-password") == 401
    assert login(operator, "ada@example.com") == 200
    user = operator.house.users.find("ada@example.com")
    assert user is not None
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert login(operator, "ada@example.com") == 200


def test_a_hash_that_would_cost_too_much_is_refused(operator: Operator) -> None:
    """Who writes the file cannot make each login take minutes. The hash is not repeated."""
    encoded = "pbkdf2_sha256$900000000$saltsaltsalt$" + "A" * 43 + "="
    result = operator.imports([{"email": "ada@example.com", "password_hash": encoded}, *some(1)])
    assert result.exit_code == 1
    assert "line 1: password_hash cannot be verified: " in result.stderr
    assert "saltsaltsalt" not in result.output
    assert [line["email"] for line in operator.exports()] == ["user0@example.com"]


def test_everything_that_a_line_tells_is_kept(operator: Operator) -> None:
    """Names, flags, role, account, times and numbers are as they were; what is not told is as for who registers."""
    line: dict[str, Any] = {
        "id": "7B0F8E0E-6F7E-4E0F-9C1B-1D8F3C2A9E77",
        "number": 41,
        "email": "Ada@Example.com",
        "email_verified": True,
        "username": "Ada",
        "first_name": "Ada",
        "last_name": "King Lovelace",
        "is_active": False,
        "is_staff": True,
        "is_superuser": True,
        "has_membership": True,
        "role": "editor",
        "account": {"id": ACCOUNT, "number": 42, "name": "Engines", "slug": "engines", "joined_at": 1_600_000_001},
        "created_at": "2020-09-13T14:26:40+02:00",
        "identities": [{"issuer": "https://github.com", "subject": "1815"}],
    }
    assert operator.imports([line]).exit_code == 0
    [kept] = operator.exports()
    assert kept == line | {
        "id": "7b0f8e0e-6f7e-4e0f-9c1b-1d8f3c2a9e77",
        "email": "Ada@example.com",
        "full_name": "Ada King Lovelace",
        "password_hash": None,
        "account": {**line["account"], "joined_at": "2020-09-13T12:26:41Z"},
        "created_at": "2020-09-13T12:26:40Z",
        "api_keys": [],
    }


def test_whoever_brings_only_an_address_gets_the_rest(operator: Operator) -> None:
    """A username, a number, and an account of its own, which it owns."""
    assert operator.imports([{"email": "ada@example.com", "full_name": "Ada King Lovelace"}]).exit_code == 0
    [kept] = operator.exports()
    assert (kept["username"], kept["role"], kept["is_active"], kept["email_verified"]) == ("ada", "owner", True, False)
    assert (kept["first_name"], kept["last_name"]) == ("Ada", "King Lovelace")
    assert kept["account"]["name"] == "My Account"


def test_running_it_twice_changes_nothing(operator: Operator) -> None:
    """The second run finds everybody and writes nothing at all, whatever was derived or drawn for them."""
    lines = [*some(30), *({"email": f"info@example{number}.com"} for number in range(5))]
    assert operator.imports(lines).exit_code == 0
    before = operator.house.items("UsersTable")
    with tapped() as calls:
        result = operator.imports(lines)
    assert result.exit_code == 0
    assert "0 imported, 35 unchanged, 0 conflict, 0 wrong" in result.stderr
    assert not set(calls.names) & set(WRITES)
    assert operator.house.items("UsersTable") == before


def test_what_a_user_changed_since_stays(operator: Operator) -> None:
    """A second run knows a user by its id, though it has another address, username and password by now."""
    assert operator.imports(some(1)).exit_code == 0
    user = operator.house.users.find("user0@example.com")
    assert user is not None
    operator.house.users.verify_email(user, "other@example.com", along_with=[])
    before = operator.house.items("UsersTable")
    assert "0 imported, 1 unchanged" in operator.imports(some(1)).stderr
    assert operator.house.items("UsersTable") == before


@pytest.mark.parametrize("spared", [0, 1, 2])
def test_an_import_that_is_killed_leaves_whole_users_and_goes_on(operator: Operator, spared: int) -> None:
    """Whatever was stored signs in and has all its records; the next run stores the others."""
    lines = [{**line, "password_hash": HASHES["django"]()} for line in some(60)]
    with (
        tapped() as calls,
        calls.disturbed("dynamodb.TransactWriteItems", killed, sparing=spared),
    ):
        assert operator.imports(lines).exit_code == 1
    stored = len(operator.exports())
    assert stored == min(12 * spared, 60)
    assert len(operator.house.items("UsersTable")) == 8 * stored
    result = operator.imports(lines)
    assert f"{60 - stored} imported, {stored} unchanged" in result.stderr
    assert len(operator.house.items("UsersTable")) == 8 * 60
    assert login(operator, "user59@example.com") == 200


def test_an_answer_that_is_lost_costs_nobody(operator: Operator) -> None:
    """A transaction that happened, and seemed not to, is found when it is looked at again."""
    with tapped() as calls, calls.answers_lost("dynamodb.TransactWriteItems"):
        result = operator.imports(some(5))
    assert result.exit_code == 0
    assert "5 imported, 0 unchanged" in result.stderr
    assert calls.names.count("dynamodb.TransactWriteItems") == 1
    assert len(operator.exports()) == 5


def test_a_connection_that_breaks_costs_nobody(operator: Operator) -> None:
    """What was not stored is tried again."""
    broken = raising(ConnectionClosedError(endpoint_url="https://aws.example"))
    with tapped() as calls, calls.disturbed("dynamodb.TransactWriteItems", broken, times=1):
        result = operator.imports(some(5))
    assert "5 imported, 0 unchanged" in result.stderr
    assert len(operator.exports()) == 5


def test_a_denied_call_is_told_in_one_line(operator: Operator) -> None:
    """No traceback; the service says what was not allowed."""
    with tapped() as calls, calls.disturbed("dynamodb.BatchGetItem", refused(400, "AccessDeniedException")):
        result = operator.imports(some(1))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: BatchGetItem: AccessDeniedException")
    assert len(result.stderr.splitlines()) == 1


def test_a_dry_run_stores_nothing_and_tells_all(operator: Operator) -> None:
    """Wrong lines and conflicts are reported as the import itself would."""
    operator.imports(some(1))
    before = operator.house.items("UsersTable")
    lines = [*some(2), {"email": "other@example.com", "username": "USER0"}, {"email": "nobody"}]
    with tapped() as calls:
        result = operator.imports(lines, "--dry-run")
    assert result.exit_code == 1
    assert "line 3: has the username of another user" in result.stderr
    assert "line 4: Email must be a valid email address" in result.stderr
    assert "Would have 1 imported, 1 unchanged, 1 conflict, 1 wrong" in result.stderr
    assert not set(calls.names) & set(WRITES)
    assert operator.house.items("UsersTable") == before


def test_derived_usernames_give_way(operator: Operator) -> None:
    """Two of whom nobody chose a username have different ones, in one run as in two."""
    assert operator.imports([{"email": "info@example.com"}, {"email": "info@example.org"}]).exit_code == 0
    assert operator.imports([{"email": "info@example.net"}]).exit_code == 0
    names = sorted(line["username"] for line in operator.exports())
    assert names[0] == "info"
    assert all(name.startswith("info-") for name in names[1:])
    assert len(set(names)) == 3


CONFLICTS: dict[str, tuple[dict[str, Any], str]] = {
    "address": ({"email": "USER0@example.com"}, "has the email address of another user"),
    "username": ({"email": "x@example.com", "username": "User0"}, "has the username of another user"),
    "number": ({"email": "x@example.com", "number": 7}, "has a number that is taken"),
    "account's number": ({"email": "x@example.com", "account": {"number": 7}}, "has a number that is taken"),
    "slug": ({"email": "x@example.com", "account": {"slug": "s"}}, "has an account with the slug of another one"),
    "identity": (
        {"email": "x@example.com", "identities": [{"issuer": "https://github.com", "subject": "1"}]},
        "has an identity of another user",
    ),
}


@pytest.mark.parametrize("kind", CONFLICTS)
def test_what_is_somebody_elses_is_told_and_the_rest_imported(operator: Operator, kind: str) -> None:
    """A line that claims it leaves nothing behind, and costs those beside it nothing."""
    identity = {"issuer": "https://github.com", "subject": "1"}
    operator.imports([{**some(1)[0], "number": 7, "account": {"slug": "s"}, "identities": [identity]}])
    wanted, reason = CONFLICTS[kind]
    line = {**wanted, "id": "11111111-1111-4111-8111-111111111111"}
    result = operator.imports([{"email": "a@example.com"}, line, {"email": "b@example.com"}])
    assert result.exit_code == 1
    assert f"line 2: {reason}\n" in result.stderr
    assert "2 imported, 0 unchanged, 1 conflict, 0 wrong" in result.stderr
    assert len(operator.house.items("UsersTable")) == 8 * 3 + 2


def test_members_share_the_account_that_the_first_of_them_brings(operator: Operator) -> None:
    """The account counts its members and its owners, also those that come in a later run."""
    account = {"id": ACCOUNT, "name": "Engines"}
    roles = ("viewer", "owner", "editor", "owner")
    lines = [{**line, "account": account, "role": role} for line, role in zip(some(4), roles, strict=True)]
    assert "3 imported" in operator.imports(lines[:3]).stderr
    assert "1 imported, 3 unchanged" in operator.imports(lines).stderr
    items = operator.house.items("UsersTable")
    [kept] = [item for item in items if item["pk"]["S"] == f"ACCOUNT#{ACCOUNT}" and item["sk"]["S"] == "ACCOUNT"]
    assert (kept["member_count"]["N"], kept["owner_count"]["N"], kept["name"]["S"]) == ("4", "2", "Engines")
    assert len([item for item in items if item["sk"]["S"].startswith("MEMBER#")]) == 4
    assert {json.dumps(line["account"] | {"joined_at": ""}) for line in operator.exports()} == {
        json.dumps(
            {
                "id": ACCOUNT,
                "number": int(kept["number"]["N"]),
                "name": "Engines",
                "slug": kept["slug"]["S"],
                "joined_at": "",
            }
        )
    }


def test_a_user_that_comes_back_does_not_revive_what_it_left(operator: Operator) -> None:
    """Sessions of the user that was deleted stay dead, though the imported one has the same id."""
    operator.imports([{"email": "ada@example.com", "password_hash": HASHES["django"]()}])
    client = operator.house.client("metatag")
    login = client.call("login", {"email": "ada@example.com", "password": PASSWORD})
    token = login.json["tokens"]["access_token"]
    user = operator.house.users.find("ada@example.com")
    assert user is not None
    operator.house.users.delete(user)
    operator.imports([{"email": "ada@example.com", "password_hash": HASHES["django"]()}])
    operator.house.change_user(user.id, email_verified=True)
    assert operator.house.users.get(user.id) is not None
    assert client.call("me", token=token).status == 401


def test_a_file_is_read_as_standard_input_is(operator: Operator, tmp_path: Path) -> None:
    """Blank lines mean nothing, and count as lines."""
    file = tmp_path / "users.jsonl"
    file.write_text('{"email": "a@example.com"}\n\n{"email": "b@example.com"', encoding="utf-8")
    result = operator.run("import", "--workers", "1", str(file))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 3: it is no JSON in UTF-8",
        "1 imported, 0 unchanged, 0 conflict, 1 wrong",
    ]


def test_a_file_that_is_not_there_is_a_wrong_use(operator: Operator) -> None:
    """Exit code 2."""
    assert operator.run("import", "/nowhere/users.jsonl").exit_code == 2
