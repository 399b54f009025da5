"""Hashes that other software made, with their passwords: what it publishes to test itself and others by."""

from types import MappingProxyType
from typing import NamedTuple


class Known(NamedTuple):
    """An encoded hash and the password behind it."""

    encoded: str
    password: str


KNOWN = MappingProxyType(
    {
        # The reference implementation of Argon2, src/test.c
        "argon2i": Known(
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"
        ),
        "argon2i of version 16": Known(
            "$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs", "password"
        ),
        "argon2i that names version 16": Known(
            "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY", "password"
        ),
        "argon2id": Known(
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"
        ),
        # CyberChef, tests of its operation Argon2
        "argon2d": Known(
            "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8", "password"
        ),
        # Django, tests/auth_tests/test_hashers.py
        "Django's argon2i": Known("argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", "secret"),
        "Django's argon2i of version 16": Known(
            "argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ"
            "$gwQOXSNhxiOxPOA0+PY10P9QFO4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg",
            "secret",
        ),
        "Django's argon2id": Known(
            "argon2$argon2id$v=19$m=102400,t=2,p=8$Y041dExhNkljRUUy$TMa6A8fPJhCAUXRhJXCXdw", "secret"
        ),
        "Django's pbkdf2 with sha256": Known(
            "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=", "lètmein"
        ),
        "Django's pbkdf2 with sha1": Known("pbkdf2_sha1$390000$seasalt2$aDapRanzW8aHTz97v2TcfHzWD+I=", "lètmein"),
        "Django's scrypt": Known(
            "scrypt$16384$seasalt$8$1"
            "$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==",
            "lètmein",
        ),
        # The crate djangohashers, its tests
        "Django's bcrypt": Known(
            "bcrypt$$2b$12$LZSJchsWG/DrBy1erNs4ee31eJ7DaWiuwhDOC7aqIyqGGggfu6Y/.", "ExjGmyUT73bFoT"
        ),
        "Django's bcrypt over sha256": Known(
            "bcrypt_sha256$$2b$12$LZSJchsWG/DrBy1erNs4eeYo6tZNlLFQmONdxN9HPesa1EyXVcTXK", "ExjGmyUT73bFoT"
        ),
        # Openwall's crypt_blowfish, wrapper.c
        "bcrypt 2a": Known("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        "bcrypt 2a of more than 72 bytes": Known(
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
        ),
        # Zitadel's passwap, made with Passlib
        "bcrypt 2b": Known("$2b$12$bIRGj4QPPoSUMWsJE.4Pk.T1qTpDWz7HhMnuiQhGzGinKPsx/HQdq", "password"),
        "bcrypt 2y": Known("$2y$12$hXUrnqdq1RIIYZ2HPytIIe5lXdIvbhqrTvdPsSF7o.jFh817Z6lwm", "password"),
        # Passlib, its documentation
        "Passlib's scrypt": Known(
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"
        ),
    }
)
