"""`python -m local`, which is `make run`: the whole API on the laptop, without an AWS account."""

import logging
import os
import sys

from local.announcement import announced
from local.banner import banner
from local.development import DATA, announcement, deployment_at, end_on_signals, kept_providers
from local.dynamodb_local import Unavailable
from local.laptop import laptop
from local.mail_pages import mail_pages
from local.options import InvalidOption, Options
from local.server import Application, PortInUse, listen, make_server
from local.template import load_deployment


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    logging.getLogger("keyfob.security_event").addFilter(lambda _line: False)  # the server tells of each request
    end_on_signals()
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
        deployment = deployment_at(port)
        data = DATA if options.keeps_data else None
        with (
            laptop(deployment, data, DATA / "outbox", kept_providers(deployment)) as begun,
            announced(announcement(deployment, begun)),
        ):
            print(banner(deployment, options, port), flush=True)
            pages = mail_pages(begun.outbox)
            server = make_server(Application(deployment, begun.runtime.invoke, options.contract, pages))
            server.run(sockets=[listener])


if __name__ == "__main__":
    main()
