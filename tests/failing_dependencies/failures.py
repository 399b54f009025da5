"""The ways in which AWS fails, and who meets which of them."""

from collections.abc import Mapping, Sequence

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from tests.aws_calls import Disturbance, raising, refused
from tests.speakers import CONTRACTS

AWS = "https://aws.example"

PASSING: Mapping[str, Disturbance] = {
    "throttled": refused(400, "ThrottlingException"),
    "over the table's capacity": refused(400, "ProvisionedThroughputExceededException"),
    "over the account's": refused(400, "RequestLimitExceeded"),
    "broken": refused(500, "InternalServerError"),
    "away": refused(503, "ServiceUnavailable"),
    "broken in a way not known yet": refused(502, "SomethingNew"),
    "silent": raising(ReadTimeoutError(endpoint_url=AWS)),
    "unreachable": raising(ConnectTimeoutError(endpoint_url=AWS)),
    "refusing connections": raising(EndpointConnectionError(endpoint_url=AWS)),
    "closing connections": raising(ConnectionClosedError(endpoint_url=AWS)),
}
OURS: Mapping[str, Disturbance] = {
    "AccessDeniedException": refused(400, "AccessDeniedException"),
    "ResourceNotFoundException": refused(400, "ResourceNotFoundException"),
    "NoCredentialsError": raising(NoCredentialsError()),
}


def some(failures: Mapping[str, Disturbance], contract: str) -> Mapping[str, Disturbance]:
    """Return all failures for `standard`, and one for each other contract: they meet them by the same code."""
    if contract == "standard":
        return failures
    name = list(failures)[CONTRACTS.index(contract) % len(failures)]
    return {name: failures[name]}


def on_some(endpoints: Sequence[str], everywhere: Sequence[str]) -> list[tuple[str, str]]:
    """Return all endpoints on `standard`, and those that are to be tried `everywhere` on each other contract."""
    return [
        (contract, endpoint)
        for contract in CONTRACTS
        for endpoint in (endpoints if contract == "standard" else everywhere)
    ]


WRITES = {
    "register": "TransactWriteItems",
    "session_login": "PutItem",
    "refresh": "UpdateItem",
    "verify_email": "TransactWriteItems",
    "forgot_password": "UpdateItem",
    "end_session": "DeleteItem",
    "session_logout": "DeleteItem",
    "create_key": "PutItem",
    "rotate_key": "UpdateItem",
    "delete_key": "DeleteItem",
    "update_user": "TransactWriteItems",
    "end_user_sessions": "TransactWriteItems",
    "update_member": "TransactWriteItems",
    "remove_member": "TransactWriteItems",
    "invite": "PutItem",
    "revoke_invitation": "DeleteItem",
    "accept_invitation": "TransactWriteItems",
    "leave_account": "TransactWriteItems",
    "reset_password": "TransactWriteItems",
    "end_other_sessions": "TransactWriteItems",
    "change_password": "TransactWriteItems",
    "logout": "DeleteItem",
    "update_me": "TransactWriteItems",
    "delete_me": "TransactWriteItems",
}
"""The write by which each endpoint does its deed."""
