"""One contract's whole suite once more, so that what moto accepts and answers is what Amazon's engine does.

Refresh tokens are replaced when they are used, and who registers logs in afterwards.
"""

import pytest

from tests.contracts.test_standard import TestStandard

__all__ = ["TestStandard"]

pytestmark = pytest.mark.no_cover  # the same calls are measured over moto
