"""Decrypts what `pulumi config set --secret` encrypted with a passphrase.

A stack's `encryptionsalt` is `v1:<salt>:<check>`. The key comes from the passphrase and the salt by PBKDF2.
The check is a known word, encrypted. A value is `v1:<nonce>:<ciphertext>`, encrypted with AES-GCM.
https://www.pulumi.com/docs/iac/concepts/secrets/
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

_ROUNDS = 1_000_000
_CHECK_WORD = "pulumi"


class PassphraseError(Exception):
    """The passphrase is wrong, or a value is damaged. The message is one line."""


def passphrase_from_environment() -> str | None:
    """The passphrase from `PULUMI_CONFIG_PASSPHRASE` or the file `PULUMI_CONFIG_PASSPHRASE_FILE`; None without both.

    Raises PassphraseError for a file that cannot be read.
    """
    if (passphrase := os.environ.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return passphrase
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise PassphraseError(f"PULUMI_CONFIG_PASSPHRASE_FILE {file!r} cannot be read: {why}") from None
    return None


def decrypter(passphrase: str, salt: str) -> Callable[[str], str]:
    """A function that decrypts a `secure:` value. Making it takes half a second, so make it once per stack.

    Raises PassphraseError if `passphrase` does not match `salt` (the stack's `encryptionsalt`). The function
    raises it for a value that was not encrypted with this passphrase.
    """
    # Imported here because most previews decrypt nothing.
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    version, _, rest = salt.partition(":")
    encoded, _, check = rest.partition(":")
    try:
        salt_bytes = base64.b64decode(encoded, validate=True)
    except ValueError:
        salt_bytes = b""
    if version != "v1" or not check or not salt_bytes:
        raise PassphraseError("encryptionsalt is not of the form v1:<salt>:<check>: restore it from version control")
    kdf = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt_bytes, iterations=_ROUNDS)
    cipher = AESGCM(kdf.derive(passphrase.encode()))

    def decrypt(value: str) -> str:
        parts = value.split(":")
        if len(parts) != 3 or parts[0] != "v1":
            raise PassphraseError("a secure value is not of the form v1:<nonce>:<ciphertext>: set it again")
        try:
            return cipher.decrypt(base64.b64decode(parts[1]), base64.b64decode(parts[2]), None).decode()
        except (InvalidTag, ValueError):
            raise PassphraseError("a secure value does not open with this passphrase: set it again") from None

    try:
        matches = decrypt(check) == _CHECK_WORD
    except PassphraseError:
        matches = False
    if not matches:
        raise PassphraseError("the passphrase is not the one that this stack's secrets were encrypted with")
    return decrypt
