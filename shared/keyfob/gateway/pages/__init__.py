"""Small pages for people whose browser a link of ours has opened. They hold no script, and load nothing."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Final, NamedTuple, TypeAlias

from keyfob.contracts.base import Answer, Contract, headers_of
from keyfob.errors import InvalidFields, KeyfobError
from keyfob.gateway.pages.texts import TEXTS, Texts
from keyfob.gateway.request import Request
from keyfob.model.membership import Invitation

HERE: Final = Path(__file__).parent
BAD_REQUEST: Final = 400
OK: Final = 200
HINTS_FOR_NEW: Final = 'autocomplete="new-password" minlength="8" maxlength="128"'
HINTS_FOR_ANY: Final = 'autocomplete="current-password"'


@dataclass(frozen=True, slots=True)
class NewPasswordForm:
    """A form that asks for a new password and takes the token along; `complaints` say what was wrong with the last."""

    token: str
    complaints: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether something was wrong with the last one."""
        return bool(self.complaints)


@dataclass(frozen=True, slots=True)
class JoiningForm:
    """A form that asks who is invited for a password.

    `complaints` say what was wrong with the last one; `failure` is the code of the failure that it led to, if it did.
    """

    token: str
    invitation: Invitation
    complaints: tuple[str, ...] = ()
    failure: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether something was wrong with the last one, or it failed."""
        return bool(self.complaints or self.failure)


Form: TypeAlias = NewPasswordForm | JoiningForm


class Wording(NamedTuple):
    """What a form says: before it, of a failure, at its field and on its button; and what browsers know of it."""

    introduction: str
    failure: str
    label: str
    button: str
    hints: str


def complaints_in(error: InvalidFields) -> tuple[str, ...]:
    """Return what a form has to say of the fields that were wrong."""
    return tuple(text for texts in error.fields.values() for text in texts)


class Pages:
    """Makes the pages of one deployment."""

    def __init__(self, product: str, language: str) -> None:
        """Take what the product is called, and the language of its texts."""
        self._product = product
        self._language = language
        self._texts: Texts = TEXTS[language]

    def for_browsers(self, request: Request, contract: Contract) -> "Contract | PageVoice":
        """Return how to answer: with a page where a person waits for one, else as the contract does."""
        return PageVoice(self, contract) if request.wants_html else contract

    def for_everybody(self, request: Request, contract: Contract) -> "PageVoice":
        """Return how to answer with a page, but to programs with the contract's failures."""
        return PageVoice(self, contract) if request.wants_html else PageOrFailure(self, contract)

    def message(self, text: str) -> str:
        """Return a page that says one thing; `text` is one of the texts' keys."""
        return self._page(f"<p>{escape(self._texts.messages[text])}</p>")

    def failure(self, code: str) -> str:
        """Return a page that says what failed."""
        return self._page(f"<p>{escape(self._of_failure(code))}</p>")

    def form(self, form: Form) -> str:
        """Return a page with a form."""
        wording = self._of_joining(form) if isinstance(form, JoiningForm) else self._of_new_password()
        introduction = [f"<p>{escape(wording.introduction)}</p>"] if wording.introduction else []
        refusals = [self._texts.complaints.get(each, each) for each in form.complaints]
        if wording.failure:
            refusals.append(wording.failure)
        return self._page(
            _filled(
                "form",
                {"label": wording.label, "button": wording.button, "token": form.token},
                before="\n".join((*introduction, *map(_alert, refusals))),
                hints=wording.hints,
            )
        )

    def _of_failure(self, code: str) -> str:
        return self._texts.failures.get(code, self._texts.failure)

    def _of_new_password(self) -> Wording:
        return Wording("", "", self._texts.new_password, self._texts.save, HINTS_FOR_NEW)

    def _of_joining(self, form: JoiningForm) -> Wording:
        invitation = form.invitation
        introduction = self._texts.invitation.format(
            account=invitation.account.name, role=invitation.role, product=self._product, email=invitation.email
        )
        failure = self._of_failure(form.failure) if form.failure else ""
        return Wording(introduction, failure, self._texts.password, self._texts.join, HINTS_FOR_ANY)

    def _page(self, body: str) -> str:
        return _filled(
            "page", {"language": self._language, "product": self._product}, body=body, style=_read("style.css")
        )


class PageVoice:
    """Answers with pages instead of a contract's bodies."""

    def __init__(self, pages: Pages, contract: Contract) -> None:
        """Take the pages, and the contract that knows the statuses."""
        self._pages = pages
        self._contract = contract

    def success(self, endpoint: str, reply: object, _request_id: str) -> Answer:
        """Return a page with the form that `reply` is, or one that says how `endpoint` went."""
        if isinstance(reply, Form):
            return Answer(BAD_REQUEST if reply.is_refused else OK, self._pages.form(reply), _headers())
        return Answer(OK, self._pages.message(endpoint), _headers())

    def failure(self, error: KeyfobError, _request_id: str) -> Answer:
        """Return a page that tells of `error`."""
        status = self._contract.problem(error).status
        return Answer(status, self._pages.failure(error.code), {**_headers(), **headers_of(error, status)})


class PageOrFailure(PageVoice):
    """Answers with a page where all went well, and with a failure as a contract has it."""

    def failure(self, error: KeyfobError, request_id: str) -> Answer:
        """Return the contract's answer."""
        return self._contract.failure(error, request_id)


@cache
def _headers() -> Mapping[str, str]:
    style = b64encode(sha256(_read("style.css").encode()).digest()).decode()
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }


def _alert(text: str) -> str:
    return f'<p class="complaint" role="alert">{escape(text)}</p>'


def _filled(name: str, texts: Mapping[str, str], **markup: str) -> str:
    """Return a template with `texts` escaped and `markup` as it is."""
    escaped = {key: escape(text) for key, text in texts.items()}
    return Template(_read(f"{name}.html")).substitute(escaped, **markup)


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
