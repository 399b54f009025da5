"""`keyfob admin restore-table` and `keyfob admin end-all-sessions`."""

import click
from keyfob.store.copies import copy_items, delete_all, delete_others

from cli.deployment import Deployment, opened

USERS, API_KEYS = "users", "api-keys"
"""What can be restored. Of the other tables an older state is worse than none: it has what has ended or been used."""


@click.command("restore-table")
@click.argument("table", type=click.Choice((USERS, API_KEYS)))
@click.argument("restored")
@click.pass_context
def restore_table(context: click.Context, *, table: str, restored: str) -> None:
    """Make TABLE hold what the table RESTORED holds, such as one of a backup, and nothing else.

    With the users all sessions end: some that had ended since the backup would be alive again. It may be run again.
    """
    deployment = opened(context)
    target = {USERS: deployment.users_table, API_KEYS: deployment.api_keys_table}[table]
    click.confirm(f"Replace what is in {target} by what is in {restored}?", abort=True, err=True)
    copied = sum(copy_items(deployment.client, restored, target))
    deleted = sum(delete_others(deployment.client, restored, target))
    click.echo(f"{copied:,} items copied, and {deleted:,} deleted that were not there", err=True)
    if table == USERS:
        _end_all_sessions(deployment)


@click.command("end-all-sessions")
@click.pass_context
def end_all_sessions(context: click.Context) -> None:
    """Sign everybody out, at once. API keys stay."""
    deployment = opened(context)
    click.confirm(f"Delete every session in {deployment.sessions_table}?", abort=True, err=True)
    _end_all_sessions(deployment)


def _end_all_sessions(deployment: Deployment) -> None:
    click.echo(f"{sum(delete_all(deployment.client, deployment.sessions_table)):,} sessions ended", err=True)
