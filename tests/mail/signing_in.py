"""Users who sign in with browsers that differ."""

from tests.house import PASSWORD, Client, House, unique

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def registered(house: House) -> tuple[Client, str]:
    """Return a client, and the address of a new user of it."""
    caller, username = house.client("standard"), unique()
    email = f"{username}@example.com"
    assert caller.call("register", {"email": email, "username": username, "password": PASSWORD}).status == 201
    return caller, email


def sign_in(caller: Client, email: str, user_agent: str, *, source_ip: str = "203.0.113.7") -> None:
    """Sign in with a password."""
    credentials = {"email": email, "password": PASSWORD}
    reply = caller.call("login", credentials, headers={"User-Agent": user_agent}, source_ip=source_ip)
    assert reply.status == 200
