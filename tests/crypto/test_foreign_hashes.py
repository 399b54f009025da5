"""Hashes that other systems made: verified within bounds, never made, and always replaced."""

import re
from hashlib import sha256

import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2
from hypothesis import given, settings
from hypothesis import strategies as st
from keyfob.crypto.foreign_hashes import MODULES, UnsupportedHash, check_encoded
from keyfob.crypto.passwords import PARAMETER_SETS, PasswordHasher
from werkzeug.security import generate_password_hash

from tests.crypto.known_hashes import KNOWN

HASHER = PasswordHasher("test")

COMPOSED, TYPED = "pa\u00dfw\u00f6rter", "pa\u00dfwo\u0308rter"
"""A password in our form NFC, and the same as a keyboard may give it."""

DIGEST = "A" * 43
BCRYPT = KNOWN["bcrypt 2a"].encoded
DJANGO_SCRYPT = KNOWN["Django's scrypt"].encoded

CHEAP = [
    *(KNOWN[name].encoded for name in ("argon2i", "argon2i of version 16", "argon2id", "argon2d")),
    *(generate_password_hash("password", method) for method in ("scrypt:1024:8:1", "pbkdf2:sha256:1000")),
]
"""Hashes of one password that are fast to verify."""

TOO_DEAR = {
    "scrypt of blocks too wide": "scrypt:1024:64:1$saltsalt$" + "00" * 64,
    "argon2's memory": f"$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2's passes": f"$argon2id$v=19$m=64,t=17,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2's passes without end": f"$argon2id$v=19$m=262144,t=4294967295,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2's lanes": f"$argon2id$v=19$m=65536,t=1,p=17$c29tZXNhbHQ${DIGEST}",
    "bcrypt's cost": BCRYPT.replace("$05$", "$16$"),
    "bcrypt's cost without end": BCRYPT.replace("$05$", "$31$"),
    "bcrypt's cost over sha256": f"bcrypt_sha256${BCRYPT.replace('$05$', '$31$')}",
    "scrypt's N": DJANGO_SCRYPT.replace("$16384$", f"${2**18}$"),
    "scrypt's N beyond any memory": DJANGO_SCRYPT.replace("$16384$", f"${2**30}$"),
    "scrypt's r": DJANGO_SCRYPT.replace("$8$1$", "$128$1$"),
    "scrypt's p": DJANGO_SCRYPT.replace("$8$1$", "$8$17$"),
    "scrypt's work": DJANGO_SCRYPT.replace("$16384$", "$131072$").replace("$8$1$", "$8$9$"),
    "scrypt's ln": f"$scrypt$ln=63,r=8,p=1$c29tZXNhbHQ${DIGEST}",
    "Werkzeug's scrypt": f"scrypt:{2**18}:8:1$salt${'00' * 64}",
    "pbkdf2's iterations": KNOWN["Django's pbkdf2 with sha256"].encoded.replace("390000", "3000001"),
    "pbkdf2's iterations without end": KNOWN["Django's pbkdf2 with sha1"].encoded.replace("390000", str(2**30)),
    "Werkzeug's pbkdf2": f"pbkdf2:sha512:{2**30}$salt${'00' * 64}",
}

TOO_CHEAP = {
    "scrypt of few large blocks": "scrypt:512:32:16$saltsalt$" + "00" * 64,
    "argon2's memory": f"$argon2id$v=19$m=15,t=1,p=2$c29tZXNhbHQ${DIGEST}",
    "argon2's salt": f"$argon2id$v=19$m=64,t=1,p=1$c2FsdA${DIGEST}",
    "argon2's digest": "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAA",
    "bcrypt's cost": BCRYPT.replace("$05$", "$03$"),
    "scrypt's memory": DJANGO_SCRYPT.replace("$16384$", "$512$"),
    "scrypt's digest": "scrypt$16384$seasalt$8$1$AAAAAAAA",
    "pbkdf2's iterations": KNOWN["Django's pbkdf2 with sha256"].encoded.replace("390000", "999"),
}

