"""Sending mail by a server of one's own, over real connections."""

import socket
from email.message import EmailMessage
from pathlib import Path

import pytest
from keyfob.errors import Unavailable
from keyfob.mail.letters import Letters
from keyfob.mail.messages import Envelope, message_of
from keyfob.mail.senders import MailRefused, sender_at
from keyfob.mail.ses import Ses
from keyfob.mail.smtp import Server, Smtp, server_at
from keyfob.settings import InvalidSetting

from tests.fakes import TIME
from tests.mail.smtp_server import HOST, Authority, MailServer, mail_server

PASSWORD = "p@ss:w/rd%"
FACTS: dict[str, str | int] = {"email": "ada@example.com", "link": "https://a.example/T0KEN", "hours": 24}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate for the server."""
    return Authority(tmp_path_factory.mktemp("authority"))


def message() -> EmailMessage:
    """Return a mail with a line that begins with a dot."""
    letter = Letters("Shop", "en").write("verify_email", FACTS)
    return message_of(
        letter._replace(text=f".hidden\n{letter.text}"),
        Envelope("Läden <no-reply@example.org>", "ada@example.com", "request-1", TIME),
    )


def plain(server: MailServer) -> Smtp:
    """Return a sender without credentials."""
    return Smtp(Server("smtp", HOST, server.port, "", ""))


def with_password(server: MailServer, authority: Authority | None, scheme: str = "smtp") -> Smtp:
    """Return a sender with credentials, which trusts the authority."""
    context = authority.client_context() if authority else None
    return Smtp(Server(scheme, HOST, server.port, "keyfob", PASSWORD), context)


def test_a_server_without_tls_gets_the_whole_mail() -> None:
    """A server on the own machine gets envelope and message as they are, dots at the start of lines included."""
    mail = message()
    raw = mail.as_bytes()
    with mail_server() as server:
        plain(server).send(mail)
    assert server.received.mails == [("no-reply@example.org", ["ada@example.com"], raw)]
    assert server.received.verbs[-1] == "QUIT"
    assert server.received.in_tls == [False]


def test_starttls_is_used_where_it_is_offered(authority: Authority) -> None:
    """With STARTTLS neither mail nor password is sent before the connection is secure."""
    with mail_server(starttls=authority.server_context()) as server:
        with_password(server, authority).send(message())
    assert server.received.in_tls == [True]
    assert server.received.logins == [("keyfob", PASSWORD)]
    assert server.received.verbs.index("STARTTLS") < server.received.verbs.index("AUTH")


def test_tls_from_the_first_byte(authority: Authority) -> None:
    """``smtps`` speaks TLS at once."""
    with mail_server(tls=authority.server_context()) as server:
        with_password(server, authority, "smtps").send(message())
    assert server.received.in_tls == [True]
    assert "STARTTLS" not in server.received.verbs


def test_a_password_is_never_sent_in_clear() -> None:
    """A server that offers no STARTTLS, or somebody in between who hides the offer, does not get the password."""
    with mail_server() as server, pytest.raises(MailRefused, match="no STARTTLS"):
        with_password(server, None).send(message())
    assert server.received.logins == []
    assert "AUTH" not in server.received.verbs


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_with_a_strangers_certificate_gets_nothing(authority: Authority, scheme: str) -> None:
    """A certificate that nobody vouches for ends the connection before anything is sent."""
    context = authority.server_context()
    with (
        mail_server(**{"starttls" if scheme == "smtp" else "tls": context}) as server,  # type: ignore[arg-type]
        pytest.raises(Unavailable, match="SSLCertVerificationError"),
    ):
        with_password(server, None, scheme).send(message())
    assert server.received.logins == []
    assert server.received.mails == []


@pytest.mark.parametrize("verb", ["CONNECT", "MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(("code", "failure"), [(451, Unavailable), (421, Unavailable), (550, MailRefused)])
def test_a_refusal_at_any_step_is_a_failure(verb: str, code: int, failure: type[Exception]) -> None:
    """What may pass (4yz) and what will not (5yz) are told apart, and no text of the server's is repeated."""
    refusal = {verb: f"{code} ada@example.com T0KEN no"}
    with mail_server(replies=refusal) as server, pytest.raises(failure) as raised:
        plain(server).send(message())
    assert str(code) in str(raised.value)
    assert "ada@example.com" not in str(raised.value)
    assert server.received.mails == []


def test_a_wrong_password_is_a_failure_that_does_not_show_it(authority: Authority) -> None:
    """A refused login is a failure for good, whose text and cause do not have the password."""
    with (
        mail_server(starttls=authority.server_context(), replies={"AUTH": "535 no"}) as server,
        pytest.raises(MailRefused, match="535") as raised,
    ):
        with_password(server, authority).send(message())
    assert PASSWORD not in repr(raised.value)
    assert raised.value.__cause__ is None
    assert PASSWORD not in repr(server_at(f"smtp://keyfob:secret@{HOST}"))


@pytest.mark.parametrize("reply", ["421 too late", "500 what"])
def test_a_farewell_that_fails_changes_nothing(reply: str) -> None:
    """Once the server has the mail it is sent, and is not sent again because the goodbye went wrong."""
    with mail_server(replies={"QUIT": reply}) as server:
        plain(server).send(message())
    assert len(server.received.mails) == 1


def test_a_server_that_is_not_there_is_a_failure_for_now() -> None:
    """A refused connection is tried again later."""
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="ConnectionRefusedError"):
        Smtp(Server("smtp", HOST, port, "", "")).send(message())


def test_urls() -> None:
    """User and password are percent-encoded, and the ports are those for submission where none is given."""
    assert server_at("smtp://mail.example.com") == Server("smtp", "mail.example.com", 587, "", "")
    assert server_at("smtps://a%40b:p%3Aw%2F@mail.example.com/") == Server(
        "smtps", "mail.example.com", 465, "a@b", "p:w/"
    )
    assert server_at("smtp://[::1]:1025").host == "::1"
    assert server_at("smtp://[::1]:1025").port == 1025


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.com",
        "smtp://",
        "smtp://user:secret@",
        "smtp://user:secret@host:port",
        "smtp://user:secret@host:70000",
        "smtp://user:secret@host/path",
        "smtp://host?secret",
        "smtp://[secret",
        "ses://secret",
        "",
    ],
)
def test_what_is_no_url_of_a_mail_server_is_refused_and_not_shown(url: str) -> None:
    """A wrong setting is named, and not quoted: it may hold a password."""
    with pytest.raises(InvalidSetting, match="MAIL_URL") as raised:
        sender_at(url)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_the_setting_chooses() -> None:
    """``ses://`` is Amazon SES, and the others a server."""
    assert isinstance(sender_at("ses://"), Ses)
    assert isinstance(sender_at("smtps://mail.example.com"), Smtp)


def test_only_what_is_chosen_is_imported() -> None:
    """A deployment with SES does not import smtplib."""
    import subprocess
    import sys

    probe = "import sys, keyfob.mail.senders as s; s.sender_at('ses://'); print('smtplib' in sys.modules)"
    shared = str(Path(__file__).parents[2] / "shared")
    result = subprocess.run(  # noqa: S603 - our own interpreter and probe
        [sys.executable, "-c", probe],
        env={"PYTHONPATH": shared, "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False"
