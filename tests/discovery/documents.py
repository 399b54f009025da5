"""The two documents of discovery, and what they are made of."""

from collections.abc import Mapping
from types import MappingProxyType

from keyfob.store.secrets import Secret

from tests.house import House, Reply

CONFIGURATION = "/.well-known/openid-configuration"
JWKS = "/.well-known/jwks.json"
PATHS: Mapping[str, str] = MappingProxyType({"openid_configuration": CONFIGURATION, "jwks": JWKS})
"""Function → path of its document."""


def get(house: House, path: str, contract: str = "standard", **headers: str) -> Reply:
    """Ask for a document on a contract's stage."""
    return house.client(contract).send("GET", path, headers=headers)


def public_keys(house: House) -> Secret:
    """Return the secret with the public keys."""
    return Secret.connect(house.deployment.functions["jwks"].environment["PUBLIC_KEYS_SECRET"])
