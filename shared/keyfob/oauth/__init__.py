"""Signing in with somebody else's account: the client's side of OAuth 2.0 and OpenID Connect, and nothing of ours."""
