"""The outbox in a browser, and for scripts: `/_local/mail`."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import escape
from http import HTTPStatus

from local.http import HttpRequest, HttpResponse, header
from local.intrinsics import Json
from local.outbox import Mail, Outbox, find_links

PATH = "/_local/mail"

_PATH = re.compile(rf"{PATH}(?:/?|/(?P<number>[0-9]{{1,9}})(?P<form>\.eml|\.html)?)")
_OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid #8884;
  overflow-wrap: anywhere; }
th { font-weight: 600; }
td:last-child, th:last-child { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; padding: 1rem; border: 1px solid #8884; }
iframe { box-sizing: border-box; width: 100%; height: 24rem; border: 1px solid #8884; background: #fff; }
"""
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    f"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox {_SANDBOX}"
)


def mail_pages(outbox: Outbox) -> Callable[[HttpRequest], HttpResponse]:
    """Return what answers requests below `PATH`: a list, and each mail as a page, as JSON and as it was sent.

    A request by another name than this machine's own is refused, so that no site that a browser visits can read mail
    by a name of its own which leads here.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if header(request.headers, "host").partition(":")[0].lower() not in _OWN_NAMES:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST)
        if request.method not in {"GET", "HEAD"}:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
        match = _PATH.fullmatch(request.path)
        if match is None:
            return _plain(HTTPStatus.NOT_FOUND)
        if match["number"] is None:
            return _list(outbox, request)
        mail = outbox.get(int(match["number"]))
        return _mail(mail, request, match["form"]) if mail else _plain(HTTPStatus.NOT_FOUND)

    return answer


def _list(outbox: Outbox, request: HttpRequest) -> HttpResponse:
    mails = outbox.newest_first()
    return _json([_facts(mail) for mail in mails]) if _wants_json(request) else _page("Mail", _table(mails))


def _mail(mail: Mail, request: HttpRequest, form: str | None) -> HttpResponse:
    if form == ".eml":
        name = ("Content-Disposition", f'attachment; filename="mail-{mail.number}.eml"')
        return _response(HTTPStatus.OK, "message/rfc822", mail.raw, name)
    if form == ".html":
        if not mail.html:
            return _plain(HTTPStatus.NOT_FOUND)
        body = f'<!doctype html><base target="_blank">{mail.html}'
        return _response(HTTPStatus.OK, "text/html; charset=utf-8", body.encode(), _policy(_MAIL_POLICY))
    if _wants_json(request):
        return _json(_facts(mail))
    return _page(mail.subject or "(no subject)", _details(mail))


def _wants_json(request: HttpRequest) -> bool:
    accept = header(request.headers, "accept").lower()
    return "application/json" in accept and "text/html" not in accept


def _facts(mail: Mail) -> dict[str, Json]:
    return {
        "id": mail.number,
        "to": mail.to,
        "subject": mail.subject,
        "sent_at": mail.sent_at.isoformat(timespec="seconds"),
        "text": mail.text,
        "links": mail.links,
    }


def _table(mails: list[Mail]) -> str:
    if not mails:
        return "<p>No mail has been sent yet.</p>"
    rows = "".join(
        f'<tr><td><bdi>{escape(mail.to)}</bdi></td><td><a href="{PATH}/{mail.number}"><bdi>'
        f"{escape(mail.subject or '(no subject)')}</bdi></a></td><td>{_time(mail)}</td></tr>"
        for mail in mails
    )
    return f"<table><thead><tr><th>To</th><th>Subject</th><th>Sent</th></tr></thead><tbody>{rows}</tbody></table>"


def _details(mail: Mail) -> str:
    sender = str(mail.message["From"] or "")
    html = f'<iframe sandbox="{_SANDBOX}" src="{PATH}/{mail.number}.html" title="The HTML part"></iframe>'
    return (
        f"<dl><dt>From</dt><dd><bdi>{escape(sender)}</bdi></dd><dt>To</dt><dd><bdi>{escape(mail.to)}</bdi></dd>"
        f"<dt>Sent</dt><dd>{_time(mail)}</dd></dl>"
        f"{f'<h2>HTML</h2>{html}' if mail.html else ''}"
        f"{f'<h2>Text</h2><pre>{_linked(mail.text)}</pre>' if mail.text else ''}"
        f'<p><a href="{PATH}">All mail</a> · <a href="{PATH}/{mail.number}.eml">As it was sent</a></p>'
    )


def _linked(text: str) -> str:
    """Return `text` as HTML in which every HTTP URL can be clicked."""
    made = ""
    for link in find_links(text):
        before, _, text = text.partition(link)
        url = escape(link)
        made += f'{escape(before)}<a href="{url}" target="_blank" rel="noreferrer">{url}</a>'
    return made + escape(text)


def _time(mail: Mail) -> str:
    return f'<time datetime="{mail.sent_at.isoformat()}">{mail.sent_at:%Y-%m-%d %H:%M:%S} UTC</time>'


def _page(title: str, content: str) -> HttpResponse:
    shown = escape(title)
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{shown}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1><bdi>{shown}</bdi></h1>{content}</body></html>"
    )
    return _response(HTTPStatus.OK, "text/html; charset=utf-8", html.encode(), _policy(_PAGE_POLICY))


def _json(value: Json) -> HttpResponse:
    return _response(HTTPStatus.OK, "application/json", json.dumps(value).encode())


def _plain(status: HTTPStatus, *headers: tuple[str, str]) -> HttpResponse:
    return _response(status, "text/plain; charset=utf-8", f"{status.phrase}\n".encode(), *headers)


def _policy(policy: str) -> tuple[str, str]:
    return "Content-Security-Policy", policy


def _response(status: HTTPStatus, content_type: str, body: bytes, *headers: tuple[str, str]) -> HttpResponse:
    common = (
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return HttpResponse(status, (*common, *headers), body)
