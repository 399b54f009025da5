"""The deployments whose roles are judged: together they have every statement that the template may write."""

from collections.abc import Mapping

from local.intrinsics import Stack
from local.template import load_stack
from tests.house import PARAMETERS

DEPLOYMENTS: Mapping[str, Mapping[str, str]] = {
    "as the tests deploy it": {},
    "traced": {"Tracing": "Active"},
    "encrypted": {"KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"},
}
"""Parameters besides those of the tests, by what the deployment is called."""


def stack_of(deployment: str) -> Stack:
    """Return the transformed template of one of the deployments."""
    return load_stack({**PARAMETERS, **DEPLOYMENTS[deployment]})
