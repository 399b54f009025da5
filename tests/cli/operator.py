"""An operator: the command `keyfob` as it is run against a deployment, which CloudFormation knows as a stack."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session
from click.testing import CliRunner, Result
from moto import mock_aws

from cli.__main__ import keyfob
from local.template import load_stack
from tests.house import House, running_house

STACK = "keyfob"
TABLES = ("UsersTable", "SessionsTable", "ApiKeysTable")


@dataclass(frozen=True)
class Operator:
    """Runs commands against a house, one transaction at a time: moto's are not atomic under threads."""

    house: House

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """Run `keyfob admin --stack …` with `arguments`."""
        return self.run_bare("admin", "--stack", STACK, *arguments, stdin=stdin)

    def run_bare(self, *arguments: str, stdin: str = "") -> Result:
        """Run `keyfob` with `arguments`."""
        return CliRunner().invoke(keyfob, arguments, input=stdin)

    def imports(self, lines: Sequence[Mapping[str, Any]], *options: str) -> Result:
        """Import users from standard input."""
        text = "".join(json.dumps(line) + "\n" for line in lines)
        return self.run("import", "--workers", "1", *options, "-", stdin=text)

    def exports(self) -> list[dict[str, Any]]:
        """Export all users, in the order of their ids."""
        result = self.run("export", "-")
        assert result.exit_code == 0, result.output
        return sorted(map(json.loads, result.stdout.splitlines()), key=lambda line: str(line["id"]))

    def export_to(self, file: Path) -> Result:
        """Export all users to a file."""
        return self.run("export", str(file))


@contextmanager
def operating(dynamodb_url: str = "") -> Iterator[Operator]:
    """Run a deployment, and let moto's CloudFormation know its tables, and how it hashes passwords."""
    with mock_aws():
        create_stack()
        with running_house(dynamodb_url=dynamodb_url) as house:
            yield Operator(house)


def create_stack() -> None:
    """Create the stack, with what the command asks about."""
    stack = load_stack()
    resources = {
        name: {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {**stack.properties(name), "TableName": stack.reference(name)},
        }
        for name in TABLES
    }
    template = {"Parameters": {"PasswordHashing": {"Type": "String"}}, "Resources": resources}
    Session().client("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "PasswordHashing", "ParameterValue": "test"}],
    )
