"""Which deployment a command is about: a stack of CloudFormation, or what `make run` runs on this machine."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError
from keyfob.crypto.passwords import PasswordHasher
from keyfob.store.bulk import Bulk
from keyfob.store.client import bulk_dynamodb_client, error_code
from keyfob.store.users import Users

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient

USERS = "UsersTable"
SESSIONS = "SessionsTable"
API_KEYS = "ApiKeysTable"
HASHING = "PasswordHashing"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment's tables, by which its functions and the commands work together, and how it hashes passwords."""

    client: "DynamoDBClient"
    users_table: str
    sessions_table: str
    api_keys_table: str
    password_hashing: str

    @property
    def users(self) -> Users:
        """Its users, one at a time."""
        return Users(self.client, self.users_table)

    @property
    def bulk(self) -> Bulk:
        """Its users, many at a time."""
        return Bulk(self.client, users_table=self.users_table, api_keys_table=self.api_keys_table)

    @property
    def passwords(self) -> PasswordHasher:
        """What hashes passwords as its functions do."""
        return PasswordHasher(self.password_hashing)


def opened(context: click.Context) -> Deployment:
    """Return the deployment that a command is about, for as long as the command takes."""
    chosen: AbstractContextManager[Deployment] = context.obj
    return context.with_resource(chosen)


class Undecided(AbstractContextManager["Deployment"]):
    """No deployment, since nobody said which; a command that only explains itself opens none."""

    def __enter__(self) -> "Deployment":
        """Refuse to be opened."""
        raise click.UsageError("say which deployment: --stack NAME or --local")

    def __exit__(self, *_: object) -> None:
        """Close nothing."""


@contextmanager
def deployed(stack: str) -> Iterator[Deployment]:
    """Find a stack's tables; AWS credentials and the region are the environment's.

    Raises `click.ClickException` where there is no such stack, or it is none of Keyfob's.
    """
    from boto3 import Session

    cloudformation = Session().client("cloudformation")
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        users, sessions, api_keys = (_physical(cloudformation, stack, each) for each in (USERS, SESSIONS, API_KEYS))
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        raise click.ClickException(error.response["Error"]["Message"]) from error
    hashing = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}[HASHING]
    yield Deployment(bulk_dynamodb_client(), users, sessions, api_keys, hashing)


@contextmanager
def on_this_machine() -> Iterator[Deployment]:
    """Find the tables of what `make run` runs; raises `click.ClickException` where it does not run."""
    from local.announcement import NothingRuns, current_announcement
    from local.aws import connected

    try:
        laptop = current_announcement()
    except NothingRuns as error:
        raise click.ClickException(str(error)) from error
    with connected(laptop.dynamodb_url):
        tables = laptop.tables
        users, sessions, api_keys = tables[USERS], tables[SESSIONS], tables[API_KEYS]
        yield Deployment(bulk_dynamodb_client(), users, sessions, api_keys, laptop.password_hashing)


def _physical(cloudformation: "CloudFormationClient", stack: str, logical_id: str) -> str:
    """Return a resource's own name. Resources are asked for one by one: a list holds only the first hundred."""
    answer = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    return answer["StackResourceDetail"]["PhysicalResourceId"]
