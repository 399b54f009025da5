"""`python -m local.sam_local`, which is `make sam-local`: the API by SAM CLI, each function in a container."""

import logging
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from local import containers, dynamodb_local
from local.announcement import announced
from local.banner import sam_banner
from local.containers import find_engine
from local.development import DATA, announcement, deployment_at, end_on_signals, kept_providers
from local.laptop import laptop
from local.options import InvalidOption, Options
from local.sam_cli import Failed, SamCli, start_api
from local.sam_project import NotBuilt, image_name, variables_for_containers, write_project
from local.server import PortInUse, listen
from local.template import load_deployment

PROJECT = DATA / "sam"


@dataclass(frozen=True, slots=True)
class Builder:
    """What `make` knows: the command that runs SAM CLI, and the architecture that was built for."""

    command: tuple[str, ...]
    architecture: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Builder":
        """Read `SAM_COMMAND` and `ARCHITECTURE`; raises `InvalidOption`."""
        try:
            return cls(tuple(shlex.split(environment["SAM_COMMAND"])), environment["ARCHITECTURE"])
        except KeyError as error:
            raise InvalidOption(f"{error.args[0]} is not set, which `make` does") from error


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    end_on_signals()
    try:
        serve(Options.of(os.environ, load_deployment().stages), Builder.of(os.environ))
    except (
        InvalidOption,
        NotBuilt,
        PortInUse,
        Failed,
        containers.Unavailable,
        dynamodb_local.Unavailable,
    ) as error:
        sys.exit(f"keyfob: {error}")
    except KeyboardInterrupt:
        print("\nStopped.")


def serve(options: Options, builder: Builder) -> None:
    """Serve what was built, at the port and with the contract of `options`, over moto and DynamoDB Local."""
    engine, image = find_engine(os.environ), image_name(builder.architecture)
    engine.ensure_image(image)
    with listen(options.port) as listener:  # SAM CLI binds it itself
        port = listener.getsockname()[1]
    deployment = deployment_at(port)
    with (
        laptop(deployment, DATA, DATA / "outbox", kept_providers(deployment), engine.networks) as begun,
        announced(announcement(deployment, begun)),
    ):
        variables = variables_for_containers(engine.way_here(image, begun.services.url), begun.services)
        project = write_project(PROJECT, deployment, options.contract, builder.architecture, variables)
        with start_api(SamCli(builder.command, project.settings, engine.url), port) as process:
            print(sam_banner(deployment, options, port), flush=True)
            process.wait()
        raise Failed(f"sam local start-api ended with status {process.returncode}")


if __name__ == "__main__":
    main()
