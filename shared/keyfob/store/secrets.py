"""Secrets Manager: the key set's versions and the stages that mark them."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from keyfob.store.client import available, error_code, secrets_client

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
_NOT_PENDING = frozenset({"ResourceNotFoundException", "InvalidRequestException"})


class Secret:
    """One secret, by its ARN."""

    def __init__(self, client: "SecretsManagerClient", arn: str) -> None:
        """Take a Secrets Manager client and the secret's ARN."""
        self._client = client
        self._arn = arn

    @classmethod
    def connect(cls, arn: str) -> "Secret":
        """Return the secret `arn` over a new client."""
        return cls(secrets_client(), arn)

    def read(self) -> str:
        """Return the current version's text."""
        return available(lambda: self._client.get_secret_value(SecretId=self._arn, VersionStage=CURRENT))[
            "SecretString"
        ]

    def read_pending(self, version: str) -> str | None:
        """Return the text of a pending version, or `None` if it has none or is not pending."""
        try:
            answer = available(
                lambda: self._client.get_secret_value(SecretId=self._arn, VersionId=version, VersionStage=PENDING)
            )
        except ClientError as error:
            if error_code(error) in _NOT_PENDING:
                return None
            raise
        return answer["SecretString"]

    def write_pending(self, version: str, text: str) -> None:
        """Store `text` as the pending version; the same again changes nothing."""
        self._write(version, text, PENDING)

    def write_current(self, version: str, text: str) -> None:
        """Store `text` as the current version; the same again changes nothing."""
        self._write(version, text, CURRENT)

    def promote(self, version: str) -> None:
        """Make the pending version the current one; it may be that already."""
        current = self._current_version()
        if current != version:
            available(
                lambda: self._client.update_secret_version_stage(
                    SecretId=self._arn,
                    VersionStage=CURRENT,
                    MoveToVersionId=version,
                    RemoveFromVersionId=current,
                )
            )

    def is_current(self, version: str) -> bool:
        """Tell whether this version is the current one."""
        return self._current_version() == version

    def abandon_pending(self, version: str) -> None:
        """Let this version be pending no more; Secrets Manager rotates nothing while another one is."""
        available(
            lambda: self._client.update_secret_version_stage(
                SecretId=self._arn, VersionStage=PENDING, RemoveFromVersionId=version
            )
        )

    def _current_version(self) -> str:
        stages = available(lambda: self._client.describe_secret(SecretId=self._arn))["VersionIdsToStages"]
        return next(version for version, names in stages.items() if CURRENT in names)

    def _write(self, version: str, text: str, stage: str) -> None:
        available(
            lambda: self._client.put_secret_value(
                SecretId=self._arn, ClientRequestToken=version, SecretString=text, VersionStages=[stage]
            )
        )
