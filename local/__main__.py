"""`python -m local`, which is `make run`: the whole API on the laptop, without an AWS account."""

import logging
import os
import signal
import sys
from pathlib import Path

from local.announcement import Announcement, announced
from local.banner import banner
from local.dynamodb_local import Unavailable
from local.intrinsics import STACK_NAME
from local.laptop import Laptop, laptop
from local.mail_pages import mail_pages
from local.options import InvalidOption, Options
from local.server import HOST, Application, PortInUse, listen, make_server
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


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    logging.getLogger("keyfob.security_event").addFilter(lambda _line: False)  # the server tells of each request
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    try:
        serve(Options.of(os.environ, load_deployment().stages))
    except (InvalidOption, PortInUse, Unavailable) as error:
        sys.exit(f"keyfob: {error}")
    except KeyboardInterrupt:
        print("\nStopped.")


def serve(options: Options) -> None:
    """Serve the deployment that `template.yaml` describes, at the port and with the contract of `options`."""
    with listen(options.port) as listener:
        port = listener.getsockname()[1]
        deployment = load_deployment(
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
        data = DATA if options.keeps_data else None
        with (
            laptop(deployment, data, DATA / "outbox", _providers(deployment)) as begun,
            announced(_announcement(deployment, begun)),
        ):
            print(banner(deployment, options, port), flush=True)
            pages = mail_pages(begun.outbox)
            server = make_server(Application(deployment, begun.runtime.invoke, options.contract, pages))
            server.run(sockets=[listener])


def _announcement(deployment: Deployment, begun: Laptop) -> Announcement:
    """Return what other programs need in order to use the tables as the functions do."""
    tables = {table.name.removeprefix(f"{STACK_NAME}-"): table.name for table in deployment.tables}
    hashing = deployment.functions["login"].environment["PASSWORD_HASHING"]
    return Announcement(os.getpid(), begun.dynamodb_url, tables, hashing)


def _providers(deployment: Deployment) -> dict[str, str]:
    """Return the secret of the sign-in providers, by its name, if this laptop has any."""
    if not PROVIDERS.exists():
        return {}
    arn = deployment.functions["oauth"].environment["OAUTH_PROVIDERS_SECRET"]
    return {arn.split(":secret:")[1]: PROVIDERS.read_text(encoding="utf-8")}


def _end(number: int, _frame: object) -> None:
    """End as an interrupt does, so that what was begun is ended as well."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
