"""`python -m cli`, which is `scripts/keyfob`."""

import click

from cli.admin import admin
from cli.failures import PlainFailures


@click.group(cls=PlainFailures)
def keyfob() -> None:
    """Operate Keyfob, authentication you own."""


keyfob.add_command(admin)

if __name__ == "__main__":
    keyfob(prog_name="keyfob")
