"""Wrong passwords of one account: after some of them the next guess waits, longer each time, and never for good."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from keyfob.errors import Throttled
from keyfob.model.throttle import Allowance
from keyfob.service.throttling import PasswordGate
from keyfob.store.failures import Failures, Streak

from tests.fakes import TIME
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.mail_tokens import emailed
from tests.speakers import CONTRACTS, speaker
from tests.throttles import AS_DEPLOYED, TOO_MANY, new_ip, pass_time, wait

WRONG = "not-the-password"
ANOTHER = "another-password"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment with the limits that one has by default."""
    with running_house(AS_DEPLOYED) as running:
        yield running


@dataclass(frozen=True)
class Owner:
    """Somebody with an account, and those who guess its password; every request comes from an address of its own."""

    house: House
    contract: str
    username: str
    token: str

    @property
    def email(self) -> str:
        """The email address."""
        return f"{self.username}@example.com"

    def log_in(self, password: str, identifier: str = "", endpoint: str = "login") -> Reply:
        """Log in, by the email address if by no other."""
        return log_in(self.house, self.contract, identifier or self.email, password, endpoint)

    def guess(self, times: int = 5) -> list[int]:
        """Return the statuses of so many logins with a wrong password."""
        return [self.log_in(WRONG).status for _ in range(times)]

    def call(self, endpoint: str, body: dict[str, str]) -> Reply:
        """Send something as who is signed in."""
        return self.house.client(self.contract).call(endpoint, body, token=self.token, source_ip=new_ip())


def log_in(house: House, contract: str, identifier: str, password: str, endpoint: str = "login") -> Reply:
    """Log in from an address that has done nothing before."""
    talk = speaker(contract, house)
    return talk.client.call(endpoint, talk.login_body(identifier, password), source_ip=new_ip())


def owner(house: House, contract: str = "standard") -> Owner:
    """Register somebody new."""
    talk, username = speaker(contract, house), unique("Owner")
    body = talk.register_body(username, f"{username}@example.com")
    assert talk.client.call("register", body, source_ip=new_ip()).status == 201
    login = log_in(house, contract, f"{username}@example.com", PASSWORD)
    return Owner(house, contract, username, talk.access_token(login))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_after_five_wrong_passwords_even_the_right_one_waits(contract: str, house: House) -> None:
    """Five are told that they are wrong; then nobody learns anything for half a minute."""
    ada = owner(house, contract)
    assert ada.guess() == [401] * 5
    for password in (WRONG, PASSWORD):
        refusal = ada.log_in(password)
        assert (refusal.status, speaker(contract, house).error(refusal)) == (429, TOO_MANY)
        assert refusal.headers["ratelimit-limit"] == "5"
        assert 28 <= wait(refusal) <= 30
    pass_time(house, 30)
    assert ada.log_in(PASSWORD).status == 200


def test_waits_double_up_to_a_quarter_of_an_hour_and_never_end_for_good(house: House) -> None:
    """After each wait one guess is looked at, and each wrong one doubles the next wait; the owner still gets in."""
    ada = owner(house)
    ada.guess()
    for seconds in (30, 60, 120, 240, 480, 900, 900, 900):
        assert seconds - 2 <= wait(ada.log_in(WRONG)) <= seconds
        pass_time(house, seconds - 3)
        assert ada.log_in(PASSWORD).status == 429
        pass_time(house, 3)
        assert ada.guess(2) == [401, 429]
    pass_time(house, 900)
    assert ada.log_in(PASSWORD).status == 200


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_stranger_cannot_tell_whether_an_account_exists(contract: str, house: House) -> None:
    """Guesses at an unknown identifier are answered, counted and made to wait as those at a known one."""
    nobody, username = f"{unique()}@example.com", unique("nobody")
    talk = speaker(contract, house)
    courses = []
    for identifier in (owner(house, contract).email, nobody, username):
        replies = [log_in(house, contract, identifier, WRONG) for _ in range(7)]
        pass_time(house, 30)
        replies += [log_in(house, contract, identifier, WRONG) for _ in range(2)]
        courses.append([(reply.status, talk.error(reply), frozenset(reply.headers)) for reply in replies])
        assert 58 <= wait(replies[-1]) <= 60
    assert courses[0] == courses[1] == courses[2]
    assert [status for status, *_ in courses[0]] == [401] * 5 + [429] * 2 + [401, 429]


def test_an_unknown_identifier_is_one_however_it_is_written(house: House) -> None:
    """Case and outer blanks, which make no difference to a known identifier, make none to an unknown one."""
    name = unique("nobody")
    for identifier in (name, name.upper(), f" {name}", f"{name} ", name.title()):
        assert log_in(house, "standard", identifier, WRONG).status == 401
    assert log_in(house, "standard", name, WRONG).status == 429


