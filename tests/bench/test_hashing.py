"""How long a hash takes by memory, and which memory the functions that hash have."""

import pytest

from bench.hashing import MEMORY_OF_ONE_PROCESSOR, SIZES, modelled
from local.template import load_deployment
from tests.hashing import HASHING

FUNCTIONS = load_deployment().functions


@pytest.mark.parametrize("name", sorted(HASHING))
def test_functions_that_hash_have_one_processor(name: str) -> None:
    """Less makes whoever logs in wait longer for the same money, and more is paid for and idles."""
    assert FUNCTIONS[name].memory == MEMORY_OF_ONE_PROCESSOR


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - HASHING))
def test_no_other_function_has_as_much(name: str) -> None:
    """Those wait for DynamoDB more than they compute."""
    assert FUNCTIONS[name].memory < MEMORY_OF_ONE_PROCESSOR


def test_half_a_processor_takes_twice_as_long_and_two_take_no_less() -> None:
    """One thread computes a hash."""
    times = modelled(25)
    assert list(times) == list(SIZES)
    assert times[MEMORY_OF_ONE_PROCESSOR] == times[3008] == 25
    assert times[512] == pytest.approx(25 * 1769 / 512)
