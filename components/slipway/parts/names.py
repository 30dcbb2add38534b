"""Checks of the names that Kubernetes accepts.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

import re

LONGEST = 63
"""The most characters in a DNS label, and so in most names of objects."""

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def check_name(value: str, what: str, *, longest: int = LONGEST) -> None:
    """Raises ValueError for a name that is not an RFC 1123 label of at most `longest` characters.

    `what` is the word for the object in the error, such as "namespace".
    """
    if len(value) > longest or not _LABEL.fullmatch(value):
        raise ValueError(
            f"{what} {value!r} is not a valid name: use at most {longest} lower-case letters, "
            f"digits and '-', with a letter or digit at both ends"
        )


def check_service_name(value: str) -> None:
    """Raises ValueError for a name that is not an RFC 1035 label, as a Service needs."""
    check_name(value, "service")
    if value[0].isdigit():
        raise ValueError(f"service {value!r} starts with a digit: a Service's name starts with a letter")


def check_object_name(value: str, what: str) -> None:
    """Raises ValueError for a name that is not an RFC 1123 subdomain. For objects that this program does not make."""
    if len(value) > 253 or not _SUBDOMAIN.fullmatch(value):
        raise ValueError(
            f"{what} {value!r} is not a valid name: use at most 253 lower-case letters, digits, '-' and '.', with a "
            f"letter or digit at both ends of each part"
        )


def check_port_name(value: str) -> None:
    """Raises ValueError for a name that is not an IANA service name, as a port needs."""
    if len(value) > 15 or not _PORT_NAME.fullmatch(value):
        raise ValueError(
            f"port name {value!r} is not valid: use at most 15 lower-case letters, digits and "
            f"single '-', with at least one letter"
        )


def check_data_key(value: str, what: str) -> None:
    """Raises ValueError for a key that a ConfigMap or Secret cannot have."""
    if not _DATA_KEY.fullmatch(value) or value in (".", "..") or value.startswith(".."):
        raise ValueError(
            f"{what} key {value!r} is not valid: use at most 253 letters, digits, '-', '_' and '.', "
            f"not starting with '..'"
        )


def data_key(path: str) -> str:
    """The key of a file in a ConfigMap or Secret. A key cannot contain "/", so "." takes its place."""
    return path.replace("/", ".")


def check_data_path(value: str, what: str) -> None:
    """Raises ValueError for a key that is neither a data key nor a relative path such as "conf.d/app.toml"."""
    if "/" in value and any(part in ("", ".", "..") for part in value.split("/")):
        raise ValueError(f"{what} key {value!r} is no relative path: write it as in 'conf.d/app.toml'")
    check_data_key(data_key(value), what)
