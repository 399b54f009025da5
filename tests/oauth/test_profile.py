"""What people are called elsewhere, cut to what Keyfob takes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from keyfob.contracts.fields import EmailRule, NameRule, UsernameRule
from keyfob.model.user import PersonName
from keyfob.oauth.profile import NO_EMAIL, Email, email, person_name, username

JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=400) | st.lists(st.text(max_size=3), max_size=3)
ADDRESSES = st.emails() | st.from_regex(r"[a-z.+-]{1,70}@[A-Za-z0-9.-]{1,260}", fullmatch=True)


@given(full=JSON, given_name=JSON, family=JSON)
@example(full="\ud800\ufffd\x00", given_name="a" * 150, family="b" * 150)
def test_every_name_could_have_been_typed_here(full: object, given_name: object, family: object) -> None:
    """Whatever a provider says, the name passes the rule for names."""
    name = person_name(full, given_name, family)
    for part in (name.full or "", name.first, name.last):
        assert NameRule().read(part) == part


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (("Ada Lovelace", None, None), PersonName("Ada Lovelace", "Ada", "Lovelace")),
        ((None, "Ada", "Lovelace"), PersonName("Ada Lovelace", "Ada", "Lovelace")),
        (("The Countess", "Ada", None), PersonName("The Countess", "Ada", "")),
        ((" \t ", "", None), PersonName(None, "", "")),
        ((None, None, None), PersonName(None, "", "")),
    ],
)
def test_a_name_is_made_of_what_there_is(told: tuple[object, object, object], name: PersonName) -> None:
    """Parts make a whole, and a whole makes parts, where one is missing."""
    assert person_name(*told) == name


@given(JSON)
def test_every_username_could_have_been_typed_here(text: object) -> None:
    """What does not pass the rule for usernames is none."""
    found = username(text)
    assert found is None or UsernameRule().read(found) == text


@pytest.mark.parametrize(
    ("text", "found"), [("octo-cat_1.x", "octo-cat_1.x"), ("a" * 151, None), ("a\n", None), ("", None)]
)
def test_a_username_is_kept_whole_or_not_at_all(text: str, found: str | None) -> None:
    """Half a username is another one."""
    assert username(text) == found


@given(JSON | ADDRESSES)
@example("ada@example.com\n")
@example("a..b@example.com")
@example("a" * 65 + "@example.com")
def test_no_address_is_let_in_that_could_not_register(text: object) -> None:
    """What is kept of an address has the form that the rule for addresses asks for."""
    found = email(text, verified=True, domains=())
    if found.address is not None:
        assert found.address.isascii()
        assert len(found.address) <= 254
        assert found.address.count("@") == 1
        assert not set(found.address) & set('\r\n\t <>(),;:\\"[]')
        assert ".." not in found.address


@pytest.mark.parametrize("text", ["ada@example.com", "a.b+c@Sub.Example.CO.UK", "o'hara@xn--bcher-kva.de"])
def test_ordinary_addresses_are_kept(text: str) -> None:
    """With the domain in lower case, as at registration."""
    assert email(text, verified=True, domains=()) == Email(EmailRule().read(text), is_verified=True)


@pytest.mark.parametrize(
    "text", [None, "", "ada", "ada@localhost", "@example.com", "a@b@example.com", "a@-x.com", "ä@example.com"]
)
def test_what_is_no_address_is_not_verified(text: object) -> None:
    """There is nothing to vouch for."""
    assert email(text, verified=True, domains=()) == NO_EMAIL


@pytest.mark.parametrize(
    ("domains", "is_verified"),
    [((), True), (("example.com",), True), (("acme.example",), False), (("ample.com",), False)],
)
def test_a_provider_vouches_for_its_own_domains_alone(domains: tuple[str, ...], is_verified: bool) -> None:  # noqa: FBT001
    """An address at another domain is told, and not vouched for."""
    assert email("ada@Example.com", verified=True, domains=domains) == Email("ada@example.com", is_verified)
