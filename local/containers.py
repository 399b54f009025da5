"""The container engine that SAM CLI runs functions in (Docker, Finch or Podman), and its containers' way to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound

if TYPE_CHECKING:
    from docker.models.networks import Network

_FINCH = "unix:////Applications/Finch/lima/data/finch/sock/finch.sock"  # SAM CLI knows it by these four slashes

# What a container can call this machine, depending on the engine. Docker on Linux has no name for it unless told.
_NAMES = ("host.docker.internal", "host.containers.internal")

_PROBE = """
import sys, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for host in sys.argv[2:]:
    try:
        direct.open(f"http://{host}:{sys.argv[1]}/moto-api/", timeout=3).close()
    except OSError:
        continue
    print(host)
    break
"""


class Unavailable(RuntimeError):
    """There is no container engine, or it lacks something; the text says what."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answers, and the URL of its API, which is the value of `DOCKER_HOST`."""

    url: str
    client: DockerClient

    def ensure_image(self, name: str) -> None:
        """Pull an image unless it is there; raises `Unavailable`."""
        try:
            self.client.images.get(name)
        except NotFound:
            self._pull(name)

    def _pull(self, name: str) -> None:
        try:
            self.client.images.pull(name)
        except DockerException as error:
            raise Unavailable(f"the image {name} is not here and cannot be pulled: {_text(error)}") from error

    @property
    def networks(self) -> tuple[IPv4Network, ...]:
        """The networks that containers are in by default."""
        return tuple(IPv4Network(each["Subnet"]) for each in self._default_network() if _is_v4(each["Subnet"]))

    def way_here(self, image: str, url: str) -> str:
        """Return the name or address by which a container of `image` reaches this machine, at the port of `url`.

        A container tries them, as no engine tells; moto must listen there. Raises `Unavailable`.
        """
        port = urlsplit(url).port
        candidates = [*_NAMES, *(each["Gateway"] for each in self._default_network() if each.get("Gateway"))]
        command = ["-c", _PROBE, str(port), *candidates]
        try:
            said = self.client.containers.run(image, command, entrypoint=["python3"], remove=True)
        except DockerException as error:
            raise Unavailable(f"no container of {image} runs: {_text(error)}") from error
        if found := said.decode().strip():
            return found
        raise Unavailable(f"no container reaches this machine at port {port}, by none of {', '.join(candidates)}")

    def _default_network(self) -> list[dict[str, str]]:
        """Return what the engine says of the addresses of its default network, which not every engine has."""
        try:
            network: Network = self.client.networks.get("bridge")
        except NotFound:
            return []
        return (network.attrs or {}).get("IPAM", {}).get("Config") or []


def find_engine(environment: Mapping[str, str]) -> Engine:
    """Return the engine at `DOCKER_HOST`, or else the first that answers where engines usually do.

    Raises `Unavailable`.
    """
    named = environment.get("DOCKER_HOST")
    for url in (named,) if named else usual_urls(environment):
        if client := _answering(url):
            return Engine(url, client)
    where = f"at DOCKER_HOST={named}" if named else "where Docker, Finch and Podman usually do"
    raise Unavailable(f"no container engine answers {where}: docs/local.md tells how to start one")


def usual_urls(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the URL of each socket that engines usually listen at, Docker's first."""
    home, runtime = environment.get("HOME", "/"), environment.get("XDG_RUNTIME_DIR", "/run/user/none")
    return (
        "unix:///var/run/docker.sock",
        f"unix://{home}/.docker/run/docker.sock",
        f"unix://{home}/.docker/desktop/docker.sock",
        f"unix://{runtime}/docker.sock",
        _FINCH,
        "unix:///var/run/finch.sock",
        f"unix://{runtime}/podman/podman.sock",
        "unix:///run/podman/podman.sock",
    )


def _answering(url: str) -> DockerClient | None:
    if url.startswith("unix://") and not Path(url.removeprefix("unix://")).exists():
        return None
    try:
        client = DockerClient(base_url=url)
        client.ping()
    except DockerException:
        return None
    return client


def _is_v4(network: str) -> bool:
    return ":" not in network


def _text(error: DockerException) -> str:
    return str(error.explanation if isinstance(error, APIError) else error)
