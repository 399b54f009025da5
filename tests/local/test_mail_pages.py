"""The outbox in a browser, and for scripts."""

import json
import re
from base64 import b64encode
from email.message import EmailMessage
from hashlib import sha256

import pytest
from boto3 import Session
from moto import mock_aws

from local.http import HttpRequest, HttpResponse, header
from local.mail_pages import mail_pages
from local.outbox import Outbox

JSON = (("Accept", "application/json"),)
BROWSER = (("Accept", "text/html,application/xhtml+xml,application/json;q=0.9"),)
HOST = (("Host", "127.0.0.1:8000"),)
TO = '"<script>alert(1)</script>" <ada@example.com>'
EVIL = "\"'><script>alert(1)</script>"


def mail(subject: str, text: str = "Hello", html: str = "") -> bytes:
    """Return a mail to somebody with a hostile name."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@example.com", TO, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


@pytest.fixture(scope="module")
def outbox() -> Outbox:
    """Return an outbox of two mails, which SES was given."""
    raw = [
        mail("First", "Open http://127.0.0.1:8000/a?b=1&c=2.\n", "<p>Hello <script>alert(1)</script></p>"),
        mail(f"Second {EVIL}", f"See http://x.example/{EVIL}"),
    ]
    made = Outbox()
    with mock_aws():
        client = Session().client("sesv2")
        client.create_email_identity(EmailIdentity="no-reply@example.com")
        for each in raw:
            client.send_email(FromEmailAddress="no-reply@example.com", Content={"Raw": {"Data": each}})
        made.collect()
    return made


def get(outbox: Outbox, path: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> HttpResponse:
    """Ask as a browser on this machine does."""
    return mail_pages(outbox)(HttpRequest(method, path, headers=(*headers, *HOST)))


def test_the_list_shows_the_newest_first(outbox: Outbox) -> None:
    """Each mail leads to its page."""
    response = get(outbox, "/_local/mail", BROWSER)
    text = response.body.decode()
    assert response.status == 200
    assert re.findall(r'href="([^"]+)"', text) == ["/_local/mail/2", "/_local/mail/1"]
    assert text.index("Second") < text.index("First")
    assert get(outbox, "/_local/mail/").body == response.body


def test_an_empty_list_says_so() -> None:
    """A page without rows would look broken."""
    assert b"No mail has been sent yet" in get(Outbox(), "/_local/mail").body
    assert get(Outbox(), "/_local/mail", JSON).body == b"[]"


def test_scripts_read_json(outbox: Outbox) -> None:
    """A test of a front end finds the link that it is to follow."""
    response = get(outbox, "/_local/mail", JSON)
    assert header(response.headers, "content-type") == "application/json"
    second, first = json.loads(response.body)
    assert second["id"] == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", first.pop("sent_at"))
    assert first == {
        "id": 1,
        "to": TO,
        "subject": "First",
        "text": "Open http://127.0.0.1:8000/a?b=1&c=2.\n",
        "links": ["http://127.0.0.1:8000/a?b=1&c=2"],
    }
    assert json.loads(get(outbox, "/_local/mail/1", JSON).body)["subject"] == "First"


@pytest.mark.parametrize("path", ["/_local/mail", "/_local/mail/1", "/_local/mail/2"])
def test_a_hostile_mail_is_shown_and_not_obeyed(outbox: Outbox, path: str) -> None:
    """Names, subjects and texts are escaped, and the policy lets no script run."""
    response = get(outbox, path)
    assert b"<script" not in response.body
    assert b"&lt;script&gt;" in response.body
    policy = header(response.headers, "content-security-policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_policy_lets_the_pages_own_style_apply(outbox: Outbox) -> None:
    """The hash in the policy is that of the style in the page."""
    response = get(outbox, "/_local/mail")
    [style] = re.findall(r"<style>(.*)</style>", response.body.decode(), re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in header(response.headers, "content-security-policy")


def test_links_in_text_can_be_clicked(outbox: Outbox) -> None:
    """The URL is a link, and nothing around it is."""
    text = get(outbox, "/_local/mail/1").body.decode()
    url = "http://127.0.0.1:8000/a?b=1&amp;c=2"
    assert f'Open <a href="{url}" target="_blank" rel="noreferrer">{url}</a>.' in text


def test_html_is_shown_in_a_sandbox(outbox: Outbox) -> None:
    """The page holds a frame without scripts and without this origin, and so does the part by itself."""
    page = get(outbox, "/_local/mail/1").body.decode()
    assert '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/_local/mail/1.html"' in page
    part = get(outbox, "/_local/mail/1.html")
    assert b"<p>Hello <script>" in part.body
    policy = header(part.headers, "content-security-policy")
    assert policy.startswith("default-src 'none'; ")
    sandbox = policy.rpartition("sandbox ")[2]
    assert sandbox == "allow-popups allow-popups-to-escape-sandbox"


def test_a_mail_without_html_has_no_frame(outbox: Outbox) -> None:
    """There is nothing to show in one."""
    assert b"<iframe" not in get(outbox, "/_local/mail/2").body
    assert get(outbox, "/_local/mail/2.html").status == 404


def test_the_raw_message_is_a_download(outbox: Outbox) -> None:
    """What was sent, byte for byte, for a mail program."""
    response = get(outbox, "/_local/mail/1.eml")
    [first] = outbox.newest_first()[1:]
    assert response.body == first.raw
    assert header(response.headers, "content-type") == "message/rfc822"
    assert header(response.headers, "content-disposition") == 'attachment; filename="mail-1.eml"'


@pytest.mark.parametrize(
    "path",
    [
        "/_local",
        "/_local/",
        "/_local/mail/0",
        "/_local/mail/3",
        "/_local/mail/3.eml",
        "/_local/mail/1/",
        "/_local/mail/x",
        "/_local/mails",
    ],
)
def test_nothing_else_is_there(outbox: Outbox, path: str) -> None:
    """An unknown path is 404."""
    assert get(outbox, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_mail_can_only_be_read(outbox: Outbox, method: str) -> None:
    """The answer names the methods that there are."""
    response = get(outbox, "/_local/mail", method=method)
    assert response.status == 405
    assert header(response.headers, "allow") == "GET, HEAD"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[", "127.0.0.2"])
def test_a_name_that_is_not_this_machines_reads_nothing(outbox: Outbox, host: str) -> None:
    """A site that lets its own name lead to 127.0.0.1 cannot read reset links from a developer's browser."""
    response = mail_pages(outbox)(HttpRequest("GET", "/_local/mail", headers=(("Host", host),)))
    assert response.status == 421
    assert b"First" not in response.body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LocalHost"])
def test_this_machines_own_names_are_served(outbox: Outbox, host: str) -> None:
    """A developer may write either."""
    assert mail_pages(outbox)(HttpRequest("GET", "/_local/mail", headers=(("Host", host),))).status == 200


@pytest.mark.parametrize(
    "path", ["/_local/mail", "/_local/mail/1", "/_local/mail/1.html", "/_local/mail/1.eml", "/nothing"]
)
def test_no_answer_is_kept_guessed_or_shared(outbox: Outbox, path: str) -> None:
    """Mail holds secrets: it is in no cache, and no other site may embed it or learn where it was read."""
    headers = get(outbox, path).headers
    assert header(headers, "cache-control") == "no-store"
    assert header(headers, "x-content-type-options") == "nosniff"
    assert header(headers, "cross-origin-resource-policy") == "same-origin"
    assert header(headers, "referrer-policy") == "no-referrer"
    assert header(headers, "access-control-allow-origin") == ""
