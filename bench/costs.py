"""What a million of each flow costs: prices, the units that were counted, and the memory that the template gives.

Durations are assumed, so that the figures are those of every machine; `docs/costs.md` says on which grounds.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bench import prices
from bench.counting import Units
from bench.table import Chart, Row, Section
from local.template import Deployment, load_deployment

MIB_PER_GIB = 1024
HASHING_SECONDS, READING_SECONDS, STATELESS_SECONDS = 0.1, 0.03, 0.005
REQUEST_KILOBYTES, EVENT_KILOBYTES, AUTHORIZER_KILOBYTES = 1.2, 0.4, 1.0
"""What is logged of a request, of a security event besides, and of an authorization."""

KINDS = ("API Gateway", "Lambda", "DynamoDB", "CloudWatch Logs")


class Flow(NamedTuple):
    """A flow by the name that its units are counted by, the function that answers, and what else it costs."""

    name: str
    function: str
    seconds: float
    log_kilobytes: float
    is_of_our_api: bool = True


FLOWS = (
    Flow("register", "register", HASHING_SECONDS, REQUEST_KILOBYTES + EVENT_KILOBYTES),
    Flow("login", "login", HASHING_SECONDS, REQUEST_KILOBYTES + EVENT_KILOBYTES),
    Flow("refresh", "refresh", READING_SECONDS, REQUEST_KILOBYTES),
    Flow("me", "me", READING_SECONDS, REQUEST_KILOBYTES),
    Flow("me by API key", "me", READING_SECONDS, REQUEST_KILOBYTES),
    Flow("logout", "logout", READING_SECONDS, REQUEST_KILOBYTES + EVENT_KILOBYTES),
    Flow("authorizer, strict", "authorizer", READING_SECONDS, AUTHORIZER_KILOBYTES, is_of_our_api=False),
    Flow("authorizer, stateless", "authorizer", STATELESS_SECONDS, AUTHORIZER_KILOBYTES, is_of_our_api=False),
)


def costs(counted: Mapping[str, Units]) -> Section:
    """Price each flow by the units that were counted of it."""
    note = f"US dollars, {prices.REGION}, {prices.AS_OF}, without any free tier; see docs/costs.md"
    if not counted:
        return Section("Cost per million", [], "not priced, since no units were counted")
    deployment = load_deployment()
    parts = {flow.name: _parts(flow, counted, deployment) for flow in FLOWS}
    rows = [Row(name, sum(each.values()), "$") for name, each in parts.items()]
    chart = Chart("costs", "US dollars for a million of each", "$", KINDS, {"": parts})
    return Section("Cost per million", rows, note, chart)


def _parts(flow: Flow, counted: Mapping[str, Units], deployment: Deployment) -> dict[str, float]:
    memory = deployment.functions[flow.function].memory
    return dict(zip(KINDS, _dollars_per_million(flow, counted[flow.name], memory), strict=True))


def _dollars_per_million(flow: Flow, units: Units, memory: int) -> Iterator[float]:
    yield prices.MILLION * prices.API_REQUEST * flow.is_of_our_api
    yield prices.MILLION * (prices.INVOCATION + compute(flow.seconds, memory))
    yield prices.MILLION * (units.reads * prices.READ_UNIT + units.writes * prices.WRITE_UNIT)
    yield prices.MILLION * flow.log_kilobytes * prices.LOG_KILOBYTE


def compute(seconds: float, memory: int) -> float:
    """Return what so long an invocation costs with so much memory, in MiB, without the charge for invoking."""
    return seconds * memory / MIB_PER_GIB * prices.GIGABYTE_SECOND
