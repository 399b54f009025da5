"""`docs/operations.md`: its queries ask for what lines have, its commands and names exist."""

import json
import re
from contextlib import suppress

import pytest
import yaml
from cfnlint.api import lint_all as lint
from keyfob.gateway.log import told
from keyfob.gateway.outcomes import Outcomes

from cli.__main__ import keyfob
from local.template import TEMPLATE, load_stack
from tests.house import House
from tests.logs import logged
from tests.operations.lines import events_in_order, lines_about
from tests.speakers import speaker

RUNBOOK = (TEMPLATE.parent / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", RUNBOOK, re.DOTALL | re.MULTILINE)
QUERIES = [text for language, text in BLOCKS if not language]
OF_INSIGHTS = {"@timestamp", "@message", "@logStream"}
OF_LAMBDA = {"record.status", "errorType", "errorMessage", "requestId"}
"""Members of lines that are Lambda's own, and its runtime's."""
WORDS = {
    *("filter", "fields", "stats", "sort", "limit", "by", "as", "and", "or", "in", "like", "asc", "desc"),
    *("count", "count_distinct", "latest"),
}


@pytest.fixture(scope="module")
def members(house: House) -> set[str]:
    """What members the lines have that functions write."""
    names = {"login.json", "me.json", "authorizer.rest-token.json", "mailer.json", "rotate_keys.createSecret.json"}
    lines = [
        line
        for name, event in events_in_order().items()
        if name in names
        for line in lines_about(house, name.partition(".")[0], event)
    ]
    with logged() as log:
        talk = speaker("standard", house)
        _, email = talk.registered()
        talk.logged_in(email)
        talk.client.call("login", talk.login_body(email, "a-wrong-password"))
        talk.client.call("refresh", talk.refresh_body("x"))
    with logged() as failed, suppress(ValueError), told(Outcomes("login", ""), "r"):
        raise ValueError
    lines += [*log.entries(), *log.security_events(), *failed.entries()]
    return {member for line in lines for member in _paths(line)}


def _paths(line: dict[str, object]) -> set[str]:
    inner = {f"{name}.{each}" for name, value in line.items() if isinstance(value, dict) for each in value}
    return {*line, *inner}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_members_that_lines_have(query: str, members: set[str]) -> None:
    """A query by a name of another time finds nothing, when somebody needs it most."""
    text = re.sub(r'"[^"]*"|\b[0-9]+[a-z]?\b', "", query)
    named = set(re.findall(r"@?[a-zA-Z_]+(?:\.[a-zA-Z]+)*", text)) - WORDS
    aliases = set(re.findall(r"\bas (\w+)", text))
    assert named - aliases - OF_INSIGHTS - OF_LAMBDA - members == set()


def test_there_are_queries() -> None:
    """The runbook has some to check."""
    assert len(QUERIES) >= 6


def test_its_commands_exist() -> None:
    """What it says to run with `scripts/keyfob admin` is a command."""
    named = set(re.findall(r"scripts/keyfob admin (?:--stack \S+ )?([a-z-]+)", RUNBOOK))
    admin = keyfob.commands["admin"]
    assert named
    assert named <= set(admin.commands)  # type: ignore[attr-defined] # a group


def test_its_resources_exist() -> None:
    """What it asks the stack for by name is there."""
    named = set(re.findall(r"physical ([A-Z]\w+)", RUNBOOK))
    assert named
    assert named <= set(load_stack({"EventBus": "default", "AccessLogs": "true"}).template["Resources"])


def test_its_links_lead_somewhere() -> None:
    """A section that another page or this one refers to is there."""
    headings = {
        re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-")
        for each in re.findall("^#+ (.+)$", RUNBOOK, re.MULTILINE)
    }
    pages = [path.read_text(encoding="utf-8") for path in (TEMPLATE.parent / "docs").glob("*.md")]
    named = {each for page in pages for each in re.findall(r"\(operations\.md#([a-z-]+)\)", page)}
    assert named | set(re.findall(r"\(#([a-z-]+)\)", RUNBOOK)) <= headings


def test_its_policy_and_its_web_acl_are_whole() -> None:
    """What is to be copied can be: the key's policy is JSON, and CloudFormation would take the web ACL."""
    policies = [json.loads(text) for language, text in BLOCKS if language == "json"]
    assert [statement["Effect"] for policy in policies for statement in policy["Statement"]] == ["Allow", "Allow"]
    (resources,) = [yaml.safe_load(text) for language, text in BLOCKS if language == "yaml"]
    matches = lint(json.dumps({"Resources": resources}))
    assert [str(each) for each in matches if not each.rule.id.startswith("I")] == []