def test_an_identifier_reaches_no_other_count(house: House) -> None:
    """Who logs in with a user's id makes nobody wait, wherever guesses are counted by the id."""
    ada = owner(house)
    user = house.users.find(ada.email)
    assert user is not None
    assert [log_in(house, "standard", user.id, WRONG).status for _ in range(6)] == [401] * 5 + [429]
    assert ada.call("change_password", {"current_password": PASSWORD, "new_password": ANOTHER}).status == 200


def test_email_and_username_are_counted_apart(house: House) -> None:
    """One that waits when the other was guessed at would tell that both belong to an account, and so that it exists."""
    ada = owner(house)
    assert [ada.log_in(WRONG, name).status for name in [ada.email, ada.email.upper()] * 3] == [401] * 5 + [429]
    assert [ada.log_in(WRONG, name).status for name in [ada.username, ada.username.lower()] * 3] == [401] * 5 + [429]


def test_all_contracts_share_the_count(house: House) -> None:
    """An account has as many guesses, whichever contract it is guessed on."""
    ada = owner(house)
    assert [log_in(house, contract, ada.email, WRONG).status for contract in CONTRACTS] == [401] * 5
    assert {log_in(house, contract, ada.email, PASSWORD).status for contract in CONTRACTS} == {429}


def test_both_ways_to_log_in_share_the_count(house: House) -> None:
    """Who wants a cookie has no guesses besides those of who wants tokens."""
    ada = owner(house)
    ways = ("login", "session_login")
    assert [ada.log_in(WRONG, endpoint=ways[number % 2]).status for number in range(5)] == [401] * 5
    refusals = [ada.log_in(PASSWORD, endpoint=way) for way in ways]
    assert {reply.status for reply in refusals} == {429}
    assert {28 <= wait(reply) <= 30 for reply in refusals} == {True}


def test_whoever_is_signed_in_has_a_count_of_its_own(house: House) -> None:
    """All that asks for the current password shares one, which guesses at the front door do not use up."""
    ada = owner(house)
    ada.guess(6)
    change, wish = {"new_password": ANOTHER}, {"email": f"new-{ada.email}"}
    wrong = {"current_password": WRONG}
    replies = [ada.call("change_password", {**change, **wrong}) for _ in range(2)]
    replies += [ada.call("update_me", {**wish, **wrong}) for _ in range(2)]
    replies.append(ada.call("update_me", wish))
    assert {reply.status for reply in replies} == {400}
    right = {"current_password": PASSWORD}
    refusals = [ada.call("change_password", {**change, **right}), ada.call("update_me", {**wish, **right})]
    assert {reply.status for reply in refusals} == {429}
    assert {28 <= wait(reply) <= 30 for reply in refusals} == {True}


def test_what_needs_no_password_does_not_wait(house: House) -> None:
    """Guesses at its password keep nobody from the sessions that it has, nor from a link for a new password."""
    ada = owner(house)
    ada.guess(6)
    assert house.client("standard").call("me", token=ada.token).status == 200
    assert ada.call("update_me", {"full_name": "Ada"}).status == 200
    assert ada.call("forgot_password", {"email": ada.email}).status == 200
    assert ada.call("send_verification", {"email": ada.email}).status == 200


@pytest.mark.parametrize("wrong", [1, 4])
def test_a_right_password_resets_the_count(wrong: int, house: House) -> None:
    """After it there are five wrong ones again."""
    ada = owner(house)
    assert ada.guess(wrong) == [401] * wrong
    assert ada.log_in(PASSWORD).status == 200
    assert ada.guess(6) == [401] * 5 + [429]


def test_a_right_password_after_a_wait_resets_it(house: House) -> None:
    """Who got in after a wait begins anew."""
    ada = owner(house)
    ada.guess(6)
    pass_time(house, 30)
    assert ada.log_in(PASSWORD).status == 200
    assert ada.guess(6) == [401] * 5 + [429]


def test_a_right_current_password_resets_the_count_of_who_is_signed_in(house: House) -> None:
    """Who gave it to change it has five wrong ones again."""
    ada = owner(house)
    right = {"current_password": PASSWORD, "new_password": PASSWORD}
    wrong = {**right, "current_password": WRONG}
    assert [ada.call("change_password", body).status for body in [wrong] * 4 + [right]] == [400] * 4 + [200]
    assert [ada.call("change_password", wrong).status for _ in range(6)] == [400] * 5 + [429]


