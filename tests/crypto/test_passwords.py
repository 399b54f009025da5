"""Passwords, their hashes, and the work that a wrong one costs."""

import re

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from keyfob.crypto.passwords import PARAMETER_SETS, PasswordHasher
from keyfob.model.password import MAX_CODE_POINTS

HASHER = PasswordHasher("test")
ENCODED = HASHER.hash("correct horse")


def test_the_default_set_is_owasps() -> None:
    """The set `owasp` is Argon2id with 19 MiB, 2 passes and 1 lane."""
    parameters = extract_parameters(PasswordHasher("owasp").hash("correct horse"))
    assert (parameters.type, parameters.memory_cost) == (Type.ID, 19 * 1024)
    assert (parameters.time_cost, parameters.parallelism) == (2, 1)


def test_a_hash_is_salted() -> None:
    """One password has another hash each time, and each verifies."""
    other = HASHER.hash("correct horse")
    assert other != ENCODED
    assert HASHER.verify(other, "correct horse")
    assert HASHER.verify(ENCODED, "correct horse")


@pytest.mark.parametrize(
    "password", ["", "wrong", "correct horse ", "Correct horse", "x" * MAX_CODE_POINTS, "x" * 10_000]
)
def test_another_password_does_not_verify(password: str) -> None:
    """Nothing but the password is the password."""
    assert not HASHER.verify(ENCODED, password)


def test_a_password_is_brought_into_nfc() -> None:
    """Composed and decomposed letters are the same password; compatibility forms are not."""
    encoded = HASHER.hash("\u00c5ngstr\u00f6m")
    assert HASHER.verify(encoded, "A\u030angstro\u0308m")
    assert not HASHER.verify(HASHER.hash("\u2460"), "1")


@pytest.mark.parametrize("name", PARAMETER_SETS)
def test_nobodys_hash_costs_what_somebodys_does(name: str) -> None:
    """The dummy that stands in for a missing user has the parameters and the sizes of real hashes, and no password."""
    hasher = PasswordHasher(name)
    real, dummy = hasher.hash("correct horse"), hasher._dummy
    assert extract_parameters(dummy) == extract_parameters(real)
    assert not hasher.needs_rehash(dummy)
    assert hasher.verify(None, "correct horse") is False


def test_too_long_a_password_costs_a_hash_and_no_more() -> None:
    """A password that nobody can have is not normalised: the order of marks below would take time squared."""
    marks = "a" + "\u0315\u0300" * 30_000
    assert HASHER.verify(ENCODED, marks) is False


def test_a_broken_hash_verifies_nothing() -> None:
    """A stored hash that is none lets nobody in."""
    assert HASHER.verify("not a hash", "correct horse") is False
    assert HASHER.verify(f"{ENCODED}\u00e4", "correct horse") is False
    assert HASHER.verify(re.sub("argon2id", "argon2d", ENCODED), "correct horse") is False


def test_a_hash_under_other_parameters_is_told() -> None:
    """What was hashed under other parameters wants hashing anew."""
    assert PasswordHasher("owasp").needs_rehash(ENCODED)
    assert not HASHER.needs_rehash(ENCODED)


def test_an_unknown_set_is_an_error() -> None:
    """There is no parameter set but those that have a name."""
    with pytest.raises(KeyError):
        PasswordHasher("fast")
