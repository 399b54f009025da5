"""What goes wrong with AWS, or is refused, in one line; the command then ends with exit code 1."""

from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from keyfob.errors import EmailTaken, InvalidFields, KeyfobError, Unavailable, UsernameTaken

_WORDS: dict[type[Exception], str] = {
    NoCredentialsError: "there are no AWS credentials in the environment",
    NoRegionError: "there is no AWS region: set AWS_DEFAULT_REGION",
    EmailTaken: "another user has this email address",
    UsernameTaken: "another user has this username",
    Unavailable: "DynamoDB does not answer: try again later",
}
"""What to say of a failure that says too little itself."""


class PlainFailures(click.Group):
    """A group of commands whose expected failures are told in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (BotoCoreError, ClientError, KeyfobError) as error:
            raise click.ClickException(plain(error)) from error


def plain(error: Exception) -> str:
    """Return what to tell of an expected failure."""
    if type(error) in _WORDS:
        return _WORDS[type(error)]
    if isinstance(error, InvalidFields):
        return "; ".join(sentence for sentences in error.fields.values() for sentence in sentences)
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error'].get('Message') or error.response['Error']['Code']}"
    return str(error) or type(error).__name__
