"""AWS clients, and their failures in our own words.

Clients come from botocore rather than boto3: the same low-level client without boto3's resources and S3 transfers,
which a start-up would pay for (docs/decisions/0012-start-up.md).
"""

import logging
import random
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.session import Session, get_session

from keyfob.errors import Unavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sqs import SQSClient

R = TypeVar("R")

Refusal = ClientError
"""What AWS answers to a call that it will not do, now or later."""

CONDITION_FAILED = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
SERVER_FAULT = 500
CONFLICT_ATTEMPTS = 7
CONFLICT_BASE_SECONDS = 0.02

# At DEBUG, which a deployment may ask for, botocore logs what it sends and receives: keys, hashes and addresses.
# At INFO it tells each start-up where it found its credentials.
logging.getLogger("botocore").setLevel(logging.WARNING)

# All attempts and the waits between them together end before a function's time does: a function that is killed cannot
# answer 503, and loses the keys it holds.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=64,
    tcp_keepalive=True,
)

# A call of DynamoDB has been tried once when botocore begins (quick_calls.py).
_QUICK = Config(retries={"mode": "standard", "total_max_attempts": 2})

# SES has no token that makes a repeated call harmless: an answer that is lost must not send a mail twice. The queue
# tries again what SES did not take.
_PATIENT = Config(read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1})

# Commands have time, and send a hundred items at once: checking those before they are sent takes half the work.
_BULK = Config(read_timeout=30, parameter_validation=False)

_TRANSIENT = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "RequestThrottled",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


@cache
def _session() -> Session:
    return get_session()


@cache
def _dynamodb_session() -> Session:
    from keyfob.store.quick_calls import quicken

    session = _session()
    quicken(session)
    return session


def dynamodb_client() -> "DynamoDBClient":
    """Return a new low-level DynamoDB client; endpoint, region and credentials are the environment's."""
    client: DynamoDBClient = _dynamodb_session().create_client("dynamodb", config=_CONFIG.merge(_QUICK))  # type: ignore[assignment]  # botocore types every client as its base
    return client


def bulk_dynamodb_client() -> "DynamoDBClient":
    """Return the same for commands, which read and write much at once, and may wait for it."""
    client: DynamoDBClient = _dynamodb_session().create_client("dynamodb", config=_CONFIG.merge(_QUICK).merge(_BULK))  # type: ignore[assignment]  # as above
    return client


def secrets_client() -> "SecretsManagerClient":
    """Return a new low-level Secrets Manager client; endpoint, region and credentials are the environment's."""
    client: SecretsManagerClient = _session().create_client("secretsmanager", config=_CONFIG)  # type: ignore[assignment]  # as above
    return client


def sqs_client() -> "SQSClient":
    """Return a new low-level SQS client; endpoint, region and credentials are the environment's."""
    client: SQSClient = _session().create_client("sqs", config=_CONFIG)  # type: ignore[assignment]  # as above
    return client


def ses_client() -> "SESV2Client":
    """Return a new low-level SES client (API version 2); endpoint, region and credentials are the environment's."""
    client: SESV2Client = _session().create_client("sesv2", config=_CONFIG.merge(_PATIENT))  # type: ignore[assignment]  # as above
    return client


def events_client() -> "EventBridgeClient":
    """Return a new low-level EventBridge client; endpoint, region and credentials are the environment's."""
    client: EventBridgeClient = _session().create_client("events", config=_CONFIG)  # type: ignore[assignment]  # as above
    return client


def available(operation: Callable[[], R]) -> R:
    """Return what `operation` returns, trying again with jitter while another transaction is in its way.

    A conflict says nothing about the item: it is neither a failed condition nor a token used twice. What may pass by
    itself raises `Unavailable`, anything else its own error.
    """
    for attempt in range(CONFLICT_ATTEMPTS):
        if attempt:
            pause(CONFLICT_BASE_SECONDS * 2**attempt)
        try:
            return operation()
        except ClientError as error:
            if is_transient(error):
                raise Unavailable(f"{error.operation_name}: {error_code(error)}") from error
            if not is_conflict(error):
                raise
        except (NoConnection, HTTPClientError) as error:
            raise Unavailable(type(error).__name__) from error
    raise Unavailable("another transaction was in the way each time")


def pause(longest: float) -> None:
    """Wait up to `longest` seconds, so that those who collided do not meet again."""
    time.sleep(random.uniform(0, longest))  # nosec B311 # noqa: S311 - jitter, not a secret


def is_transient(error: ClientError) -> bool:
    """Tell whether the same call may succeed later: throttles, and faults of the service."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in _TRANSIENT or status >= SERVER_FAULT


def error_code(error: ClientError) -> str:
    """Return the service's own code of `error`."""
    return error.response.get("Error", {}).get("Code", "")


def is_conflict(error: ClientError) -> bool:
    """Tell whether nothing but another transaction was in the way."""
    reasons = cancellation_reasons(error)
    conflicted = CONFLICT in reasons and CONDITION_FAILED not in reasons
    return conflicted or error_code(error) == "TransactionConflictException"


def cancellation_reasons(error: ClientError) -> list[str]:
    """Return why each item of a transaction was refused, in the order sent; empty for any other failure."""
    return [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
