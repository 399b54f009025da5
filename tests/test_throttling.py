"""How many attempts an IP address, a user that is signed in, and a mail address have."""

import itertools
import json
from collections.abc import Iterator

import pytest

from local.template import load_deployment
from tests.house import ORIGIN, PASSWORD, House, Reply, running_house, unique
from tests.logs import logged
from tests.speakers import CONTRACTS, speaker
from tests.throttles import AS_DEPLOYED, TOO_MANY, left, new_ip, pass_time, wait

MAILING = ("forgot_password", "send_verification")
ANONYMOUS = ("register", *MAILING, "verify_email", "reset_password", "reset_password_page", "invitation_page")
SIGNED_IN = (
    "change_password",
    "update_me",
    "delete_me",
    "sessions",
    "end_session",
    "end_other_sessions",
    "create_key",
    "keys",
    "key",
    "rotate_key",
    "delete_key",
    "members",
    "update_member",
    "remove_member",
    "leave_account",
    "invite",
    "invitations",
    "revoke_invitation",
    "accept_invitation",
)
STAFF = ("users", "user", "update_user", "end_user_sessions", "send_user_reset")
UNLIMITED = ("refresh", "logout", "me", "session_logout")
NOBODYS = dict.fromkeys(("token", "session_id", "key_id", "user_id", "invitation_id"), "none")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment with the limits that one has by default."""
    with running_house(AS_DEPLOYED) as running:
        yield running


def attempt(house: House, contract: str, endpoint: str, ip: str) -> Reply:
    """Send an endpoint what it does not take."""
    operation = house.client(contract).call
    return operation(endpoint, {}, path=NOBODYS, source_ip=ip)


def fail_to_log_in(house: House, contract: str, ip: str) -> Reply:
    """Log in as somebody who does not exist."""
    talk = speaker(contract, house)
    return talk.client.call("login", talk.login_body(unique(), PASSWORD), source_ip=ip)


def use_up(house: House, ip: str, endpoint: str = "register") -> None:
    """Use up the attempts of an address at something."""
    assert [attempt(house, "standard", endpoint, ip).status for _ in range(5)] == [400] * 5


def use_up_logins(house: House, ip: str) -> None:
    """Use up the logins of an address."""
    assert [fail_to_log_in(house, "standard", ip).status for _ in range(5)] == [401] * 5


def newcomer(house: House, contract: str = "standard") -> tuple[str, str]:
    """Return the email address and the access token of somebody who came from an address of its own."""
    talk = speaker(contract, house)
    username = unique()
    email = f"{username}@example.com"
    assert talk.client.call("register", talk.register_body(username, email), source_ip=new_ip()).status == 201
    login = talk.client.call("login", talk.login_body(email, PASSWORD), source_ip=new_ip())
    return email, talk.access_token(login)


def test_the_limits_of_these_tests_are_the_defaults() -> None:
    """A deployment that sets nothing has 5, 20 and 100 attempts a minute, 5 free mistakes and 5 mails an hour."""
    environments = [function.environment for function in load_deployment().functions.values()]
    names = ("ANONYMOUS_ATTEMPTS", "SIGNED_IN_ATTEMPTS", "STAFF_ATTEMPTS", "ACCOUNT_FAILURES", "MAILS_PER_ADDRESS")
    found = [{each[name] for each in environments if name in each} for name in names]
    assert found == [{limit} for limit in AS_DEPLOYED.values()]


# Addresses


@pytest.mark.parametrize("contract", CONTRACTS)
def test_failed_logins_of_an_address_are_limited(contract: str, house: House) -> None:
    """Five a minute are told that they failed and how many are left, and the next is a 429 in the contract's shape."""
    ip = new_ip()
    replies = [fail_to_log_in(house, contract, ip) for _ in range(5)]
    assert {reply.status for reply in replies} == {401}
    assert [left(reply) for reply in replies] == [(5, 4), (5, 3), (5, 2), (5, 1), (5, 0)]
    refusal = fail_to_log_in(house, contract, ip)
    assert (refusal.status, speaker(contract, house).error(refusal)) == (429, TOO_MANY)
    assert 0 < wait(refusal) <= 60
    assert fail_to_log_in(house, contract, new_ip()).status == 401


