"""Imports on Amazon's own engine, where transactions are whole under threads too."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from keyfob.clock import now
from keyfob.service.importing import Importer, in_parallel
from keyfob.store.bulk import Bulk

from cli.lines import read_line
from tests.cli.operator import Operator, operating

ACCOUNT = "0b8ac4ed-2f9c-4d9c-8f53-2f1f4f0d5a10"


@pytest.fixture(scope="module")
def deployment(dynamodb_local_url: str) -> Iterator[Operator]:
    """An operator of a deployment on DynamoDB Local, which leaves no tables behind."""
    with operating(dynamodb_local_url) as running:
        yield running
        running.house.drop_tables()


@pytest.fixture
def operator(deployment: Operator) -> Operator:
    """The same, of a deployment that is empty."""
    deployment.house.empty()
    return deployment


def test_many_are_imported_at_once_and_come_back_as_they_were(operator: Operator, tmp_path: Path) -> None:
    """Several batches at the same time, with members of one account spread over all of them."""
    shared = {"id": ACCOUNT, "name": "Engines"}
    lines = [
        {"email": f"user{each}@example.com", **({"account": shared, "role": "owner"} if each % 7 == 0 else {})}
        for each in range(150)
    ]
    file = tmp_path / "users.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    first = operator.run("import", str(file))
    assert (first.exit_code, first.stderr) == (0, "150 imported, 0 unchanged, 0 conflict, 0 wrong\n")
    assert member_count(operator) == 22
    again = operator.run("import", str(file))
    assert (again.exit_code, again.stderr) == (0, "0 imported, 150 unchanged, 0 conflict, 0 wrong\n")

    exported = operator.exports()
    assert len(exported) == 150
    operator.house.empty()
    file.write_text("".join(json.dumps(line) + "\n" for line in exported), encoding="utf-8")
    assert operator.run("import", str(file)).exit_code == 0
    assert operator.exports() == exported
    assert member_count(operator) == 22


def test_two_imports_of_one_file_at_once_store_each_user_once(operator: Operator) -> None:
    """Who started it twice gets what one run makes, and both runs end well."""
    house = operator.house
    tables = {
        name: f"keyfob-{table}" for name, table in (("users_table", "UsersTable"), ("api_keys_table", "ApiKeysTable"))
    }
    store = Bulk(house.dynamodb, **tables)
    users = [read_line(json.dumps({"email": f"both{each}@example.com"}).encode()) for each in range(60)]
    batches = [users[start : start + 20] for start in range(0, 60, 20)]

    def run(_: int) -> list[str]:
        done = in_parallel(Importer(store, now()).add, batches, 2)
        return [outcome.state for _, outcomes in done for outcome in outcomes]

    with ThreadPoolExecutor(2) as pool:
        states = [state for each in pool.map(run, range(2)) for state in each]
    assert set(states) <= {"imported", "unchanged"}
    assert len(house.items("UsersTable")) == 60 * 8


def member_count(operator: Operator) -> int:
    """Return how many members the shared account says that it has."""
    items = operator.house.items("UsersTable")
    [account] = [item for item in items if item["pk"]["S"] == f"ACCOUNT#{ACCOUNT}" and item["sk"]["S"] == "ACCOUNT"]
    return int(account["member_count"]["N"])
