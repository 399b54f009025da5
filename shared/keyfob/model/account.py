"""Accounts: what users work in together."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["owner", "admin", "editor", "viewer", "developer", "system_bot"]
"""What a user may do in its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A group of users, made with its owner. `number` is its public integer id, below 2**53."""

    id: str
    number: int
    name: str
    slug: str
