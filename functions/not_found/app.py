"""Every path that is no endpoint's: a 404 in the contract's own shape."""

from keyfob.gateway.endpoint import no_endpoint
from keyfob.settings import Settings

handler = no_endpoint(Settings.from_environment())
