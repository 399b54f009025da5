"""What a session cookie says."""

from keyfob.crypto.opaque import Opaque, read_opaque
from keyfob.model.credentials import SessionCookie


def read_session_cookie(value: str) -> SessionCookie | None:
    """Return what a session cookie's value holds, or `None` if it is not one."""
    try:
        (user_id, session_id), secret = read_opaque(value, ids=2)
    except ValueError:
        return None
    return SessionCookie(user_id, session_id, secret)


def session_cookie_value(cookie: SessionCookie) -> str:
    """Return the value of a session cookie: two ids and the secret, opaque to clients."""
    return str(Opaque((cookie.user_id, cookie.session_id), cookie.secret))
