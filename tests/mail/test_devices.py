"""The names of devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyfob.service.devices import UNKNOWN, device_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on macOS",
        ),
        (SAFARI, "Safari on iOS"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.27.0", "python-httpx"),
        ("tests/1.0", "tests"),
        ("", UNKNOWN),
        ("Mozilla/5.0", UNKNOWN),
        ("-", UNKNOWN),
    ],
)
def test_a_device_has_a_name_that_people_know(user_agent: str, name: str) -> None:
    """Browsers and systems have their everyday names without versions, programs their own, and others none."""
    assert device_name(user_agent) == name


@pytest.mark.parametrize(
    "user_agent",
    [
        "evil.example/1.0",
        "https://evil.example/1.0",
        "Call +1-555-0100 now/1.0",
        "<b>bold</b>/1.0",
        "evil.example/1.2 CFNetwork/1494 Darwin/23.4.0",
        "a\r\nBcc: eve@example.com/1.0",
        "x" * 255,
    ],
)
def test_a_user_agent_writes_no_links_and_no_letters(user_agent: str) -> None:
    """Whoever signs in with somebody's password cannot put an address or a message into that user's mail."""
    assert device_name(user_agent) in {UNKNOWN, "iOS"}


@given(st.text(max_size=300))
def test_any_user_agent_has_a_short_plain_name(user_agent: str) -> None:
    """Whatever a client sends, the name is a few printable characters, and making it does not fail."""
    name = device_name(user_agent)
    assert 0 < len(name) <= 84
    assert name.isascii()
    assert name.isprintable()
