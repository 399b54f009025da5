"""What mail says, in every language."""

import re
from typing import get_args

import pytest
from jinja2 import UndefinedError
from keyfob.mail.letters import LANGUAGES, TEMPLATES, Letters
from keyfob.model.mail import MailKind

FACTS: dict[str, str | int] = {
    "email": "ada@example.com",
    "link": "https://auth.example.com/verify?a=1&token=T0KEN",
    "hours": 24,
    "when": "2026-11-24 14:05 UTC",
    "device": "Firefox on Windows",
    "ip": "203.0.113.7",
    "provider": "github",
    "inviter": "grace@example.org",
    "account": "Difference Engine",
    "role": "editor",
    "days": 7,
}
LIFETIMES = {"verify_email": " 24 ", "reset_password": " 24 ", "invitation": " 7 "}
"""What stands in a mail with a token for how long it is good."""

NOTICES = tuple(kind for kind in get_args(MailKind) if kind not in LIFETIMES)
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}{% raw %}'


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(MailKind))
def test_every_kind_is_written_in_every_language(kind: MailKind, language: str) -> None:
    """A mail names the product and the address, has a subject of one line, and its HTML is a page in the language."""
    letter = Letters("Corner Shop", language).write(kind, FACTS)
    assert "Corner Shop" in letter.subject
    assert "\n" not in letter.subject
    assert "ada@example.com" in letter.text
    assert letter.html.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}">' in letter.html
    assert "Corner Shop" in letter.html
    for text in (letter.subject, letter.text, letter.html):
        assert "{{" not in text
        assert "{%" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LIFETIMES)
def test_a_mail_with_a_token_shows_link_and_lifetime(kind: MailKind, language: str) -> None:
    """Link and lifetime are in both forms; in HTML the link is the address of the button and is spelt out as well."""
    letter = Letters("Shop", language).write(kind, FACTS)
    assert f"\n{FACTS['link']}\n" in letter.text
    assert letter.html.count('href="https://auth.example.com/verify?a=1&amp;token=T0KEN"') == 2
    assert LIFETIMES[kind] in letter.text
    assert LIFETIMES[kind] in letter.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_tells_who_invites_where_to_and_as_what(language: str) -> None:
    """Inviter, account and role are in both forms, and none of them in the subject, which is ours alone."""
    letter = Letters("Shop", language).write("invitation", FACTS)
    for fact in ("inviter", "account", "role"):
        assert str(FACTS[fact]) in letter.text
        assert str(FACTS[fact]) in letter.html
        assert str(FACTS[fact]) not in letter.subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(MailKind))
def test_the_one_link_is_that_of_the_mail(kind: MailKind, language: str) -> None:
    """What a mail is told becomes no link in HTML; a mail without a token has none at all."""
    facts = {name: f"{value} https://evil.example/" if name != "link" else value for name, value in FACTS.items()}
    html = Letters("Shop", language).write(kind, facts).html
    targets = set(re.findall(r'(?:href|src|action)="?([^"\s>]*)', html))
    assert targets == ({"https://auth.example.com/verify?a=1&amp;token=T0KEN"} if kind in LIFETIMES else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lifetime_of_one_hour_is_in_the_singular(language: str) -> None:
    """An hour is no hours."""
    text = Letters("Shop", language).write("reset_password", {**FACTS, "hours": 1}).text
    assert {"en": "1 hour,", "de": "1 Stunde "}[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_tells_when_from_what_and_from_where(kind: MailKind, language: str) -> None:
    """A notice has time, device and address in both forms, and leaves out what is not known."""
    letters = Letters("Shop", language)
    letter = letters.write(kind, FACTS)
    for fact in ("when", "device", "ip"):
        assert str(FACTS[fact]) in letter.text
        assert str(FACTS[fact]) in letter.html
    bare = letters.write(kind, {**FACTS, "device": "", "ip": ""})
    assert len(bare.text.splitlines()) == len(letter.text.splitlines()) - 2
    assert bare.html.count("<tr>") == letter.html.count("<tr>") - 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(MailKind))
def test_what_a_mail_is_told_is_text_and_never_markup(kind: MailKind, language: str) -> None:
    """Whatever a fact or the product is called, it is escaped in HTML and never run as a template."""
    facts = {name: f"{value}{HOSTILE}" if isinstance(value, str) else value for name, value in FACTS.items()}
    letter = Letters(f"Shop{HOSTILE}", language).write(kind, facts)
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert '">&lt;' not in letter.html
    assert "{{ 7*7 }}" in letter.text
    assert "49" not in letter.text


@pytest.mark.parametrize("kind", get_args(MailKind))
def test_a_fact_that_is_missing_is_a_fault(kind: MailKind) -> None:
    """No mail goes out with a hole in it."""
    with pytest.raises(UndefinedError):
        Letters("Shop", "en").write(kind, {"email": "ada@example.com"})


def test_nothing_is_loaded_from_elsewhere() -> None:
    """A mail that is opened tells nobody: there are no images, styles or scripts to fetch."""
    for file in TEMPLATES.rglob("*.j2"):
        text = file.read_text(encoding="utf-8")
        assert not [mark for mark in ("<img", "src=", "url(", "<link", "<script", "@import") if mark in text]


def test_there_are_templates_of_every_kind_and_of_no_other() -> None:
    """Both languages have the same files, a text and a page for each kind beside the parts that they share."""
    shared = {"footer", "occurrence"}
    for language in LANGUAGES:
        names = {file.name for file in (TEMPLATES / language).iterdir()}
        kinds = {*get_args(MailKind), *shared}
        assert names == {f"{kind}.{form}.j2" for kind in kinds for form in ("txt", "html")}


def test_a_products_name_is_one_line() -> None:
    """Line breaks in the product's name do not end the subject."""
    letter = Letters("Corner\r\nBcc: eve@example.com", "en").write("verify_email", FACTS)
    assert letter.subject.endswith("Corner Bcc: eve@example.com")