MALFORMED = {
    "argon2 with the parameters of another order": f"$argon2id$v=19$t=1,m=64,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2 of another version": f"$argon2id$v=20$m=64,t=1,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2 without passes": f"$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2 with signs and underscores in numbers": f"$argon2id$v=19$m=+6_4,t=1,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2 with a salt that is no base64": f"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQab${DIGEST}",
    "argon2 with letters beyond ASCII": f"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ${DIGEST}\u00e4",
    "argon2 with digits beyond ASCII": f"$argon2id$v=19$m=\u0666\u0664,t=1,p=1$c29tZXNhbHQ${DIGEST}",
    "argon2 with a line's end": f"{KNOWN['argon2id'].encoded}\n",
    "bcrypt without an end": BCRYPT[:-1],
    "bcrypt with a salt of too many bits": BCRYPT.replace("CC.E5", "CC/E5"),
    "bcrypt with a digest of too many bits": f"{BCRYPT[:-1]}X",
    "Django's bcrypt without bcrypt": "bcrypt$$",
    "scrypt of another order": "scrypt$seasalt$16384$8$1$" + "A" * 86 + "==",
    "scrypt with N that is no power of two": DJANGO_SCRYPT.replace("$16384$", "$16385$"),
    "scrypt with N of 1": DJANGO_SCRYPT.replace("$16384$", "$1$").replace("$8$1$", "$16384$1$"),
    "scrypt with N too large for r": DJANGO_SCRYPT.replace("$16384$", "$65536$").replace("$8$1$", "$1$1$"),
    "scrypt without a salt": DJANGO_SCRYPT.replace("seasalt", ""),
    "scrypt with a digest that is no base64": "scrypt$16384$seasalt$8$1$" + "A" * 85,
    "Werkzeug's scrypt with half a byte": f"scrypt:16384:8:1$salt${'0' * 127}",
    "pbkdf2 with half a digest": "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5w==",
    "pbkdf2 without iterations": "pbkdf2_sha256$",
    "pbkdf2 with negative iterations": KNOWN["Django's pbkdf2 with sha256"].encoded.replace("390000", "-390000"),
    "pbkdf2 with more digits than Python reads": f"pbkdf2:sha256:{'9' * 5000}$salt${'00' * 32}",
    "Werkzeug's pbkdf2 with another digest": f"pbkdf2:md5:390000$salt${'00' * 16}",
}

UNKNOWN = ["", "!", "secret", "$", "$2x$05$" + BCRYPT[7:], "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"]


@pytest.mark.parametrize("name", KNOWN)
def test_what_other_software_hashed_verifies(name: str) -> None:
    """A hash from each scheme's own tests is that of its password, of no other, and fit for import."""
    encoded, password = KNOWN[name]
    check_encoded(encoded)
    assert HASHER.verify(encoded, password)
    assert not HASHER.verify(encoded, "another password")
    assert not HASHER.verify(encoded, "")


