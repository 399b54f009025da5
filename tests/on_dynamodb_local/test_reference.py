"""The contract's whole suite once more, so that what moto accepts and answers is what Amazon's engine does."""

from tests.contracts.test_reference import TestReference

__all__ = ["TestReference"]
