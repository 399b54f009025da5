"""Which functions hash passwords; `test_start_up.py` shows that these load the hash, and no others."""

HASHING = {
    "register",
    "login",
    "session_login",
    "change_password",
    "update_me",
    "reset_password",
    "reset_password_page",
    "invitation_page",
}
"""Functions that see passwords."""
