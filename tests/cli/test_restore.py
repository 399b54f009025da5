"""`keyfob admin restore-table`: a table as a backup has it, and nobody signed in by what had ended since."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.template import load_deployment
from tests.cli.operator import Operator
from tests.contracts.behaviour import Behaviour
from tests.house import PASSWORD, unique
from tests.speakers import speaker

BACKUP = "keyfob-users-restored"


@pytest.fixture
def backup(operator: Operator) -> Iterator[str]:
    """A table beside that of the users, as a restore to a point in time makes one."""
    (users,) = [table for table in load_deployment().tables if table.name.endswith("UsersTable")]
    client = operator.house.dynamodb
    client.create_table(**{**users.definition, "TableName": BACKUP})
    yield BACKUP
    client.delete_table(TableName=BACKUP)


def back_up(operator: Operator) -> list[dict[str, Any]]:
    """Put the users as they are now into the backup, and return them."""
    items = operator.house.items("UsersTable")
    for item in items:
        operator.house.dynamodb.put_item(TableName=BACKUP, Item=item)
    return by_key(items)


def by_key(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return items in one order."""
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def test_a_table_is_as_the_backup_has_it(operator: Operator, backup: str) -> None:
    """What changed since is as it was, what was deleted is back, and what is new is gone."""
    talk = speaker("standard", operator.house)
    for _ in range(15):  # more items than one write takes
        talk.registered()
    _, email = talk.registered()
    before = back_up(operator)
    user = operator.house.users.find(email)
    assert user is not None
    operator.house.change_user(user.id, first_name="Mallory")
    gone = before[0]
    operator.house.dynamodb.delete_item(TableName="keyfob-UsersTable", Key={name: gone[name] for name in ("pk", "sk")})
    _, newcomer = talk.registered()
    result = operator.run("restore-table", "users", backup, stdin="y\n")
    assert result.exit_code == 0, result.output
    assert by_key(operator.house.items("UsersTable")) == before
    assert operator.house.users.find(newcomer) is None
    assert talk.client.call("login", {"email": email, "password": PASSWORD}).status == 200


def test_a_restore_signs_everybody_out(operator: Operator, backup: str) -> None:
    """A session that was ended by raising its user's epoch would be alive again by the older number."""
    talk = speaker("standard", operator.house)
    login = talk.logged_in()
    back_up(operator)
    result = operator.run("restore-table", "users", backup, stdin="y\n")
    assert "1 sessions ended" in result.stderr
    assert talk.me(talk.access_token(login)).status == 401
    assert talk.client.call("refresh", talk.refresh_body(talk.refresh_token(login))).status == 401


def test_what_was_ended_since_stays_ended(operator: Operator, backup: str) -> None:
    """Keys that staff ended by raising an epoch are no better after a restore, and those made since are still good."""
    talk = speaker("standard", operator.house)
    _, email = talk.registered()
    ended = key_of(talk, email)
    back_up(operator)
    user = operator.house.users.find(email)
    assert user is not None
    set_epochs(operator, user.id, 1)
    made_since = key_of(talk, email)
    assert operator.run("restore-table", "users", backup, stdin="y\n").exit_code == 0
    assert talk.client.call("me", **by(ended)).status == 401
    assert talk.client.call("me", **by(made_since)).status == 200
    restored = operator.house.users.find(email)
    assert restored is not None
    assert (restored.session_epoch, restored.key_epoch) == (1, 1)


def test_a_user_that_was_deleted_since_comes_back_without_its_keys(operator: Operator, backup: str) -> None:
    """Nobody remembers how often its epoch was raised, so it gets one that is higher than any count."""
    talk = speaker("standard", operator.house)
    _, email = talk.registered()
    key = key_of(talk, email)
    back_up(operator)
    user = operator.house.users.find(email)
    assert user is not None
    profile = {"pk": {"S": f"USER#{user.id}"}, "sk": {"S": "PROFILE"}}
    operator.house.dynamodb.delete_item(TableName="keyfob-UsersTable", Key=profile)
    assert operator.run("restore-table", "users", backup, stdin="y\n").exit_code == 0
    assert talk.client.call("me", **by(key)).status == 401
    assert talk.client.call("login", {"email": email, "password": PASSWORD}).status == 200


def test_an_invitation_that_is_gone_is_not_restored(operator: Operator, backup: str) -> None:
    """It was accepted or revoked since, and the link in its mail stays worth nothing."""
    talk = speaker("standard", operator.house)
    _, email = talk.registered()
    owner = talk.access_token(talk.logged_in(email))
    invitation = talk.client.call("invite", {"email": "guest@example.com", "role": "viewer"}, token=owner)
    assert invitation.status == 201
    back_up(operator)
    path = {"invitation_id": invitation.json["id"]}
    assert talk.client.call("revoke_invitation", token=owner, path=path).status == 204
    assert operator.run("restore-table", "users", backup, stdin="y\n").exit_code == 0
    assert not [item for item in operator.house.items("UsersTable") if item["sk"]["S"].startswith("INVITATION")]


def key_of(talk: Behaviour, email: str) -> str:
    """Return the text of a new API key of a user."""
    made = talk.client.call("create_key", {"name": "nightly"}, token=talk.access_token(talk.logged_in(email)))
    text: str = made.json["api_key"]
    return text


def by(key: str) -> dict[str, Any]:
    """Return what sends an API key along."""
    return {"headers": {"X-API-Key": key}}


def set_epochs(operator: Operator, user_id: str, epoch: int) -> None:
    """Raise a user's epochs, as ending all its sessions and keys does."""
    for name in ("session_epoch", "key_epoch"):
        operator.house.dynamodb.update_item(
            TableName="keyfob-UsersTable",
            Key={"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "PROFILE"}},
            UpdateExpression="SET #name = :epoch",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":epoch": {"N": str(epoch)}},
        )


def test_nothing_happens_unasked(operator: Operator, backup: str) -> None:
    """Who does not say yes changes nothing."""
    speaker("standard", operator.house).logged_in()
    for arguments in (("restore-table", "users", backup), ("end-all-sessions",)):
        assert operator.run(*arguments, stdin="n\n").exit_code == 1
    assert operator.house.items("UsersTable")
    assert operator.house.items("SessionsTable")


def test_a_backup_that_is_not_there_is_told_in_one_line(operator: Operator) -> None:
    """Nothing is deleted before something is copied."""
    speaker("standard", operator.house).registered()
    result = operator.run("restore-table", "users", "no-such-table", stdin="y\n")
    assert result.exit_code == 1
    assert "Scan" in result.stderr
    assert operator.house.items("UsersTable")


@pytest.mark.parametrize("table", ["sessions", "one-time", unique("table")])
def test_what_has_ended_is_not_restored(table: str, operator: Operator) -> None:
    """Sessions and one-time tokens of a backup may have been ended or used since."""
    assert operator.run("restore-table", table, BACKUP).exit_code == 2


def test_all_sessions_end_at_once(operator: Operator) -> None:
    """Tokens and cookies alike are worth nothing; the users stay."""
    talk = speaker("standard", operator.house)
    _, email = talk.registered()
    login = talk.logged_in(email)
    cookie = talk.client.call("session_login", {"email": email, "password": PASSWORD}).cookies["__Host-session"]
    assert talk.client.call("me", cookie=cookie).status == 200
    result = operator.run("end-all-sessions", stdin="y\n")
    assert result.exit_code == 0, result.output
    assert talk.me(talk.access_token(login)).status == 401
    assert talk.client.call("me", cookie=cookie).status == 401
    assert talk.client.call("login", {"email": email, "password": PASSWORD}).status == 200
