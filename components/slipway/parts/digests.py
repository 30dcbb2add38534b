"""Short digests of configuration, to name an object by what is in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pulumi

DIGITS = 8
"""Hexadecimal digits of a digest: enough to tell versions apart, few enough to read out."""

Text = str | bytes
Digest = Callable[[frozenset[str]], pulumi.Input[str]]


def quick_digest(content: bytes) -> str:
    """For what anyone may read."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


COST = 2**15
"""Of scrypt, in blocks of 1 KiB; a power of 2."""


def slow_digest(content: bytes, salt: str) -> str:
    """For secrets: the digest appears in an object's name, so guessing by it has to be expensive.

    scrypt takes 32 MiB and about a tenth of a second a guess, and `salt` (who the secret belongs
    to) makes a table of guesses useless for any other one.
    """
    key = hashlib.scrypt(content, salt=salt.encode(), n=COST, r=8, p=1, maxmem=2**26, dklen=DIGITS // 2)
    return key.hex()


def digester(contents: Mapping[str, pulumi.Input[Text]], digest: Callable[[bytes], str]) -> Digest:
    """A function from a set of keys to the digest of what `contents` has under them.

    Each set is digested once. The digest is a plain string when all is known as the program runs,
    so that what is named by it need not wait; it is never secret, which is what `digest` is for.
    """

    @cache
    def of(keys: frozenset[str]) -> pulumi.Input[str]:
        chosen = {key: contents[key] for key in sorted(keys)}
        known = {key: value for key, value in chosen.items() if isinstance(value, (str, bytes))}
        if len(known) == len(chosen):
            return digest(_canonical(known.items()))
        every = pulumi.Output.all(*chosen.values())
        return pulumi.Output.unsecret(every.apply(lambda values: digest(_canonical(zip(chosen, values, strict=True)))))

    return of


def to_base64(content: Text) -> str:
    """As ConfigMaps and Secrets carry bytes."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _canonical(contents: Iterable[tuple[str, Text]]) -> bytes:
    # Base64 keeps text and bytes apart from nothing but their bytes, and JSON keeps keys from values.
    return json.dumps([(key, to_base64(value)) for key, value in contents]).encode()
