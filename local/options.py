"""What `make run` takes from its command line, by way of the environment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

DEFAULT_CONTRACT = "standard"
DEFAULT_PORT = 8000
_DYNAMODB = ("moto", "local")
_LAST_PORT = 65535


class InvalidOption(ValueError):
    """An option has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Options:
    """The contract at the root, the port (0 for any free one), and whether data outlive the server."""

    contract: str
    port: int
    keeps_data: bool

    @classmethod
    def of(cls, environment: Mapping[str, str], contracts: Collection[str]) -> "Options":
        """Read `CONTRACT`, `PORT` and `DYNAMODB`; an empty one has its default. Raises `InvalidOption`."""
        contract = environment.get("CONTRACT") or DEFAULT_CONTRACT
        if contract not in contracts:
            raise InvalidOption(f"CONTRACT is {contract!r}, and not one of {', '.join(sorted(contracts))}")
        dynamodb = environment.get("DYNAMODB") or _DYNAMODB[0]
        if dynamodb not in _DYNAMODB:
            raise InvalidOption(f"DYNAMODB is {dynamodb!r}, and not one of {', '.join(_DYNAMODB)}")
        return cls(contract, _port(environment.get("PORT") or str(DEFAULT_PORT)), dynamodb == "local")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _LAST_PORT:
        raise InvalidOption(f"PORT is {text!r}, and not a port")
    return int(text)
