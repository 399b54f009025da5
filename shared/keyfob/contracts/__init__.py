"""The five wire contracts: how a request is read and an answer is written. Each is imported when first asked for."""

from functools import cache
from importlib import import_module

from keyfob.contracts.base import Contract

NAMES = ("standard", "metatag", "pythonorg", "igny8", "reference")


@cache
def contract_named(name: str) -> Contract:
    """Return the contract called `name`; any other name than those in `NAMES` raises `LookupError`."""
    if name not in NAMES:
        raise LookupError(f"no contract is called {name!r}")
    contract: Contract = import_module(f"keyfob.contracts.{name}").CONTRACT
    return contract
