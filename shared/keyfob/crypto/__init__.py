"""Passwords, JSON Web Tokens, keys and random values; nothing else touches a primitive."""
