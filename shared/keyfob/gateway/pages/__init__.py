"""Small pages for people whose browser a link of ours has opened. They hold no script, and load nothing."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from keyfob.contracts.base import Answer, Contract, headers_of
from keyfob.errors import KeyfobError
from keyfob.gateway.pages.texts import TEXTS, Texts
from keyfob.gateway.request import Request

HERE: Final = Path(__file__).parent
BAD_REQUEST: Final = 400
OK: Final = 200


@dataclass(frozen=True, slots=True)
class NewPasswordForm:
    """A form that asks for a new password and takes the token along; `complaints` say what was wrong with the last."""

    token: str
    complaints: tuple[str, ...] = ()


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
        return self._page(f"<p>{escape(self._texts.failures.get(code, self._texts.failure))}</p>")

    def form(self, form: NewPasswordForm) -> str:
        """Return a page with a form."""
        said = [self._texts.complaints.get(complaint, complaint) for complaint in form.complaints]
        complaints = "\n".join(f'<p class="complaint" role="alert">{escape(text)}</p>' for text in said)
        fields = {"label": self._texts.new_password, "button": self._texts.save, "token": form.token}
        return self._page(_filled("form", fields, complaints=complaints))

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
        if isinstance(reply, NewPasswordForm):
            return Answer(BAD_REQUEST if reply.complaints else OK, self._pages.form(reply), _headers())
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


def _filled(name: str, texts: Mapping[str, str], **markup: str) -> str:
    """Return a template with `texts` escaped and `markup` as it is."""
    escaped = {key: escape(text) for key, text in texts.items()}
    return Template(_read(f"{name}.html")).substitute(escaped, **markup)


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