@pytest.mark.parametrize("endpoint", ["login", "session_login"])
def test_right_logins_neither_count_nor_are_refused(endpoint: str, house: House) -> None:
    """From an address that has done nothing wrong anybody logs in as often as it likes."""
    email, _ = newcomer(house)
    ip = new_ip()
    body = {"email": email, "password": PASSWORD}
    replies = [house.client("standard").call(endpoint, body, source_ip=ip) for _ in range(8)]
    assert {reply.status for reply in replies} == {200}
    assert {left(reply) for reply in replies} == {(5, 5)}


def test_right_logins_among_failed_ones_do_not_count(house: House) -> None:
    """Many may share an address with somebody who mistypes: what each of them took is given back."""
    email, _ = newcomer(house)
    ip = new_ip()
    body = {"email": email, "password": PASSWORD}
    assert fail_to_log_in(house, "standard", ip).status == 401
    replies = [house.client("standard").call("login", body, source_ip=ip) for _ in range(8)]
    assert {reply.status for reply in replies} == {200}
    assert [left(fail_to_log_in(house, "standard", ip)) for _ in range(4)] == [(5, 3), (5, 2), (5, 1), (5, 0)]
    assert fail_to_log_in(house, "standard", ip).status == 429


def test_an_address_that_is_used_up_cannot_log_in(house: House) -> None:
    """Even the right password has to wait, for a guesser could not be told from its owner."""
    email, _ = newcomer(house)
    ip = new_ip()
    use_up_logins(house, ip)
    body = {"email": email, "password": PASSWORD}
    assert house.client("standard").call("login", body, source_ip=ip).status == 429
    assert house.client("standard").call("session_login", body, source_ip=ip).status == 429


