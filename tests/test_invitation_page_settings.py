"""The page behind the link in an invitation, as a deployment's settings have it."""

from collections.abc import Iterator

import pytest

from tests.guests import CHOSEN, WRONG, invited_user, newcomer, said
from tests.house import PASSWORD, House, running_house


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment in German that wants addresses verified, and makes who guesses wait after two wrong passwords."""
    with running_house({"Language": "de", "RequireVerifiedEmail": "true", "AccountFailures": "2"}) as running:
        yield running


def test_the_link_proves_the_address(house: House) -> None:
    """Where only verified users may sign in, an unverified one may join: it has the mail, so it is verified then."""
    guest = invited_user(house)
    assert guest.signs_in(PASSWORD) == 403
    assert guest.types(PASSWORD).status == 200
    assert guest.signs_in(PASSWORD) == 200


def test_guesses_count_as_those_at_the_login_do(house: House) -> None:
    """After two wrong passwords who guesses waits, here and at the login, whichever it guessed at."""
    guest = invited_user(house)
    assert [guest.sends(WRONG).status, guest.signs_in(WRONG)] == [400, 401]
    assert [guest.sends(WRONG).status, guest.sends(PASSWORD).status, guest.signs_in(PASSWORD)] == [429] * 3
    assert "Zu viele Versuche." in said(guest.sends(PASSWORD))


def test_the_page_is_in_german_where_the_deployment_is(house: House) -> None:
    """Whoever follows the link reads German, whatever went well or wrong."""
    guest, user = newcomer(house), invited_user(house)
    assert "Sie sind in das Konto „My Account“ eingeladen, als editor." in said(guest.opens())
    assert "Das Passwort muss mindestens 8 Zeichen haben." in said(guest.types("short"))
    assert "Das ist nicht Ihr Passwort." in said(user.types(WRONG))
    assert "Sie gehören jetzt zu dem Konto." in said(guest.types(CHOSEN))
    assert "Dieser Link wurde schon benutzt" in said(guest.opens())