@pytest.mark.parametrize(
    "method", ["scrypt", "scrypt:16384:8:2", "pbkdf2", "pbkdf2:sha1:1000", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000"]
)
def test_what_werkzeug_hashes_verifies(method: str) -> None:
    """A hash that Werkzeug makes, by default and with other parameters, is that of its password and of no other."""
    encoded = generate_password_hash("lètmein", method)
    check_encoded(encoded)
    assert HASHER.verify(encoded, "lètmein")
    assert not HASHER.verify(encoded, "letmein")


@pytest.mark.parametrize("name", PARAMETER_SETS)
def test_our_own_hashes_verify_anywhere(name: str) -> None:
    """What was hashed under any of our parameter sets can be imported and verified under any other."""
    encoded = PasswordHasher(name).hash("correct horse")
    check_encoded(encoded)
    assert [PasswordHasher(other).verify(encoded, "correct horse") for other in PARAMETER_SETS] == [True] * 3
    assert not HASHER.verify(encoded, "correct hors")


@pytest.mark.parametrize(
    "encoded", [*(each.encoded for each in KNOWN.values()), *TOO_DEAR.values(), *MALFORMED.values(), *UNKNOWN]
)
def test_whatever_is_not_ours_is_to_be_replaced(encoded: str) -> None:
    """Only an Argon2id hash under our very parameters is not hashed anew."""
    assert HASHER.needs_rehash(encoded)


@pytest.mark.parametrize("name", TOO_DEAR)
def test_a_hash_that_costs_too_much_is_never_run(name: str) -> None:
    """One above a cap is refused at the import, and a stored one is a wrong password without its work being done."""
    with pytest.raises(UnsupportedHash, match="but must be from"):
        check_encoded(TOO_DEAR[name])
    assert HASHER.verify(TOO_DEAR[name], "password") is False


@pytest.mark.parametrize(
    "encoded",
    [
        "$argon2id$v=19$m=262144,t=16,p=16$c29tZXNhbHQ$" + DIGEST,
        BCRYPT.replace("$05$", "$15$"),
        DJANGO_SCRYPT.replace("$16384$", "$131072$").replace("$8$1$", "$8$8$"),
        DJANGO_SCRYPT.replace("$16384$", "$1024$").replace("$8$1$", "$8$16$"),
        KNOWN["Django's pbkdf2 with sha256"].encoded.replace("390000", "3000000"),
        KNOWN["Django's pbkdf2 with sha256"].encoded.replace("390000", "1000"),
    ],
)
def test_a_hash_at_its_bounds_is_taken(encoded: str) -> None:
    """What costs as much, or as little, as is allowed can be imported."""
    check_encoded(encoded)


@pytest.mark.parametrize("name", TOO_CHEAP)
def test_a_hash_that_protects_nothing_is_refused(name: str) -> None:
    """One below a floor is refused, and verifies nothing."""
    with pytest.raises(UnsupportedHash, match="but must be from"):
        check_encoded(TOO_CHEAP[name])
    assert not HASHER.verify(TOO_CHEAP[name], "password")


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_hash_is_refused(name: str) -> None:
    """What has a scheme's beginning and not its form is refused, and verifies nothing."""
    with pytest.raises(UnsupportedHash, match=r"malformed|must be"):
        check_encoded(MALFORMED[name])
    assert HASHER.verify(MALFORMED[name], "password") is False


@pytest.mark.parametrize("encoded", UNKNOWN)
def test_an_unknown_scheme_is_refused(encoded: str) -> None:
    """What no scheme of ours wrote is refused, and verifies nothing: neither does the text itself, as if in clear."""
    with pytest.raises(UnsupportedHash, match="unknown scheme"):
        check_encoded(encoded)
    assert HASHER.verify(encoded, encoded) is False


def test_a_refusal_does_not_show_the_hash() -> None:
    """The message may be printed and logged: it holds neither salt nor digest."""
    for encoded in (*TOO_DEAR.values(), *TOO_CHEAP.values(), *MALFORMED.values()):
        with pytest.raises(UnsupportedHash) as refusal:
            check_encoded(encoded)
        parts = [part for part in re.split(r"[$:]", encoded) if len(part) >= 8 and not part.isdecimal()]
        assert not [part for part in parts if part in str(refusal.value)]


@pytest.mark.parametrize("hashed", [COMPOSED, TYPED])
@pytest.mark.parametrize("typed", [COMPOSED, TYPED])
def test_a_password_matches_in_our_form_or_as_typed(hashed: str, typed: str) -> None:
    """Others hashed what was typed, in whichever form: either is tried, except the one that nobody typed."""
    encoded = generate_password_hash(hashed, "pbkdf2:sha256:1000")
    assert HASHER.verify(encoded, typed) is ((hashed, typed) != (TYPED, COMPOSED))


def test_plain_bcrypt_ignores_what_follows_72_bytes() -> None:
    """As in the system that made the hash, whatever follows is not looked at, even if a letter is cut in two."""
    encoded = bcrypt.hashpw(("a" * 71 + "ä").encode()[:72], bcrypt.gensalt(4)).decode()
    assert HASHER.verify(encoded, "a" * 71 + "ä")
    assert HASHER.verify(encoded, "a" * 71 + "äb")
    assert not HASHER.verify(encoded, "a" * 71)


def test_bcrypt_over_sha256_has_no_such_limit() -> None:
    """Each byte of a password counts where bcrypt is given its digest."""
    encoded = "bcrypt_sha256$" + bcrypt.hashpw(_hex_sha256("a" * 100), bcrypt.gensalt(4)).decode()
    assert HASHER.verify(encoded, "a" * 100)
    assert not HASHER.verify(encoded, "a" * 99)


def test_an_overlong_password_is_not_tried() -> None:
    """A password longer than any of ours is wrong for a foreign hash too."""
    encoded = Argon2(time_cost=1, memory_cost=64, parallelism=1).hash("x" * 10_000)
    assert HASHER.verify(encoded, "x" * 10_000) is False


@given(st.one_of(st.text(), st.builds(str.__add__, st.sampled_from(sorted(MODULES)), st.text("$:=,+/.0189aAv\u0660"))))
def test_no_text_raises_or_lets_in(encoded: str) -> None:
    """Whatever stands where a hash should, the answer is no."""
    assert HASHER.verify(encoded, "password") is False
    assert HASHER.needs_rehash(encoded)


@settings(deadline=None)
@given(encoded=st.sampled_from(CHEAP), place=st.floats(0, 1, exclude_max=True), put=st.characters())
def test_a_hash_with_one_character_changed_verifies_nothing(encoded: str, place: float, put: str) -> None:
    """A damaged hash is not that of its password any more, and raises nothing."""
    index = int(place * len(encoded))
    damaged = encoded[:index] + put + encoded[index + 1 :]
    assert HASHER.verify(damaged, "password") is (damaged == encoded)


def _hex_sha256(text: str) -> bytes:
    return sha256(text.encode()).hexdigest().encode()
