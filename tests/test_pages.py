"""The pages for people: what they say, that they work without a script, and that nothing of a stranger's gets in."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from keyfob.contracts.base import PROBLEMS
from keyfob.errors import BodyTooLarge, InvalidFields, MalformedBody, UnsupportedMediaType
from keyfob.gateway.body import form
from keyfob.gateway.pages import NewPasswordForm, Pages
from keyfob.gateway.pages.texts import TEXTS
from keyfob.model.identity import Identity
from keyfob.model.password import length_complaint
from keyfob.service.password_policy import check_new_password

from local.server import Application, serving
from tests.chromium import dumped, picture, require_chromium
from tests.contracts.email_behaviour import HTML, NEW_PASSWORD, EmailBehaviour, token_in
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.speakers import UNLIKE, speaker

PRODUCT = '<b>&"'
FORM = "application/x-www-form-urlencoded"
HOSTILE = '"><script>alert(1)</script>'
LANGUAGES = pytest.mark.parametrize("language", list(TEXTS))
UNLIKE_CONTRACTS = pytest.mark.parametrize("contract", UNLIKE)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment in German whose product has a name that HTML could take for its own."""
    with running_house({"Language": "de", "ProductName": PRODUCT}) as running:
        yield running


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it: its elements with their attributes, and its text."""

    source: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    style: str = ""
    _open: str = ""

    def __post_init__(self) -> None:
        """Read it."""
        super().__init__()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        """Keep a text; a style's is not read by anybody."""
        if self._open == "style":
            self.style += data
        else:
            self.text += data

    def handle_endtag(self, _tag: str) -> None:
        """Leave an element."""
        self._open = ""

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of a kind."""
        return [attributes for each, attributes in self.elements if each == tag]

    def filled_in(self, password: str) -> dict[str, str]:
        """Return what the form sends when somebody types `password`."""
        given = {str(each["name"]): str(each.get("value") or "") for each in self.all("input")}
        assert given.keys() == {"token", "password"}
        return {**given, "password": password}


class Person:
    """Somebody with a browser and a link that resets its password."""

    def __init__(self, house: House, contract: str) -> None:
        """Register it, and let it forget its password."""
        client = speaker(contract, house)
        assert isinstance(client, EmailBehaviour)
        self.client = client
        self.email, self.token = client.forgetful()
        (link,) = client.links_of("reset_password_page", self.email)
        url = urlsplit(link)
        self.path = f"{url.path}?{url.query}".removeprefix(f"/{contract}")

    def opens(self, path: str = "", headers: Mapping[str, str] = HTML) -> Reply:
        """Open the link, or another."""
        return self.client.client.send("GET", path or self.path, headers=headers)

    def sends(self, fields: Mapping[str, str], headers: Mapping[str, str] = HTML) -> Reply:
        """Send the form at the place where it is."""
        body = urlencode(fields).encode()
        return self.client.client.send("POST", self.path, body=body, headers={**headers, "Content-Type": FORM})

    def types(self, password: str) -> Reply:
        """Open the link, type a password and press the button."""
        page = Page(self.opens().text)
        (sending,) = page.all("form")
        assert sending == {"method": "post"}
        return self.sends(page.filled_in(password))

    def asks(self, password: str) -> Reply:
        """Reset the password as a page of one's own does, by the endpoint."""
        return self.client.reset(self.token, password)

    def signs_in(self, password: str) -> int:
        """Sign in, and return how it is answered."""
        return self.client.login_status(self.email, password)


# The form


@pytest.mark.parametrize("reset", [Person.types, Person.asks])
def test_a_reset_unlinks_every_identity(house: House, reset: Callable[[Person, str], Reply]) -> None:
    """Who has linked an identity may not be who reads the mail, so nobody comes in by it once the password is reset."""
    person, identity = Person(house, "standard"), Identity.bare("https://idp.example.com", unique())
    user = house.users.find(person.email)
    assert user is not None
    house.users.link(user, identity)
    assert house.users.with_identity(identity) is not None
    assert reset(person, NEW_PASSWORD).status == 200
    assert house.users.with_identity(identity) is None
    assert person.signs_in(NEW_PASSWORD) == 200