@pytest.mark.parametrize("endpoint", ["reset_password", "reset_password_page"])
def test_a_password_that_was_reset_resets_the_count(endpoint: str, house: House) -> None:
    """Who reads the address's mail need not wait for what others have guessed."""
    ada = owner(house)
    ada.guess(6)
    for _ in range(6):
        ada.log_in(WRONG, ada.username)
    token = emailed(house, ada.email, "RESET")
    client = house.client("standard")
    if endpoint == "reset_password":
        reset = client.call(endpoint, {"token": token, "new_password": ANOTHER}, source_ip=new_ip())
    else:
        reset = client.send(
            "POST",
            "/api/v1/auth/reset-password/page",
            body=f"token={token}&password={ANOTHER}".encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            source_ip=new_ip(),
        )
    assert reset.status == 200
    assert {ada.log_in(ANOTHER, name).status for name in (ada.email, ada.username)} == {200}


def test_wrong_passwords_of_yesterday_are_forgotten(house: House) -> None:
    """A day after the last one there are five again, though DynamoDB has deleted nothing."""
    ada = owner(house)
    ada.guess(6)
    pass_time(house, 24 * 3600)
    assert ada.guess(6) == [401] * 5 + [429]


def test_one_accounts_wait_is_no_others(house: House) -> None:
    """Guessing at one account makes no other wait."""
    owner(house).guess(6)
    assert owner(house).guess(1) == [401]


def test_who_is_deactivated_is_told_what_is_left(house: House) -> None:
    """A right password that is refused for another reason is no wrong one, and resets the count as any."""
    ada = owner(house)
    user = house.users.find(ada.email)
    assert user is not None
    house.change_user(user.id, is_active=False)
    ada.guess(4)
    reply = ada.log_in(PASSWORD)
    assert (reply.status, reply.headers["ratelimit-limit"]) == (403, "5")
    assert ada.guess(6) == [401] * 5 + [429]


# What a glance shows is a moment old


class OldNews(Failures):
    """Shows at a glance what was once so."""

    news: Streak | None = None

    def glance(self, account: str, now: int) -> Streak | None:  # noqa: ARG002 - whatever is asked
        """Return the news."""
        return self.news


@pytest.fixture
def failures(house: House) -> OldNews:
    """Failures over the house's table."""
    return OldNews(house.dynamodb, house.deployment.functions["login"].environment["ONE_TIME_TABLE"])


@pytest.mark.parametrize("streak", [Streak(1, TIME), Streak(7, TIME - 1000)])
def test_wrong_passwords_that_are_forgotten_by_now_make_nobody_wait(streak: Streak, failures: OldNews) -> None:
    """A read that does not know yet of the right password a moment ago refuses nobody."""
    failures.news = streak
    gate, account = PasswordGate(failures, 5), unique()
    guess = gate.enter(account, TIME)
    gate.failed(guess, TIME)
    assert Failures.glance(failures, guess.account, TIME) == Streak(1, TIME)


def test_wrong_passwords_that_a_read_has_missed_are_counted(failures: OldNews) -> None:
    """A read that knows of no wrong password yet gives nobody another guess."""
    gate, account = PasswordGate(failures, 2), unique()
    for _ in range(2):
        gate.failed(gate.enter(account, TIME), TIME)
    guess = gate.enter(account, TIME + 10)
    with pytest.raises(Throttled, match="2 wrong passwords") as refusal:
        gate.failed(guess, TIME + 10)
    assert refusal.value.allowance == Allowance(2, 0, 20)


def test_a_guess_that_was_overtaken_waits_as_long_as_the_next(failures: OldNews) -> None:
    """Of two guesses after a wait the second is refused, even if it saw nothing of the first."""
    gate, account = PasswordGate(failures, 1), unique()
    gate.failed(gate.enter(account, TIME), TIME)
    failures.news = Streak(1, TIME)
    gate.enter(account, TIME + 30)
    with pytest.raises(Throttled, match="2 wrong passwords") as refusal:
        gate.enter(account, TIME + 30)
    assert refusal.value.allowance == Allowance(1, 0, 60)


def test_a_wait_that_was_forgiven_meanwhile_is_over(failures: OldNews) -> None:
    """Who saw wrong passwords that a right one has made good since need not wait for them."""
    gate, account = PasswordGate(failures, 2), unique()
    for _ in range(2):
        gate.failed(gate.enter(account, TIME), TIME)
    guess = gate.enter(account, TIME)
    failures.forgive(guess.account, TIME + 30)
    failures.news = Streak(2, TIME)
    assert gate.enter(account, TIME + 30).counted == Streak(1, TIME + 30)
