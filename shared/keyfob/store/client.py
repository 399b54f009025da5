"""AWS clients, and their failures in our own words.

Clients come from botocore rather than boto3: the same low-level client without boto3's resources and S3 transfers,
which a start-up would pay for (docs/decisions/0012-start-up.md).
"""

import random
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

from keyfob.errors import Unavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient

R = TypeVar("R")

SERVER_FAULT = 500
CONFLICT_ATTEMPTS = 8
CONFLICT_BASE_SECONDS = 0.02

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 4},
    tcp_keepalive=True,
)

_TRANSIENT = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


@cache
def _session() -> Session:
    return get_session()


def dynamodb_client() -> "DynamoDBClient":
    """Return a new low-level DynamoDB client; endpoint, region and credentials are the environment's."""
    client: DynamoDBClient = _session().create_client("dynamodb", config=_CONFIG)  # type: ignore[assignment]  # botocore types every client as its base
    return client


def secrets_client() -> "SecretsManagerClient":
    """Return a new low-level Secrets Manager client; endpoint, region and credentials are the environment's."""
    client: SecretsManagerClient = _session().create_client("secretsmanager", config=_CONFIG)  # type: ignore[assignment]  # as above
    return client


def available(operation: Callable[[], R]) -> R:
    """Return what `operation` returns; what may pass by itself raises `Unavailable`, anything else its own error."""
    try:
        return operation()
    except ClientError as error:
        if is_transient(error):
            raise Unavailable(str(error)) from error
        raise
    except BotoCoreError as error:
        raise Unavailable(str(error)) from error


def is_transient(error: ClientError) -> bool:
    """Tell whether the same call may succeed later: throttles, conflicts and faults of the service."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in _TRANSIENT or status >= SERVER_FAULT


def error_code(error: ClientError) -> str:
    """Return the service's own code of `error`."""
    return error.response.get("Error", {}).get("Code", "")


def retried(operation: Callable[[], R], conflicted: Callable[[ClientError], bool]) -> R:
    """Return what `operation` returns, trying again with jitter while another transaction is in its way.

    A conflict says nothing about the item: it is neither a failed condition nor a token used twice.
    """
    for attempt in range(1, CONFLICT_ATTEMPTS):
        try:
            return operation()
        except ClientError as error:
            if not conflicted(error):
                raise
        time.sleep(random.uniform(0, CONFLICT_BASE_SECONDS * 2**attempt))  # noqa: S311 - jitter, not a secret
    return operation()
