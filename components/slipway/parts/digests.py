"""Short digests of configuration. They go into the names of ConfigMaps and Secrets."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pulumi

DIGITS = 8
"""How many hexadecimal digits a digest has: enough to tell versions apart, few enough to read aloud."""

Text = str | bytes
Digest = Callable[[frozenset[str]], pulumi.Input[str]]


def quick_digest(content: bytes) -> str:
    """The SHA-256 digest of content that is not secret."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def spec_digest(spec: pulumi.Inputs) -> pulumi.Output[str]:
    """The digest of the spec of an object. A preview knows it if it knows the spec. It is never secret."""
    written = pulumi.Output.json_dumps(spec, sort_keys=True)
    return pulumi.Output.unsecret(written.apply(lambda text: quick_digest(text.encode())))


COST = 2**15
"""The cost of scrypt (its parameter N), in blocks of 1 KiB. It is a power of 2."""


def slow_digest(content: bytes, salt: str) -> str:
    """The digest of a secret. It appears in an object's name, so it must be expensive to guess the secret from it.

    scrypt needs 32 MiB and about a tenth of a second for each guess. `salt` names the secret's owner, so that a table
    of guesses for one secret is useless for another.
    """
    key = hashlib.scrypt(content, salt=salt.encode(), n=COST, r=8, p=1, maxmem=2**26, dklen=DIGITS // 2)
    return key.hex()


def digester(contents: Mapping[str, pulumi.Input[Text]], digest: Callable[[bytes], str]) -> Digest:
    """A function that takes a set of keys and returns the digest of their contents.

    It computes each digest once. The result is a plain string if all contents are known while the program runs, and
    an Output otherwise. The result is never secret, so `digest` must protect secret contents (`slow_digest`).
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
    """The Base64 text of a content, as ConfigMaps and Secrets hold bytes."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _canonical(contents: Iterable[tuple[str, Text]]) -> bytes:
    # Base64 makes the same of text and of its bytes. JSON separates keys from values.
    return json.dumps([(key, to_base64(value)) for key, value in contents]).encode()