@pytest.mark.parametrize("endpoint", ANONYMOUS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_attempt_of_an_address_counts(contract: str, endpoint: str, house: House) -> None:
    """Where mail is sent, users are made or tokens are taken, attempts that fail and that succeed are limited."""
    ip = new_ip()
    replies = [attempt(house, contract, endpoint, ip) for _ in range(5)]
    assert {reply.status for reply in replies} == {400}
    assert [left(reply)[1] for reply in replies] == [4, 3, 2, 1, 0]
    refusal = attempt(house, contract, endpoint, ip)
    assert (refusal.status, speaker(contract, house).error(refusal)) == (429, TOO_MANY)
    assert 0 < wait(refusal) <= 60


def test_successes_tell_what_is_left(house: House) -> None:
    """What is left stands on successes too, and what ends in how many seconds."""
    talk, ip, username = speaker("pythonorg", house), new_ip(), unique()
    email = f"{username}@example.com"
    register = talk.client.call("register", talk.register_body(username, email), source_ip=ip)
    forgot = talk.client.call("forgot_password", {"email": email}, source_ip=ip)
    login = talk.client.call("login", talk.login_body(email, PASSWORD), source_ip=ip)
    assert [reply.status for reply in (register, forgot, login)] == [201, 200, 200]
    assert [left(reply) for reply in (register, forgot, login)] == [(5, 4), (5, 4), (5, 5)]
    assert all(0 < int(reply.headers["ratelimit-reset"]) <= 60 for reply in (register, forgot, login))


PURPOSES = (("register",), ("forgot_password", "send_verification"), ANONYMOUS[3:])


@pytest.mark.parametrize("endpoints", PURPOSES, ids=["register", "mail", "token"])
def test_what_serves_one_purpose_shares_an_addresss_attempts(endpoints: tuple[str, ...], house: House) -> None:
    """Nobody gets more attempts by asking on another contract, or for the same in another way."""
    ip = new_ip()
    kinds = zip(CONTRACTS, itertools.cycle(endpoints), strict=False)
    assert [left(attempt(house, contract, endpoint, ip))[1] for contract, endpoint in kinds] == [4, 3, 2, 1, 0]
    assert {attempt(house, "metatag", endpoint, ip).status for endpoint in endpoints} == {429}


def test_purposes_are_counted_apart(house: House) -> None:
    """A page that has a browser open links of ours keeps nobody from registering or logging in."""
    ip = new_ip()
    for endpoint in ("register", "forgot_password", "verify_email"):
        use_up(house, ip, endpoint)
    use_up_logins(house, ip)


@pytest.mark.parametrize("endpoint", [*UNLIMITED, *SIGNED_IN])
def test_what_needs_a_token_is_not_limited_by_address(endpoint: str, house: House) -> None:
    """An address that is used up still uses the sessions that it has, and many users may share one."""
    ip = new_ip()
    use_up_logins(house, ip)
    reply = attempt(house, "standard", endpoint, ip)
    assert reply.status in {400, 401}
    assert "ratelimit-limit" not in reply.headers


def test_asking_what_may_be_asked_is_no_attempt(house: House) -> None:
    """Neither a preflight nor a wrong method counts."""
    ip = new_ip()
    client = house.client("standard")
    for method in ("OPTIONS", "PUT"):
        client.send(method, "/api/v1/auth/register", headers={"Origin": ORIGIN}, source_ip=ip)
    assert left(attempt(house, "standard", "register", ip)) == (5, 4)


def test_a_person_is_told_on_a_page(house: House) -> None:
    """The page that takes a new password says that it is too early as a page, with `Retry-After`."""
    ip = new_ip()
    use_up(house, ip, "verify_email")
    client = house.client("standard")
    page = client.call("reset_password_page", headers={"Accept": "text/html"}, source_ip=ip)
    assert (page.status, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert 0 < wait(page) <= 60


def test_scripts_may_read_what_is_left(house: House) -> None:
    """A front end on another origin sees the headers."""
    reply = house.client("standard").call("register", {}, headers={"Origin": ORIGIN}, source_ip=new_ip())
    exposed = reply.headers["access-control-expose-headers"].split(", ")
    assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"} <= set(exposed)


def test_an_ipv6_address_counts_as_its_64(house: House) -> None:
    """Who has one IPv6 address has 2⁶⁴ of them, and no more attempts than others."""
    for interface in range(5):
        assert attempt(house, "standard", "register", f"2001:db8:0:1::{interface:x}").status == 400
    assert attempt(house, "standard", "register", "2001:0DB8:0:1:FFFF:FFFF:FFFF:FFFF").status == 429
    assert attempt(house, "standard", "register", "2001:db8:0:2::1").status == 400


def test_an_ipv4_address_in_ipv6_is_that_address(house: House) -> None:
    """An IPv4-mapped address has no attempts of its own, and not all of them are one."""
    ip = new_ip()
    use_up(house, ip)
    assert attempt(house, "standard", "register", f"::ffff:{ip}").status == 429
    assert attempt(house, "standard", "register", f"::ffff:{new_ip()}").status == 400


@pytest.mark.parametrize("source", ["test-invoke-source-ip", "1.2.3.4:8080", ""])
def test_what_is_no_address_is_counted_all_the_same(source: str, house: House) -> None:
    """API Gateway's console calls from no address at all."""
    use_up(house, source)
    assert attempt(house, "standard", "register", source).status == 429


def test_nobody_names_its_own_address(house: House) -> None:
    """The address is the one that API Gateway saw: headers that clients send are not believed."""
    ip = new_ip()
    use_up(house, ip)
    others = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "X-Client-IP")
    reply = house.client("standard").call("register", {}, headers=dict.fromkeys(others, new_ip()), source_ip=ip)
    assert reply.status == 429


def test_a_window_ends(house: House) -> None:
    """A minute after the first attempt there are five again, though DynamoDB has deleted nothing."""
    ip = new_ip()
    use_up(house, ip)
    pass_time(house, 50)
    refusal = attempt(house, "standard", "register", ip)
    assert refusal.status == 429
    assert 0 < wait(refusal) <= 10
    pass_time(house, 10)
    assert [left(attempt(house, "standard", "register", ip))[1] for _ in range(5)] == [4, 3, 2, 1, 0]
    assert attempt(house, "standard", "register", ip).status == 429


def test_an_hour_later_an_address_is_as_new(house: House) -> None:
    """What has expired counts for nothing, deleted or not: right logins cost no attempt again."""
    email, _ = newcomer(house)
    ip = new_ip()
    use_up_logins(house, ip)
    pass_time(house, 3600)
    replies = [
        house.client("standard").call("login", {"email": email, "password": PASSWORD}, source_ip=ip) for _ in range(6)
    ]
    assert {left(reply) for reply in replies} == {(5, 5)}


def test_a_refusal_is_logged(house: House) -> None:
    """Whoever runs the service sees who is refused, and no secret."""
    ip = new_ip()
    use_up(house, ip)
    with logged() as log:
        attempt(house, "standard", "register", ip)
    (entry,) = log.entries()
    assert (entry["level"], entry["message"], entry["function"], entry["ip"]) == (
        "WARNING",
        "throttled",
        "register",
        ip,
    )


# Users


def calls_of_user(house: House, contract: str, token: str, calls: int) -> list[Reply]:
    """Send two endpoints that are limited by user, in turn, what they do not take."""
    endpoints = SIGNED_IN[:2]
    return [
        house.client(contract).call(endpoints[number % 2], {"email": 7}, token=token, source_ip=new_ip())
        for number in range(calls)
    ]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_user_that_is_signed_in_has_20_attempts(contract: str, house: House) -> None:
    """Whatever a user sees and changes of itself shares them, from wherever it comes."""
    _, token = newcomer(house, contract)
    replies = calls_of_user(house, contract, token, 20)
    assert {reply.status for reply in replies} == {400}
    assert [left(reply) for reply in replies] == [(20, 19 - number) for number in range(20)]
    for endpoint in SIGNED_IN:
        refusal = house.client(contract).call(endpoint, {}, path=NOBODYS, token=token, source_ip=new_ip())
        assert (refusal.status, speaker(contract, house).error(refusal)) == (429, TOO_MANY)
        assert 0 < wait(refusal) <= 60
    assert house.client(contract).call("me", token=token).status == 200
    _, another = newcomer(house, contract)
    assert {reply.status for reply in calls_of_user(house, contract, another, 2)} == {400}


def test_a_users_window_ends(house: House) -> None:
    """After a minute the user has its attempts again, and a success tells what is left."""
    _, token = newcomer(house)
    calls_of_user(house, "standard", token, 20)
    client = house.client("standard")
    assert client.call("update_me", {"full_name": "Ada"}, token=token).status == 429
    pass_time(house, 60)
    reply = client.call("update_me", {"full_name": "Ada"}, token=token)
    assert (reply.status, left(reply)) == (200, (20, 19))


def test_staff_has_100_attempts(house: House) -> None:
    """Whoever works for the deployment is limited less."""
    email, token = newcomer(house)
    user = house.users.find(email)
    assert user is not None
    house.change_user(user.id, is_staff=True)
    replies = calls_of_user(house, "standard", token, 100)
    assert {reply.status for reply in replies} == {400}
    assert (left(replies[0]), left(replies[-1])) == ((100, 99), (100, 0))
    for endpoint in ("delete_me", *STAFF):
        assert house.client("standard").call(endpoint, {}, path=NOBODYS, token=token).status == 429


def test_who_is_not_signed_in_uses_up_nobodys_attempts(house: House) -> None:
    """A bad token is a 401 however often it comes."""
    client = house.client("standard")
    replies = [client.call("change_password", {}, token="none", source_ip=new_ip()) for _ in range(25)]
    assert {reply.status for reply in replies} == {401}


# Mail


@pytest.mark.parametrize(("endpoint", "subject"), [("forgot_password", "password"), ("send_verification", "onfirm")])
def test_an_address_gets_five_mails_of_a_kind_an_hour(endpoint: str, subject: str, house: House) -> None:
    """From wherever they are asked for, in whatever case; who asks for more is told just the same."""
    email, _ = newcomer(house)
    client = house.client("standard")
    replies = [client.call(endpoint, {"email": address}, source_ip=new_ip()) for address in [email, email.upper()] * 4]
    assert {(reply.status, reply.text, left(reply)) for reply in replies} == {(200, replies[0].text, (5, 4))}
    assert {frozenset(reply.headers) for reply in replies} == {frozenset(replies[0].headers)}
    assert len(mails(house, email, subject)) == 5
    pass_time(house, 3600)
    client.call(endpoint, {"email": email}, source_ip=new_ip())
    assert len(mails(house, email, subject)) == 6


def mails(house: House, email: str, subject: str) -> list[str]:
    """Return the subjects that an address has got with a word in them."""
    return [str(mail["Subject"]) for mail in house.mail_to(email) if subject in str(mail["Subject"])]


def test_each_kind_of_mail_has_a_limit_of_its_own(house: House) -> None:
    """Who has asked for too many verifications can still get a link for a new password."""
    email, _ = newcomer(house)
    client = house.client("standard")
    for _ in range(6):
        client.call("send_verification", {"email": email}, source_ip=new_ip())
    before = len(house.mail_to(email))
    client.call("forgot_password", {"email": email}, source_ip=new_ip())
    assert len(house.mail_to(email)) == before + 1


def test_what_is_counted_does_not_show_of_whom(house: House) -> None:
    """No email address and no identifier that somebody tried is stored in clear."""
    client, name = house.client("standard"), unique("secret")
    client.call("forgot_password", {"email": f"{name}@example.com"}, source_ip=new_ip())
    client.call("login", {"email": f"{name}@example.com", "password": PASSWORD}, source_ip=new_ip())
    assert name not in json.dumps(house.items("OneTimeTable"))
