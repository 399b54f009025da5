"""The contract's whole suite once more, so that what moto accepts and answers is what Amazon's engine does."""

from tests.contracts.test_pythonorg import TestPythonorg

__all__ = ["TestPythonorg"]