@UNLIKE_CONTRACTS
def test_the_form_resets_without_a_script(house: House, contract: str) -> None:
    """Who opens the link and types a password has that password, and reads so."""
    person = Person(house, contract)
    reply = person.types(NEW_PASSWORD)
    assert reply.status == 200
    assert "Ihr neues Passwort ist gespeichert" in Page(reply.text).text
    assert person.signs_in(NEW_PASSWORD) == 200
    assert person.signs_in(PASSWORD) == 401


@UNLIKE_CONTRACTS
@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short12", "Das Passwort muss mindestens 8 Zeichen haben."),
        ("", "Das Passwort muss mindestens 8 Zeichen haben."),
        ("password123", "Dieses Passwort ist zu verbreitet."),
    ],
)
def test_a_wrong_password_shows_the_form_again(house: House, contract: str, password: str, complaint: str) -> None:
    """The page says what is wrong with it, and the form of that page works with another; nothing was spent."""
    person = Person(house, contract)
    reply = person.types(password)
    page = Page(reply.text)
    assert (reply.status, complaint in page.text) == (400, True)
    assert person.signs_in(PASSWORD) == 200
    assert person.sends(page.filled_in(NEW_PASSWORD)).status == 200
    assert person.signs_in(NEW_PASSWORD) == 200


@UNLIKE_CONTRACTS
def test_a_spent_link_says_so(house: House, contract: str) -> None:
    """Once a password was reset, the link and a form that is still open say that there is nothing to be had."""
    person = Person(house, contract)
    fields = Page(person.opens().text).filled_in(NEW_PASSWORD)
    assert person.sends(fields).status == 200
    for reply in (person.opens(), person.sends(fields), person.sends({**fields, "password": "short12"})):
        page = Page(reply.text)
        assert reply.status == 400
        assert "Dieser Link wurde schon benutzt" in page.text
        assert page.all("form") == []


@UNLIKE_CONTRACTS
def test_a_program_gets_failures_as_the_contract_has_them(house: House, contract: str) -> None:
    """Who does not ask for HTML reads of a bad token in JSON, and gets the form for a good one."""
    person = Person(house, contract)
    good, bad = person.opens(headers={}), person.opens(person.path + "x", headers={"Accept": "application/json"})
    assert (good.status, len(Page(good.text).all("form"))) == (200, 1)
    person.client.check_refused(bad)


def test_a_password_of_any_script_is_the_same_everywhere(house: House) -> None:
    """What is typed into the form in UTF-8 is what programs send in JSON."""
    person = Person(house, "standard")
    assert person.types("пароль & 密码 +%").status == 200
    assert person.signs_in("пароль & 密码 +%") == 200


def test_a_link_without_a_token_says_so(house: House) -> None:
    """A link that was cut off is no good, and no fault."""
    person = Person(house, "standard")
    path = person.path.partition("?")[0]
    assert [person.opens(each).status for each in (path, f"{path}?token", f"{path}?token=&token=x")] == [400] * 3
    assert person.sends({"password": NEW_PASSWORD}).status == 400


# What nobody else puts into a page


@pytest.mark.parametrize("token", [HOSTILE, "' onfocus=alert(1) x='", "\x00", "${product}", "\u2028"])
def test_a_hostile_token_is_not_shown(house: House, token: str) -> None:
    """What somebody puts into a link is checked before anything is made of it, and is in no page."""
    person = Person(house, "standard")
    path = person.path.partition("?")[0]
    replies = [
        person.opens(f"{path}?token={quote(token)}"),
        person.sends({"token": token, "password": "short12"}),
        person.sends({"token": token, "password": NEW_PASSWORD}),
        person.client.verify(token, headers=HTML),
    ]
    assert {reply.status for reply in replies} == {400}
    assert not [reply for reply in replies if token in reply.text or "alert" in reply.text]


@LANGUAGES
def test_a_form_shows_its_values_as_text(language: str) -> None:
    """Even if something hostile got as far as a form, no browser would obey it."""
    page = Page(Pages(PRODUCT, language).form(NewPasswordForm(HOSTILE, (HOSTILE, "$token"))))
    assert page.all("script") == []
    (token,) = [each["value"] for each in page.all("input") if each["name"] == "token"]
    assert token == HOSTILE
    assert [each.get("role") for each in page.all("p")] == ["alert", "alert"]
    assert HOSTILE in page.text
    assert "$token" in page.text


