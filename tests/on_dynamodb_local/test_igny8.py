"""The contract's whole suite once more, so that what moto accepts and answers is what Amazon's engine does."""

from tests.contracts.test_igny8 import TestIgny8

__all__ = ["TestIgny8"]
