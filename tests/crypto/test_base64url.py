"""Base64url in its one canonical form."""

import pytest
from hypothesis import given
from hypothesis.strategies import binary
from keyfob.crypto.base64url import decode, decode_integer, encode


@given(binary(max_size=100))
def test_what_is_encoded_decodes(data: bytes) -> None:
    """Every sequence of bytes has a text, and the text has the bytes."""
    assert decode(encode(data)) == data


@pytest.mark.parametrize("text", ["A", "AB", "AAB", "AA==", "AA=", "A A", "A\n", "+/", "é", "AA.A", "AAAAA"])
def test_any_other_text_is_refused(text: str) -> None:
    """A text with padding, blanks, another alphabet or stray bits is refused."""
    with pytest.raises(ValueError, match=r".*"):
        decode(text)


def test_an_integer_is_big_endian() -> None:
    """`AQAB` is 65537 (RFC 7518, section 6.3.1.2)."""
    assert decode_integer("AQAB") == 65537
