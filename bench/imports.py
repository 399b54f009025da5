"""How many users a second an import stores in DynamoDB Local, read and stored as `keyfob admin import` does it."""

import json
import time
from collections.abc import Iterator

from keyfob.service.importing import Importer, in_parallel
from keyfob.store.bulk import Bulk
from keyfob.store.client import bulk_dynamodb_client

from bench.table import Row, Section
from cli.import_users import WORKERS, Reader
from local.aws import connected, create_tables
from local.dynamodb_local import running, why_unavailable
from local.template import load_deployment

USERS = 4000
WARM_UP_USERS = 2000
LEAST_PER_SECOND = 300
TABLES = {"users_table": "keyfob-UsersTable", "api_keys_table": "keyfob-ApiKeysTable"}
HASH = "pbkdf2_sha256$600000$saltsaltsalt$" + "A" * 43 + "="


def imports() -> Section:
    """Measure a first run, and a second one of the same file, which finds that everybody is there."""
    title = "Import"
    if reason := why_unavailable():
        return Section(title, [], f"not measured, since {reason}")
    with running() as url, connected(url, url):
        client = bulk_dynamodb_client()
        create_tables(load_deployment(), client)
        store = Bulk(client, **TABLES)
        _users_a_second(store, "early", WARM_UP_USERS)
        rows = [
            Row("users", _users_a_second(store, "user", USERS), "/s", floor=LEAST_PER_SECOND),
            Row("users that are there already", _users_a_second(store, "user", USERS), "/s"),
        ]
    return Section(
        title, rows, f"{USERS} users with a hash each, 8 items a user, once Java has compiled what it runs often"
    )


def _users_a_second(store: Bulk, name: str, count: int) -> float:
    importer = Importer(store, int(time.time()))
    batches = Reader(_fail).batches(_lines(name, count))
    begin = time.perf_counter()
    done = sum(
        len(lines)
        for lines, _ in in_parallel(lambda lines: importer.add([line.user for line in lines]), batches, WORKERS)
    )
    return done / (time.perf_counter() - begin)


def _lines(name: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        user = {"email": f"{name}{number}@example.com", "full_name": f"User {number}", "password_hash": HASH}
        yield json.dumps(user).encode()


def _fail(number: int, _size: int, reason: str) -> None:
    raise RuntimeError(f"line {number}: {reason}")
