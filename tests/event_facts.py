"""What is the same in all events of `events/`: placeholders for what is secret, users, ids and times."""

from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]

ACCESS_TOKEN = "ACCESS_TOKEN"
REFRESH_TOKEN = "REFRESH_TOKEN"
SESSION_COOKIE_VALUE = "SESSION_COOKIE"
OAUTH_COOKIE_VALUE = "OAUTH_COOKIE"
SESSION_ID = "SESSION_ID"
VERIFICATION_TOKEN = "VERIFICATION_TOKEN"
RESET_TOKEN = "RESET_TOKEN"
INVITATION_TOKEN = "INVITATION_TOKEN"
INVITATION_ID = "INVITATION_ID"
API_KEY = "API_KEY"
KEY_ID = "KEY_ID"
USER_ID = "USER_ID"
GUEST = "grace@example.com"
CODE = "CODE"
STATE = "STATE"
NEW_PASSWORD = "NewSecurePass456!"

USERS: Mapping[str, Mapping[str, str]] = {
    "standard": {
        "email": "ada@example.com",
        "username": "ada",
        "password": "correct horse battery staple",
        "full_name": "Ada Lovelace",
    },
    "metatag": {"email": "john.doe@example.com", "password": "SecurePassword123!", "full_name": "John Doe"},
    "pythonorg": {
        "username": "pythonista",
        "email": "pythonista@example.com",
        "password": "SecurePass123!",
        "first_name": "Guido",
        "last_name": "van Rossum",
    },
    "igny8": {
        "email": "user@example.com",
        "username": "user",
        "password": "secure_password123",
        "first_name": "John",
        "last_name": "Doe",
    },
    "reference": {"username": "jane.doe", "email": "jane.doe@example.com", "password": "correct horse battery staple"},
}
IDENTIFIERS = {
    "standard": "email",
    "metatag": "email",
    "pythonorg": "username",
    "igny8": "email",
    "reference": "username",
}
REFRESH_BODIES = {
    "standard": {"refresh_token": REFRESH_TOKEN},
    "igny8": {"refresh": REFRESH_TOKEN},
    "reference": {"refreshToken": REFRESH_TOKEN},
}

BEARER = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
API = "a1b2c3d4e5"
DOMAIN = f"{API}.execute-api.eu-west-1.amazonaws.com"
ROUTE_ARN = f"arn:aws:execute-api:eu-west-1:123456789012:{API}/prod/GET/orders/42"
VERSION = "5e8ff9bf-55ba-4508-84e9-5b29b5c1d2e4"
SECONDS = 1_772_532_600
TIME = "03/Mar/2026:10:10:00 +0000"
TRACE = "Root=1-69a6b3f8-0123456789abcdef01234567"
IDS = {
    "requestId": "9a1b6c1e-3c57-4d0f-8a55-0c1f0d7f4b6a",
    "extendedRequestId": "ZbRrQGvYjoEFXcA=",
    "requestTime": TIME,
    "requestTimeEpoch": SECONDS * 1000,
}
