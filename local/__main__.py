"""`python -m local`, which is `make run`: the whole API on the laptop, without an AWS account."""

import logging
import os
import signal
import sys
from pathlib import Path

from local.banner import banner
from local.dynamodb_local import Unavailable
from local.laptop import laptop
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
                "MailFrom": "Keyfob <no-reply@keyfob.example>",
                **GENEROUS_LIMITS,
            }
        )
        data = DATA if options.keeps_data else None
        with laptop(deployment, data, DATA / "outbox", _providers(deployment)) as begun:
            print(banner(deployment, options, port), flush=True)
            pages = mail_pages(begun.outbox)
            server = make_server(Application(deployment, begun.runtime.invoke, options.contract, pages))
            server.run(sockets=[listener])


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
