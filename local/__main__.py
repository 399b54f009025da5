"""`python -m local`, which is `make run`: the whole API on the laptop, without an AWS account."""

import logging
import os
import signal
import sys
from pathlib import Path

from local.banner import banner
from local.dynamodb_local import Unavailable
from local.laptop import laptop
from local.options import InvalidOption, Options
from local.server import HOST, Application, PortInUse, listen, make_server
from local.template import load_deployment

DATA = Path(__file__).parent.parent / ".local"
DEVELOPMENT_ORIGINS = ",".join(
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 4200, 5173, 8080)
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
                "LogLevel": "WARN",  # the server itself tells of each request
            }
        )
        with laptop(deployment, DATA if options.keeps_data else None) as runtime:
            print(banner(deployment, options, port), flush=True)
            server = make_server(Application(deployment, runtime.invoke, options.contract))
            server.run(sockets=[listener])


def _end(number: int, _frame: object) -> None:
    """End as an interrupt does, so that what was begun is ended as well."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
