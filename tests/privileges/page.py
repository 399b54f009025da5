"""Writes the table of `docs/iam.md`: what each function may do, as the template's roles and boundary have it."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.privileges.deployments import stack_of
from tests.privileges.roles import Grant, Role, roles_of

PAGE = Path(__file__).parents[2] / "docs" / "iam.md"

_HEADING = "| Function | May do |\n|---|---|\n"


def main() -> None:
    """Write the table anew, and leave what is before it."""
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def current(page: str) -> str:
    """Return the page with the table as it should be."""
    roles = roles_of(stack_of("as the tests deploy it"))
    rows = (f"| `{name}` | {_listed(role)} |\n" for name, role in sorted(roles.items()))
    return page.partition(_HEADING)[0] + _HEADING + "".join(rows)


def _listed(role: Role) -> str:
    """Return what a role grants besides logging, which all roles do."""
    resources = defaultdict(set)
    for grant in role.grants:
        if not grant.action.startswith("logs:"):
            resources[_name(grant)].add(grant.action)
    return (
        "<br>".join(f"{_actions(actions)} on {name}" for name, actions in sorted(resources.items())) or "nothing else"
    )


def _actions(actions: Iterable[str]) -> str:
    """Return actions of one service, which only the first one names."""
    first, *others = sorted(actions)
    return ", ".join(f"`{each}`" for each in (first, *(other.partition(":")[2] for other in others)))


def _name(grant: Grant) -> str:
    """Return what the template calls a resource, or the part of its ARN that says it."""
    kind = grant.resource.split(":", 5)[-1]
    if kind.startswith("event-bus/"):
        return "the bus of `EventBus`"
    name = kind.removeprefix("table/").removeprefix("secret:").removeprefix("keyfob-").removeprefix("keyfob/")
    table, stream, _ = name.partition("/stream/")
    return f"the stream of `{table}`" if stream else f"`{name}`"


if __name__ == "__main__":
    main()
