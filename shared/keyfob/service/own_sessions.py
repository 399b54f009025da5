"""A user's own sessions: seen, and ended."""

from keyfob.errors import InvalidFields, ResourceNotFound, Unavailable
from keyfob.model.session import ListedSession, SessionList
from keyfob.service.authentication import SignedIn
from keyfob.service.devices import device_name
from keyfob.store.sessions import Sessions
from keyfob.store.users import UserChanged, Users

PAGE = 50


def list_sessions(signed_in: SignedIn, cursor: str, *, sessions: Sessions, now: int) -> SessionList:
    """Return up to `PAGE` of the user's live sessions, those used last first; `cursor` is ``""`` or a page's next one.

    Raises `InvalidFields` about ``cursor`` if it is none.
    """
    user, current = signed_in
    if cursor and not is_session_id(cursor):
        raise InvalidFields({"cursor": ["Cursor is not one that a page gave"]})
    page = sessions.of_user(user.id, after=cursor or None, limit=PAGE)
    live = [each for each in page.sessions if each.is_live(now) and each.epoch == user.session_epoch]
    listed = [
        ListedSession(session, device_name(session.client.user_agent), is_current=session.id == current.id)
        for session in sorted(live, key=lambda session: session.refreshed_at, reverse=True)
    ]
    return SessionList(listed, page.last)


def end_session(session_id: str, signed_in: SignedIn, *, sessions: Sessions, now: int) -> None:
    """End one of the user's live sessions; raises `ResourceNotFound` if it has none of this id."""
    user = signed_in.user
    session = sessions.find(user.id, session_id) if is_session_id(session_id) else None
    if session is None or not session.is_live(now) or session.epoch != user.session_epoch:
        raise ResourceNotFound("no such session")
    sessions.end(user.id, session_id)


def end_other_sessions(signed_in: SignedIn, *, users: Users, sessions: Sessions) -> None:
    """End all of the user's sessions but this one, at once; raises `Unavailable` if it, or others, ended meanwhile."""
    user, session = signed_in
    kept = sessions.carrying_over(session, user.session_epoch + 1, UserChanged)
    try:
        users.end_sessions(user, along_with=[kept])
    except UserChanged as changed:
        raise Unavailable("the user changed meanwhile") from changed


def is_session_id(text: str) -> bool:
    """Tell whether `text` has the form of a session's id."""
    from uuid import UUID

    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
