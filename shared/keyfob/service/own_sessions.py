"""A user's own sessions: seen, and ended."""

from keyfob.errors import ResourceNotFound
from keyfob.model.ids import is_id
from keyfob.model.session import ListedSession, SessionList
from keyfob.model.user import User
from keyfob.service.authentication import Principal
from keyfob.service.devices import device_name
from keyfob.service.paging import PAGE, cursor_after
from keyfob.service.user_changes import unless_user_changes
from keyfob.store.sessions import Sessions
from keyfob.store.transactions import UserChanged
from keyfob.store.users import Users


def list_sessions(principal: Principal, cursor: str, *, sessions: Sessions, now: int) -> SessionList:
    """Return up to `PAGE` of the user's live sessions, those used last first; `cursor` is ``""`` or a page's next one.

    Raises `InvalidFields` about ``cursor`` if it is none.
    """
    user, current = principal.user, principal.session.id if principal.session else None
    page = sessions.of_user(user.id, after=cursor_after(cursor), limit=PAGE)
    live = [each for each in page.sessions if each.is_live(now) and each.epoch == user.session_epoch]
    listed = [
        ListedSession(session, device_name(session.client.user_agent), is_current=session.id == current)
        for session in sorted(live, key=lambda session: session.refreshed_at, reverse=True)
    ]
    return SessionList(listed, page.last)


def end_session(session_id: str, user: User, *, sessions: Sessions, now: int) -> None:
    """End one of a user's live sessions; raises `ResourceNotFound` if it has none of this id."""
    session = sessions.find(user.id, session_id) if is_id(session_id) else None
    if session is None or not session.is_live(now) or session.epoch != user.session_epoch:
        raise ResourceNotFound("no such session")
    sessions.end(user.id, session_id)


def end_other_sessions(principal: Principal, *, users: Users, sessions: Sessions) -> None:
    """End all of the user's sessions but the one that it asks with, at once.

    Raises `Unavailable` if it, or others, ended meanwhile.
    """
    user, session = principal.user, principal.session
    kept = [sessions.carrying_over(session, user.session_epoch + 1, UserChanged)] if session else []
    with unless_user_changes():
        users.end_sessions(user, along_with=kept)
