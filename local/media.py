"""Which bodies are binary to the API, and so travel in base64."""

from fnmatch import fnmatchcase

from local.template import Deployment


def is_binary(deployment: Deployment, media_type: str) -> bool:
    """Tell whether bodies of `media_type` are among the API's binary media types, of which ``*/*`` takes all."""
    essence = media_type.partition(";")[0].strip().lower() or "application/octet-stream"
    return any(fnmatchcase(essence, each.replace("~1", "/").lower()) for each in deployment.binary_media_types)
