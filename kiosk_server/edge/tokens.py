"""Secrets that are shown once and kept as hashes: terminal tokens, sign-in codes, session tokens.

Tokens are 256 random bits, so a plain SHA-256 protects them as well as a slow hash would. Codes are short because
people type them: 8 letters out of 20 consonants (RFC 8628 6.1: no vowels, so no words; 25 thousand million of them).
"""

import hashlib
import secrets

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
TOKEN_LENGTH = 43  # 32 bytes in URL-safe base 64
MAX_TOKEN_LENGTH = 256


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """A code as it is read aloud: `BCDF-GHJK`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def digest(secret: str) -> str:
    """SHA-256 in hex. What no client of ours could have sent (lone surrogates) hashes like any wrong token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def tidy_code(typed: str) -> str:
    """A typed code in the form it was issued: case, spaces and dashes do not matter."""
    letters = "".join(letter for letter in typed[:64].upper() if letter in LETTERS)
    return f"{letters[:4]}-{letters[4:]}"
