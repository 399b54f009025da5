"""What `make run` and `make sam-local` share: the deployment that developers get, and what is kept for them."""

import os
import signal
import sys
from pathlib import Path

from local.announcement import Announcement
from local.intrinsics import STACK_NAME
from local.laptop import Laptop
from local.server import HOST
from local.template import Deployment, load_deployment

DATA = Path(__file__).parent.parent / ".local"
PROVIDERS = DATA / "providers.json"
DEVELOPMENT_ORIGINS = ",".join(
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 4200, 5173, 8080)
)
# Nobody who develops or measures is to wait.
GENEROUS_LIMITS = dict.fromkeys(
    ("AnonymousAttempts", "SignedInAttempts", "StaffAttempts", "AccountFailures", "MailsPerAddress"), "1000000"
)


def deployment_at(port: int) -> Deployment:
    """Return what `template.yaml` deploys, as a developer wants it at a port of this machine."""
    return load_deployment(
        {
            "Issuer": f"http://{HOST}:{port}",
            "AllowedOrigins": DEVELOPMENT_ORIGINS,
            "AllowedRedirects": DEVELOPMENT_ORIGINS,
            "LogLevel": "WARN",  # the server itself tells of each request
            "Metrics": "false",
            "MailFrom": "Keyfob <no-reply@keyfob.example>",
            **GENEROUS_LIMITS,
        }
    )


def announcement(deployment: Deployment, begun: Laptop) -> Announcement:
    """Return what other programs need in order to use the tables as the functions do."""
    tables = {table.name.removeprefix(f"{STACK_NAME}-"): table.name for table in deployment.tables}
    hashing = deployment.functions["login"].environment["PASSWORD_HASHING"]
    return Announcement(os.getpid(), begun.services.dynamodb_url, tables, hashing)


def kept_providers(deployment: Deployment) -> dict[str, str]:
    """Return the secret of the sign-in providers, by its name, if this laptop has any."""
    if not PROVIDERS.exists():
        return {}
    arn = deployment.functions["oauth"].environment["OAUTH_PROVIDERS_SECRET"]
    return {arn.split(":secret:")[1]: PROVIDERS.read_text(encoding="utf-8")}


def end_on_signals() -> None:
    """Let signals that end a program do it as an interrupt does, so that what was begun is ended as well."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _frame: sys.exit(128 + number))
