"""The text of API keys: what is written is read back, and nothing else is read at all."""

import string
import uuid
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyfob.crypto.api_keys import SECRET_BYTES, SLOTS, KeyText, read_api_key, write_api_key
from keyfob.crypto.random import new_id, new_secret

PREFIX = "sk_live_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
OTHERS = " -_.+/=\n\x00\u00e9\u0660\uff11"

contents = st.builds(
    KeyText,
    user_id=st.uuids(version=4).map(str),
    slot=st.integers(0, SLOTS - 1),
    secret=st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES),
)


def new_text() -> str:
    """Return the text of a new key."""
    return write_api_key(PREFIX, KeyText(new_id(), 7, new_secret(SECRET_BYTES)))


def is_read(text: str, prefix: str = PREFIX) -> bool:
    """Tell whether a text could be that of a key."""
    try:
        read_api_key(prefix, text)
    except ValueError:
        return False
    return True


def checksum(text: str) -> str:
    """Return the six digits that a key with this beginning ends in, in this test's own words."""
    number, digits = crc32(text.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits.rjust(6, "0")


@given(contents)
def test_what_is_written_is_read_back(content: KeyText) -> None:
    """Whatever ids and random bits are, the text has one length, and holds all of it."""
    text = write_api_key(PREFIX, content)
    assert len(text) == len(PREFIX) + 62
    assert set(text.removeprefix(PREFIX)) <= set(DIGITS)
    assert read_api_key(PREFIX, text) == content


@given(contents)
def test_a_text_ends_in_its_checksum(content: KeyText) -> None:
    """It is the CRC-32 of all before it, so that scanners for leaked secrets can tell keys from other texts."""
    text = write_api_key(PREFIX, content)
    assert text[-6:] == checksum(text[:-6])


def test_a_key_has_enough_random_bits() -> None:
    """Nobody guesses a secret: it has at least 160 random bits, and each is another."""
    assert SECRET_BYTES * 8 >= 160
    assert len({new_secret(SECRET_BYTES) for _ in range(100)}) == 100


def test_the_extremes_have_a_text() -> None:
    """The smallest and the largest content fit into the digits."""
    for byte in (b"\x00", b"\xff"):
        content = KeyText(str(uuid.UUID(bytes=byte * 16)), byte[0], byte * SECRET_BYTES)
        assert read_api_key(PREFIX, write_api_key(PREFIX, content)) == content


def test_every_mistyped_character_is_noticed() -> None:
    """One character that is another, anywhere, is no key any more, be it a digit or none."""
    text = new_text()
    for position, right in enumerate(text):
        for wrong in set(DIGITS + OTHERS) - {right}:
            assert not is_read(text[:position] + wrong + text[position + 1 :]), (position, wrong)


def test_what_is_missing_added_or_swapped_is_noticed() -> None:
    """A part of a key, a key and more, and one with two neighbours swapped are no keys."""
    text = new_text()
    assert not any(is_read(text[:length]) for length in range(len(text)))
    assert not any(is_read(text[start:]) for start in range(1, len(text)))
    assert not any(is_read(text[:place] + text[place + 1 :]) for place in range(len(text)))
    assert not any(is_read(text[:place] + digit + text[place:]) for place in range(len(text)) for digit in "0Az ")
    swapped = (text[:place] + text[place + 1] + text[place] + text[place + 2 :] for place in range(len(text) - 1))
    assert not any(is_read(each) for each in swapped if each != text)
    assert is_read(text)


@given(contents, st.data())
def test_three_mistyped_neighbours_are_noticed(content: KeyText, data: st.DataObject) -> None:
    """A checksum of 32 bits notices every change that is no longer than that."""
    text = write_api_key(PREFIX, content)
    place = data.draw(st.integers(len(PREFIX), len(text) - 3))
    typed = data.draw(st.text(DIGITS, min_size=3, max_size=3))
    changed = text[:place] + typed + text[place + 3 :]
    assert is_read(changed) == (changed == text)


@pytest.mark.parametrize("prefix", ["sk_test_", "pk_live_", "sk_", "SK_LIVE_", ""])
def test_a_key_of_another_deployment_is_none(prefix: str) -> None:
    """The prefix belongs to the text that the checksum covers: it cannot be exchanged either."""
    text = write_api_key(prefix, KeyText(new_id(), 0, new_secret(SECRET_BYTES)))
    assert is_read(text, prefix)
    assert not is_read(text)
    assert not is_read(PREFIX + text.removeprefix(prefix))


def test_a_number_that_no_content_has_is_none() -> None:
    """The digits can count further than what is stored in them, and no two texts mean the same key."""
    text = PREFIX + "z" * 56
    assert not is_read(text + checksum(text))
    ours = new_text()
    assert is_read(ours[:-6] + checksum(ours[:-6]))


@given(st.text(max_size=100))
def test_any_text_is_judged(text: str) -> None:
    """No text, however odd, is a key or an error of another kind."""
    assert not is_read(text)
    assert not is_read(PREFIX + text)
    assert not is_read((PREFIX + text).ljust(len(PREFIX) + 62, "0")[: len(PREFIX) + 62])