def test_the_products_name_is_text(house: House) -> None:
    """A name with characters of HTML is shown as it is, in the heading and in the title."""
    page = Page(Person(house, "standard").opens().text)
    assert page.all("b") == []
    assert page.text.count(PRODUCT) == 2


@UNLIKE_CONTRACTS
def test_every_page_is_as_strict_as_can_be(house: House, contract: str) -> None:
    """A page has no script, loads nothing, is framed and stored nowhere; its only style is the one it names."""
    person = Person(house, contract)
    verification = person.client.token_sent("verify_email", person.email)
    replies = [
        person.opens(),
        person.types("short12"),
        person.client.verify(verification, headers=HTML),
        person.client.verify(verification, headers=HTML),
        person.client.client.send("PUT", person.path, headers=HTML),
        person.types(NEW_PASSWORD),
    ]
    assert [reply.status for reply in replies] == [200, 400, 200, 400, 405, 200]
    for reply in replies:
        check_strict(reply)


def check_strict(reply: Reply) -> None:
    """Check the headers of a page, and that it has nothing in it that they would forbid."""
    page = Page(reply.text)
    digest = b64encode(sha256(page.style.encode()).digest()).decode()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert {tag for tag, _ in page.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "p", "form", "input", "label", "button")
    }
    names = {name for _, attributes in page.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in {"style", "src", "href", "action"}]


# Languages


@LANGUAGES
def test_every_language_says_everything(language: str) -> None:
    """What one language has a text for, each has; and each page says in which language it is."""
    texts, english = TEXTS[language], TEXTS["en"]
    assert texts.messages.keys() == english.messages.keys()
    assert texts.failures.keys() == english.failures.keys() <= PROBLEMS.keys()
    for text in (*texts.messages.values(), *texts.failures.values(), *texts.complaints.values(), texts.failure):
        assert text[-1] == "."
        assert not re.search(r"\s{2}|[a-zäöüß][A-Z]", text)
    assert Page(Pages("Keyfob", language).message("verify_email")).all("html") == [{"lang": language}]


@pytest.mark.parametrize("language", sorted(set(TEXTS) - {"en"}))
def test_every_complaint_is_translated(language: str) -> None:
    """Whatever a password can be refused for is told in the language of the page."""
    complaints = {*policy_complaints(), "Password is required", "Password must be valid Unicode text without NUL"}
    assert TEXTS[language].complaints.keys() == complaints


def policy_complaints() -> set[str]:
    """Return everything that the policy says of passwords."""
    said = {f"Password {length_complaint('x' * length)}" for length in (1, 129)}
    for password in ("password123", "ada@example.com"):
        with pytest.raises(InvalidFields) as refused:
            check_new_password(password, email="ada@example.com", username="ada-lovelace")
        said |= {text for texts in refused.value.fields.values() for text in texts}
    return said


@UNLIKE_CONTRACTS
def test_a_page_is_in_the_deployments_language(house: House, contract: str) -> None:
    """With `Language` set to German, whoever follows a link reads German, whatever went well or wrong."""
    person = Person(house, contract)
    verification = person.client.token_sent("verify_email", person.email)
    replies = [person.client.verify(verification, headers=HTML) for _ in range(2)]
    pages = [Page(reply.text) for reply in (*replies, person.opens())]
    said = ["Ihre E-Mail-Adresse ist bestätigt", "Dieser Link wurde schon benutzt", "Neues Passwort"]
    assert [text in page.text for text, page in zip(said, pages, strict=True)] == [True] * 3
    assert [page.all("html") for page in pages] == [[{"lang": "de"}]] * 3


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (HTML["Accept"], "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_who_asks_for_html_gets_a_page(house: House, accept: str, content_type: str) -> None:
    """A browser names HTML; whatever takes anything is a program."""
    client = Person(house, "metatag").client
    assert client.verify("x", headers={"Accept": accept}).headers["content-type"] == content_type


# Bodies of forms


def test_a_form_is_read_as_browsers_write_it() -> None:
    """Blanks are plus signs, text is UTF-8, and a field may be empty."""
    assert form(b"token=a%2Bb&password=p%C3%A4ss+w%26rt&empty=", FORM) == {
        "token": "a+b",
        "password": "päss w&rt",
        "empty": "",
    }
    assert form(b"a=1", f"{FORM}; charset=UTF-8") == {"a": "1"}
    assert form(b"", FORM) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"token=a&token=b",
        b"password=%ff",
        b"password=\xc3\xa4",
        b"&".join(b"f%d=" % number for number in range(21)),
    ],
)
def test_what_no_form_of_ours_sends_is_malformed(body: bytes) -> None:
    """A field twice, bytes that are not UTF-8, raw ones, and more fields than any form has."""
    with pytest.raises(MalformedBody):
        form(body, FORM)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "text/plain", "multipart/form-data; boundary=x", f"{FORM}; charset=latin1"]
)
def test_what_is_no_form_is_not_read(content_type: str) -> None:
    """Another media type, or charset than UTF-8, is refused before the body is looked at."""
    with pytest.raises(UnsupportedMediaType):
        form(b"token=a", content_type)


