"""`keyfob admin export`, and the way back."""

import stat
from pathlib import Path
from typing import Any

import pytest
from keyfob.crypto.api_keys import KeyText, write_api_key
from keyfob.crypto.digest import digest
from keyfob.model.identity import Identity

from tests.aws_calls import refused, tapped
from tests.cli.operator import Operator
from tests.house import PASSWORD

SECRET = b"\x01" * 24
ID = "11111111-1111-4111-8111-111111111111"
ACCOUNT = "0b8ac4ed-2f9c-4d9c-8f53-2f1f4f0d5a10"
KEY: dict[str, Any] = {
    "id": "22222222-2222-4222-8222-222222222222",
    "slot": 3,
    "contract": "standard",
    "name": "CI",
    "scopes": ["*", "profile:read"],
    "secrets": [{"digest": digest(SECRET), "ends_at": None}, {"digest": "a" * 64, "ends_at": "2199-01-01T00:00:00Z"}],
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": "2199-01-01T00:00:00Z",
    "last_used_at": "2026-02-01T00:00:00Z",
    "last_used_ip": "203.0.113.9",
    "last_used_user_agent": "curl/8",
}


def register(operator: Operator, email: str) -> None:
    """Register a user, with the password of all tests."""
    body = {"email": email, "password": PASSWORD, "full_name": "Ada King Lovelace"}
    assert operator.house.client("metatag").call("register", body).status == 201


def inhabit(operator: Operator) -> None:
    """Let users be there of every kind: registered, with an identity, with an API key, in an account together."""
    for name in ("ada", "bob"):
        register(operator, f"{name}@example.com")
    bob = operator.house.users.find("bob@example.com")
    assert bob is not None
    operator.house.users.link(bob, Identity.bare("https://github.com", "1815#1"))
    account = {"id": ACCOUNT, "name": "Engines", "joined_at": 1_700_000_000}
    members: list[dict[str, Any]] = [
        {"email": "owner@example.com", "account": account, "role": "owner", "id": ID}
        | {"api_keys": [KEY], "is_staff": True},
        {"email": "viewer@example.com", "account": account, "role": "viewer", "is_active": False},
    ]
    assert operator.imports(members).exit_code == 0


def test_everything_comes_back_as_it_was(operator: Operator) -> None:
    """Exported, imported into an empty deployment, and exported again, all lines are the same, and passwords work."""
    inhabit(operator)
    lines = operator.exports()
    assert len(lines) == 4
    counts = account_counts(operator)
    operator.house.forget()
    assert operator.imports(lines).exit_code == 0
    assert operator.exports() == lines
    assert account_counts(operator) == counts
    login = {"email": "ada@example.com", "password": PASSWORD}
    assert operator.house.client("metatag").call("login", login).status == 200
    bob = operator.house.users.with_identity(Identity.bare("https://github.com", "1815#1"))
    assert bob is not None
    assert bob.email == "bob@example.com"


def account_counts(operator: Operator) -> dict[str, tuple[str, str]]:
    """Return how many members and owners each account says that it has."""
    return {
        item["pk"]["S"]: (item["member_count"]["N"], item["owner_count"]["N"])
        for item in operator.house.items("UsersTable")
        if item["sk"]["S"] == "ACCOUNT"
    }


def test_api_keys_come_along_and_work(operator: Operator) -> None:
    """A key is exported as what is stored of it, and is good in the other deployment for the same user."""
    inhabit(operator)
    [exported] = [line for line in operator.exports() if line["id"] == ID]
    assert exported["api_keys"] == [KEY]
    text = write_api_key("sk_live_", KeyText(ID, KEY["slot"], SECRET))
    assert operator.house.client("standard").call("me", token=text).status == 200


def test_a_hash_is_exported_as_it_is(operator: Operator) -> None:
    """In the standard form that other systems read."""
    register(operator, "ada@example.com")
    [line] = operator.exports()
    assert line["password_hash"].startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_a_file_is_for_its_owner_alone_and_appears_when_it_is_complete(operator: Operator, tmp_path: Path) -> None:
    """It replaces what was there, whoever could read that."""
    register(operator, "ada@example.com")
    file = tmp_path / "users.jsonl"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    with tapped() as calls, calls.disturbed("dynamodb.Query", refused(400, "AccessDeniedException")):
        failed = operator.export_to(file)
    assert (failed.exit_code, file.read_text(encoding="utf-8")) == (1, "old")
    assert operator.export_to(file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "ada@example.com" in file.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["users.jsonl"]


def test_a_directory_that_is_not_there_is_told(operator: Operator) -> None:
    """In one line."""
    result = operator.run("export", "/nowhere/users.jsonl")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_an_empty_deployment_has_an_empty_export(operator: Operator) -> None:
    """No line, and no failure."""
    assert operator.exports() == []


@pytest.mark.parametrize("arguments", [(), ("--stack", "keyfob", "--local")])
def test_a_command_is_about_one_deployment(operator: Operator, arguments: tuple[str, ...]) -> None:
    """Neither none nor two: exit code 2."""
    assert operator.run_bare("admin", *arguments, "export", "-").exit_code == 2


def test_a_stack_that_is_not_there_is_told(operator: Operator) -> None:
    """In one line, with its name."""
    result = operator.run_bare("admin", "--stack", "nothing", "export", "-")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "nothing" in result.stderr


def test_without_credentials_it_says_so(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    result = operator.run("export", "-")
    assert (result.exit_code, result.stderr) == (1, "Error: there are no AWS credentials in the environment\n")


def test_without_a_region_it_says_so(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    result = operator.run("export", "-")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no AWS region: set AWS_DEFAULT_REGION\n")
