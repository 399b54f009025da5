"""`keyfob admin restore-table` and `keyfob admin end-all-sessions`."""

from functools import partial

import click
from keyfob.clock import now
from keyfob.store.copies import Merge, copy_items, delete_all, delete_others
from keyfob.store.items import Wire
from keyfob.store.user_items import INVITATION, PROFILE

from cli.deployment import Deployment, opened

EPOCHS = ("session_epoch", "key_epoch")
"""What ends sessions, links and keys of a user when it is raised, and revives them when it goes back."""

USERS, API_KEYS = "users", "api-keys"
"""What can be restored. Of the other tables an older state is worse than none: it has what has ended or been used."""


@click.command("restore-table")
@click.argument("table", type=click.Choice((USERS, API_KEYS)))
@click.argument("restored")
@click.pass_context
def restore_table(context: click.Context, *, table: str, restored: str) -> None:
    """Make TABLE hold what the table RESTORED holds, such as one of a backup, and nothing else.

    With the users all sessions end, links and API keys that were ended since stay so, and invitations stay as they are.
    With the API keys those are back that were deleted or rotated since. It may be run again.
    """
    deployment = opened(context)
    target = {USERS: deployment.users_table, API_KEYS: deployment.api_keys_table}[table]
    click.confirm(f"Replace what is in {target} by what is in {restored}?", abort=True, err=True)
    if table == USERS:
        _end_all_sessions(deployment)
    copied = sum(copy_items(deployment.client, restored, target, _merge_of(table)))
    deleted = sum(delete_others(deployment.client, restored, target))
    click.echo(f"{copied:,} items copied, and {deleted:,} deleted that were not there", err=True)
    if table == USERS:
        _end_all_sessions(deployment)


def _merge_of(table: str) -> Merge:
    return partial(_restored_user_item, now()) if table == USERS else _as_it_was


def _as_it_was(item: Wire, _present: Wire | None) -> Wire:
    return item


def _restored_user_item(at: int, item: Wire, present: Wire | None) -> Wire | None:
    """Return an item of the users as it is restored: epochs never go back, and invitations are not restored.

    A user that is there no more gets the time of the restore for an epoch, which counting from 0 never came near.
    """
    kind = item["sk"]["S"]
    if kind.startswith(INVITATION):
        return None
    if kind != PROFILE:
        return item
    return {**item, **{name: {"N": str(_epoch(name, at, item, present))} for name in EPOCHS}}


def _epoch(name: str, at: int, item: Wire, present: Wire | None) -> int:
    return at if present is None else max(int(present[name]["N"]), int(item[name]["N"]))


@click.command("end-all-sessions")
@click.pass_context
def end_all_sessions(context: click.Context) -> None:
    """Sign everybody out, at once. API keys stay."""
    deployment = opened(context)
    click.confirm(f"Delete every session in {deployment.sessions_table}?", abort=True, err=True)
    _end_all_sessions(deployment)


def _end_all_sessions(deployment: Deployment) -> None:
    click.echo(f"{sum(delete_all(deployment.client, deployment.sessions_table)):,} sessions ended", err=True)
