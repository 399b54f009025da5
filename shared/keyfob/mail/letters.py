"""What mail says: templates by language and kind, in ``templates/<language>/<kind>.txt.j2`` and ``.html.j2``.

The first line of a text is its subject, and the second is empty.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from keyfob.model.mail import MailKind

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES: Final = ("en", "de")
TEMPLATES: Final = Path(__file__).parent / "templates"


class Letter(NamedTuple):
    """A mail without its envelope."""

    subject: str
    text: str
    html: str


class Letters:
    """Writes mail in one language, in the name of one product."""

    def __init__(self, product: str, language: str) -> None:
        """Take the product's name and one of `LANGUAGES`."""
        self._product = " ".join(product.split())
        self._language = language

    def write(self, kind: MailKind, facts: Mapping[str, str | int]) -> Letter:
        """Return the mail of this kind about `facts`; a fact that its templates name and that is missing raises."""
        values = {"product": self._product, "language": self._language, **facts}
        subject, _, text = self._render(f"{kind}.txt.j2", values).partition("\n")
        return Letter(subject, text.lstrip("\n"), self._render(f"{kind}.html.j2", values))

    def _render(self, name: str, values: Mapping[str, str | int]) -> str:
        return self._environment.get_template(f"{self._language}/{name}").render(values)

    @cached_property
    def _environment(self) -> "Environment":
        """The templates; what a mail is told is escaped in HTML, and a name that nobody gave is a fault."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

        return Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
