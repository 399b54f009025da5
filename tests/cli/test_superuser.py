"""`keyfob admin create-superuser`."""

from keyfob.model.user import User

from tests.cli.operator import Operator

EMAIL = "root@example.com"
PASSWORD = "a fine long password"


def stored(operator: Operator, email: str = EMAIL) -> User:
    """Return a user that is there."""
    user = operator.house.users.find(email)
    assert user is not None
    return user


def test_the_first_superuser_can_sign_in(operator: Operator) -> None:
    """It is staff, a superuser, and verified, and its password is asked for twice."""
    result = operator.run("create-superuser", "--email", EMAIL, stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    user = stored(operator)
    assert (user.username, user.is_staff, user.is_superuser, user.email_verified) == ("root", True, True, True)
    assert operator.house.client("metatag").call("login", {"email": EMAIL, "password": PASSWORD}).status == 200
    assert PASSWORD not in result.output


def test_a_password_comes_from_standard_input_too(operator: Operator) -> None:
    """A script needs no terminal; the end of the line is no part of the password."""
    options = ("--email", EMAIL, "--username", "Root.1", "--password-stdin")
    assert operator.run("create-superuser", *options, stdin=f"{PASSWORD}\n").exit_code == 0
    assert stored(operator).username == "Root.1"
    assert operator.house.client("metatag").call("login", {"email": EMAIL, "password": PASSWORD}).status == 200


def test_two_different_passwords_make_nobody(operator: Operator) -> None:
    """It asks again until both are the same."""
    result = operator.run("create-superuser", "--email", EMAIL, stdin=f"{PASSWORD}\nanother one\n")
    assert result.exit_code == 1
    assert "do not match" in result.stderr
    assert operator.house.users.find(EMAIL) is None


def test_a_common_password_is_refused(operator: Operator) -> None:
    """The policy is that of every registration, and told in one line."""
    result = operator.run("create-superuser", "--email", EMAIL, "--password-stdin", stdin="password123\n")
    assert (result.exit_code, result.stderr) == (1, "Error: Password is too common\n")
    assert operator.house.users.find(EMAIL) is None


def test_a_wrong_address_is_a_wrong_use(operator: Operator) -> None:
    """Exit code 2, as for every argument that cannot be right."""
    result = operator.run("create-superuser", "--email", "nobody", "--password-stdin", stdin=PASSWORD)
    assert result.exit_code == 2
    assert "it must be a valid email address" in result.stderr


def test_a_user_that_is_there_is_promoted_only_when_asked(operator: Operator) -> None:
    """It must have verified its address; its password and its sessions stay as they are."""
    operator.house.client("metatag").call("register", {"email": EMAIL, "password": "SecurePass123!"})
    before = stored(operator)
    refused = operator.run("create-superuser", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
    assert (refused.exit_code, stored(operator)) == (1, before)
    assert "--promote" in refused.stderr

    unproven = operator.run("create-superuser", "--email", EMAIL, "--promote", stdin="y\n")
    assert (unproven.exit_code, stored(operator)) == (1, before)
    assert "has not verified its address" in unproven.stderr

    operator.house.change_user(before.id, email_verified=True)
    before = stored(operator)
    declined = operator.run("create-superuser", "--email", EMAIL, "--promote", stdin="n\n")
    assert (declined.exit_code, stored(operator)) == (1, before)

    assert operator.run("create-superuser", "--email", EMAIL, "--promote", stdin="y\n").exit_code == 0
    after = stored(operator)
    assert (after.is_staff, after.is_superuser) == (True, True)
    assert (after.password_hash, after.session_epoch) == (before.password_hash, before.session_epoch)


def test_nobody_is_promoted_by_a_mistyped_address(operator: Operator) -> None:
    """It says so, and makes no user."""
    result = operator.run("create-superuser", "--email", EMAIL, "--promote", stdin="y\n")
    assert result.exit_code == 1
    assert "nobody has this address" in result.stderr
    assert operator.house.items("UsersTable") == []


def test_a_username_that_is_taken_is_told(operator: Operator) -> None:
    """Somebody else has it, in whatever case."""
    operator.run("create-superuser", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
    options = ("--email", "other@example.com", "--username", "ROOT", "--password-stdin")
    result = operator.run("create-superuser", *options, stdin=PASSWORD)
    assert (result.exit_code, result.stderr) == (1, "Error: another user has this username\n")
