"""Limits as strict as on AWS, and time that passes for what they count."""

import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tests.house import House, Reply

AS_DEPLOYED: Mapping[str, str] = MappingProxyType(
    {
        "AnonymousAttempts": "5",
        "SignedInAttempts": "20",
        "StaffAttempts": "100",
        "AccountFailures": "5",
        "MailsPerAddress": "5",
    }
)
"""The limits that a deployment has by default."""

TOO_MANY = "Too many requests, please try again later"
MOMENTS = frozenset({"since", "failed_at", "expires_at"})

MOST_AT_ONCE = 25

_hosts = itertools.count(1)


def new_ip() -> str:
    """Return an IPv4 address that no other test has."""
    number = next(_hosts)
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def pass_time(house: House, seconds: int) -> None:
    """Let `seconds` pass for all that is counted: every moment in the table is so much longer ago."""
    (table,) = [each.name for each in house.deployment.tables if each.name.endswith("OneTimeTable")]
    items = house.items("OneTimeTable")
    for item in items:
        for name in MOMENTS & item.keys():
            item[name] = {"N": str(int(item[name]["N"]) - seconds)}
    for start in range(0, len(items), MOST_AT_ONCE):
        puts: list[Any] = [{"PutRequest": {"Item": item}} for item in items[start : start + MOST_AT_ONCE]]
        assert not house.dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]


def left(reply: Reply) -> tuple[int, int]:
    """Return how many attempts a reply says that there may be, and how many are left."""
    return int(reply.headers["ratelimit-limit"]), int(reply.headers["ratelimit-remaining"])


def wait(reply: Reply) -> int:
    """Return for how many seconds a refusal says to wait, after checking that it says so twice."""
    assert reply.headers["ratelimit-remaining"] == "0"
    assert reply.headers["retry-after"] == reply.headers["ratelimit-reset"]
    return int(reply.headers["retry-after"])
