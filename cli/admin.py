"""`keyfob admin`: commands for who operates a deployment."""

import click

from cli.create_superuser import create_superuser
from cli.deployment import Undecided, deployed, on_this_machine
from cli.export_users import export_users
from cli.import_users import import_users
from cli.restore_table import end_all_sessions, restore_table


@click.group()
@click.option(
    "--stack", metavar="NAME", help="The deployment's stack, in the AWS account and region of the environment."
)
@click.option("--local", is_flag=True, help="What `make run` runs on this machine, instead of a stack.")
@click.pass_context
def admin(context: click.Context, *, stack: str | None, local: bool) -> None:
    """Administer a deployment."""
    if local == bool(stack):
        context.obj = Undecided()
    else:
        context.obj = deployed(stack) if stack else on_this_machine()


for command in (create_superuser, export_users, import_users, restore_table, end_all_sessions):
    admin.add_command(command)