def test_a_form_has_a_size() -> None:
    """More than 64 KiB is too large."""
    assert form(b"a=" + b"x" * (64 * 1024 - 2), FORM)
    with pytest.raises(BodyTooLarge):
        form(b"a=" + b"x" * (64 * 1024 - 1), FORM)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"token": "a", "password": "b"}', "application/json", 415),
        (b"token=a&token=b&password=c", FORM, 400),
        (b"token=" + b"x" * 70_000, FORM, 413),
        (b"", FORM, 400),
    ],
)
def test_a_body_that_is_no_form_is_refused(house: House, body: bytes, content_type: str, status: int) -> None:
    """Both a person and a program get the status, each in its own way."""
    person = Person(house, "standard")
    headers: dict[str, Any] = {"Content-Type": content_type}
    page = person.client.client.send("POST", person.path, body=body, headers={**headers, **HTML})
    told = person.client.client.send("POST", person.path, body=body, headers=headers)
    assert (page.status, told.status) == (status, status)
    assert page.headers["content-type"].startswith("text/html")
    assert person.client.error(told)


# A real browser


@pytest.fixture
def url(house: House) -> Iterator[str]:
    """Serve the deployment on this machine, with `standard` at its root."""
    with serving(Application(house.deployment, house.runtime.invoke, "standard")) as base:
        yield base


@pytest.mark.slow
def test_a_browser_shows_a_page_as_it_is_meant(url: str, tmp_path: Path) -> None:
    """The policy lets the page's style through: it looks as without a policy, and not as without a style."""
    require_chromium()
    address = f"{url}/api/v1/auth/verify-email/x"
    page = httpx.get(address, headers=HTML).text
    assert "Dieser Link wurde schon benutzt" in Page(page).text
    free, bare = tmp_path / "free.html", tmp_path / "bare.html"
    free.write_text(page, encoding="utf-8")
    bare.write_text(re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL), encoding="utf-8")
    shown = picture(address, tmp_path)
    assert shown == picture(free.as_uri(), tmp_path)
    assert shown != picture(bare.as_uri(), tmp_path)


@pytest.mark.slow
def test_a_browser_opens_the_link_and_its_form_resets(house: House, url: str, tmp_path: Path) -> None:
    """The link of a mail, opened in a browser, shows the form; what that form sends over HTTP sets the password."""
    require_chromium()
    client = speaker("standard", house)
    _, email = client.registered()
    assert httpx.post(f"{url}/api/v1/auth/forgot-password", json={"email": email}).status_code == 200
    assert isinstance(client, EmailBehaviour)
    (link,) = client.links_of("reset_password_page", email)
    assert link.startswith(f"{url}/api/v1/auth/reset-password/page?token=")
    page = Page(dumped(link, tmp_path))
    assert page.filled_in("")["token"] == token_in(link)
    assert "Neues Passwort" in page.text
    reply = httpx.post(link, data=page.filled_in(NEW_PASSWORD), headers=HTML)
    assert (reply.status_code, "Ihr neues Passwort ist gespeichert" in reply.text) == (200, True)
    assert client.client.call("login", client.login_body(email, NEW_PASSWORD)).status == 200
