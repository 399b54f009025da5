"""Every contract's whole suite once more, so that what moto accepts and answers is what Amazon's engine does."""

from tests.contracts.test_igny8 import TestIgny8
from tests.contracts.test_metatag import TestMetatag
from tests.contracts.test_pythonorg import TestPythonorg
from tests.contracts.test_reference import TestReference
from tests.contracts.test_standard import TestStandard

__all__ = ["TestIgny8", "TestMetatag", "TestPythonorg", "TestReference", "TestStandard"]
