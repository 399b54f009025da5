"""Filter patterns of CloudWatch Logs for JSON lines, as far as the template uses them.

``{ A }``, where A is made of ``$.member.member = "text"``, ``!=``, ``&&``, ``||`` and parentheses. A text may hold
``*`` for any characters, and ``*`` alone is any value (CloudWatch Logs User Guide, "Filter pattern syntax").
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

_TOKEN = re.compile(r'\s*(\|\||&&|!=|=|[(){}]|\$(?:\.\w+)+|"[^"]*"|\*)')


def matches(pattern: str, line: Any) -> bool:
    """Tell whether a line, read as JSON, is one that the filter takes; raises `ValueError` for any other pattern."""
    tokens = _tokens(pattern)
    _expect(tokens, "{")
    found = _either(tokens, line)
    _expect(tokens, "}")
    if tokens:
        raise ValueError(f"more after the pattern: {tokens}")
    return found


def value(selector: str, line: Any) -> Any:
    """Return the member of a line that a selector such as ``$.record.status`` names, or `None`."""
    for name in selector.split(".")[1:]:
        line = line.get(name) if isinstance(line, dict) else None
    return line


def _tokens(pattern: str) -> list[str]:
    return list(_read(pattern.strip()))


def _read(text: str) -> Iterator[str]:
    while text:
        match = _TOKEN.match(text)
        if not match:
            raise ValueError(f"not understood: {text}")
        yield match[1]
        text = text[match.end() :]


def _either(tokens: list[str], line: Any) -> bool:
    found = _both(tokens, line)
    while tokens[:1] == ["||"]:
        tokens.pop(0)
        found = _both(tokens, line) or found
    return found


def _both(tokens: list[str], line: Any) -> bool:
    found = _one(tokens, line)
    while tokens[:1] == ["&&"]:
        tokens.pop(0)
        found = _one(tokens, line) and found
    return found


def _one(tokens: list[str], line: Any) -> bool:
    if tokens[0] == "(":
        tokens.pop(0)
        found = _either(tokens, line)
        _expect(tokens, ")")
        return found
    selector, operator, text = tokens.pop(0), tokens.pop(0), tokens.pop(0)
    if not selector.startswith("$.") or operator not in ("=", "!="):
        raise ValueError(f"no comparison: {selector} {operator} {text}")
    member = value(selector, line)
    equal = member is not None and fnmatchcase(str(member), text.strip('"'))
    return equal if operator == "=" else member is not None and not equal


def _expect(tokens: list[str], token: str) -> None:
    if tokens.pop(0) != token:
        raise ValueError(f"{token} is missing")
