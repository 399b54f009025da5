"""Functions of a house, deployed anew under other settings over the same tables."""

from collections.abc import Collection
from dataclasses import replace

from local.runtime import Runtime
from tests.house import House


def redeployed(house: House, names: Collection[str], **variables: str) -> House:
    """Return a house of just these functions, freshly imported with other environment variables."""
    functions = {name: house.deployment.functions[name] for name in names}
    changed = {
        name: replace(function, environment={**function.environment, **variables})
        for name, function in functions.items()
    }
    return replace(house, runtime=Runtime(replace(house.deployment, functions=changed)).start())
