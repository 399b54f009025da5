"""`keyfob admin create-superuser`."""

import sys

import click
from keyfob.clock import now
from keyfob.contracts.fields import AnyTextRule, EmailRule, UsernameRule
from keyfob.model.credentials import Registration
from keyfob.model.user import PersonName, User
from keyfob.service import superuser

from cli.deployment import Deployment, opened


class Ruled(click.ParamType[str]):
    """Text that a rule of the contracts reads."""

    name = "text"

    def __init__(self, rule: AnyTextRule) -> None:
        """Take the rule."""
        self._rule = rule

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return what the rule makes of `value`, or fail with its complaint."""
        try:
            return self._rule.read(value)
        except ValueError as error:
            self.fail(f"it {error}", param, ctx)


@click.command("create-superuser")
@click.option("--email", type=Ruled(EmailRule()), required=True, help="Its address, which counts as verified.")
@click.option("--username", type=Ruled(UsernameRule()), help="Its username; derived from the address by default.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
@click.option("--promote", is_flag=True, help="Make the user who has verified this address a superuser, after asking.")
@click.pass_context
def create_superuser(
    context: click.Context, *, email: str, username: str | None, password_stdin: bool, promote: bool
) -> None:
    """Make a user that is staff and a superuser.

    Its password is never an argument, which others on this machine could see.
    """
    deployment = opened(context)
    present = deployment.users.find(email)
    if promote:
        _promote(present, deployment)
    elif present:
        raise click.ClickException(f"{email} is a user already: --promote makes a verified one a superuser")
    else:
        password = _read_password() if password_stdin else _ask_for_password()
        _create(Registration(email, username, password, PersonName.from_full(None)), deployment)


def _create(registration: Registration, deployment: Deployment) -> None:
    user = superuser.create_superuser(registration, users=deployment.users, passwords=deployment.passwords, now=now())
    click.echo(f"{user.email} is a superuser now: username {user.username}, id {user.id}", err=True)


def _promote(user: User | None, deployment: Deployment) -> None:
    if user is None:
        raise click.ClickException("nobody has this address: leave --promote out to make a new user")
    if not user.email_verified:
        raise click.ClickException(f"{user.email} has not verified its address: anybody may have registered it")
    click.confirm(f"Make {user.email} (username {user.username}, id {user.id}) a superuser?", abort=True, err=True)
    superuser.promote(user, users=deployment.users)
    click.echo(f"{user.email} is a superuser now", err=True)


def _ask_for_password() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return password


def _read_password() -> str:
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
