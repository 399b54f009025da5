"""What `make audit` looks for is found where it is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = "requirements.txt"
KEY = "KmsKeyArn=arn:aws:kms:eu-west-1:123456789012:key/audit"

SAFE_PACKAGE: Any = {"name": "safe", "version": "1.0", "vulns": []}
UNSAFE_PACKAGE: Any = {
    "name": "unsafe",
    "version": "1.0",
    "vulns": [{"id": "CVE-2026-0001", "fix_versions": ["1.1"], "aliases": [], "description": ""}],
}
UNKNOWN_PACKAGE: Any = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}

pytestmark = pytest.mark.slow


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run one of the repository's commands, and keep what it says."""
    return subprocess.run(  # noqa: S603 - our own commands
        [*map(str, command)], capture_output=True, check=False, text=True, cwd=ROOT, **options
    )


@pytest.fixture(scope="module")
def template() -> Any:
    """The template as it is created with all that protects it."""
    printed = run(sys.executable, "scripts/resolved-template", "AccessLogs=true", "Tracing=Active", KEY).stdout
    return json.loads(printed)


def checked(template: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask checkov of a template."""
    file = folder / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    return run("scripts/checkov", "--file", file)


def test_the_template_has_a_finding_where_a_fault_is_planted(template: Any, tmp_path: Path) -> None:
    """A table that could not be restored does not pass."""
    tables = [each for each in template["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table"]
    del tables[0]["Properties"]["PointInTimeRecoverySpecification"]
    found = checked(template, tmp_path)
    assert found.returncode == 1, found.stderr
    assert "CKV_AWS_28" in found.stdout


def test_code_has_a_finding_where_a_fault_is_planted(tmp_path: Path) -> None:
    """A shell that runs what somebody sends does not pass, and a constant named after passwords does."""
    safe, unsafe = tmp_path / "safe.py", tmp_path / "unsafe.py"
    safe.write_text('PASSWORD_FIELD = "password"\n', encoding="utf-8")
    unsafe.write_text("import os\n\n\ndef run(text):\n    os.system(text)\n", encoding="utf-8")
    bandit = (Path(sys.executable).with_name("bandit"), "--quiet", "--configfile", "pyproject.toml")
    assert run(*bandit, safe).returncode == 0
    found = run(*bandit, unsafe)
    assert found.returncode == 1
    assert "B605" in found.stdout


def audited(report: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Audit dependencies where pip-audit says `report`."""
    (folder / "pip_audit.py").write_text(f"print({report!r})\n", encoding="utf-8")
    script = [sys.executable, "scripts/audit-dependencies", REQUIREMENTS]
    return run(*script, env={"PYTHONPATH": str(folder)})


def test_a_dependency_with_a_known_vulnerability_is_named(tmp_path: Path) -> None:
    """Its release, the vulnerability and where it is fixed, and the command fails."""
    found = audited(json.dumps({"dependencies": [SAFE_PACKAGE, UNSAFE_PACKAGE]}), tmp_path)
    assert found.returncode == 1
    assert "unsafe 1.0: CVE-2026-0001, fixed in 1.1" in found.stdout


def test_dependencies_without_vulnerabilities_pass(tmp_path: Path) -> None:
    """The command tells how many it could look up."""
    found = audited(json.dumps({"dependencies": [SAFE_PACKAGE, UNKNOWN_PACKAGE]}), tmp_path)
    assert found.returncode == 0
    assert "looked up 1 of 2" in found.stdout


@pytest.mark.parametrize("report", ["", json.dumps({"dependencies": [UNKNOWN_PACKAGE]})], ids=["none", "of nothing"])
def test_nobody_takes_no_data_for_no_vulnerability(report: str, tmp_path: Path) -> None:
    """Where PyPI's data cannot be reached, the command says so in capitals."""
    found = audited(report, tmp_path)
    assert found.returncode == 0
    assert "NOT LOOKED UP" in found.stdout


def test_what_is_told_to_be_deployed_is_what_the_layer_and_docs_need(tmp_path: Path) -> None:
    """The bill of materials has each package with its hashes, and none of those that only tests need."""
    file = tmp_path / "sbom.json"
    made = run("make", "sbom", f"SBOM={file}")
    assert made.returncode == 0, made.stderr
    components = json.loads(file.read_text(encoding="utf-8"))["components"]
    names = {each["name"] for each in components}
    assert {"argon2-cffi", "pyjwt", "cryptography", "authlib", "drf-spectacular-sidecar"} <= names
    assert names.isdisjoint({"moto", "pytest", "boto3", "flask"})
    for each in components:
        assert each["purl"].startswith("pkg:pypi/")
        assert any(hashed["alg"] == "SHA-256" for link in each["externalReferences"] for hashed in link["hashes"])
