"""Asks a registry whether it holds an image, over the registry's own protocol.

The credentials are those of `docker login` and its credential helpers. They go only to the registry, and never into an
input, the state or a log. https://github.com/opencontainers/distribution-spec
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import pulumi
from pulumi.runtime import mocks, settings

if TYPE_CHECKING:
    import requests
    from dxf import DXFBase

_TIMEOUT = 10
_DOCKER_HUB = "registry-1.docker.io"


class RegistryError(pulumi.RunError):
    """A registry does not answer, or asks for a login. `pulumi up` shows the one-line message without a traceback."""


def is_offline() -> bool:
    """Whether the program runs under mocks or in the offline preview. Then no registry is asked."""
    return isinstance(settings.get_monitor(), mocks.MockMonitor)


def find_digest(repository: str, version: str) -> str | None:
    """The digest (`sha256:…`) of the image that a registry has under a tag or digest. None if it has no such image.

    `repository` is written as in `registry.example.com/team/app`. A registry at a loopback address is asked over HTTP
    and without credentials, as Docker does. All others are asked over HTTPS. Raises RegistryError, after about 10
    seconds if the registry does not answer.
    """
    # Imported here because only programs that ask a registry need them.
    import requests  # noqa: PLC0415
    from docker import auth, errors  # noqa: PLC0415
    from dxf import DXF, hash_bytes  # noqa: PLC0415
    from dxf.exceptions import DXFError, DXFUnauthorizedError  # noqa: PLC0415

    host, path = auth.resolve_repository_name(repository)
    asked = f"{repository}{'@' if ':' in version else ':'}{version}"

    def authenticate(registry: DXFBase, challenge: requests.Response) -> None:
        login: Mapping[str, str] = cast("Any", auth).load_config().resolve_authconfig(host) or {}
        # A credential helper's answer has capitalized keys, the login file has lower-case keys.
        user, password = (login.get(key) or login.get(key.lower()) for key in ("Username", "Password"))
        registry.authenticate(user, password, response=challenge)

    if host == auth.INDEX_NAME:
        registry = DXF(_DOCKER_HUB, path if "/" in path else f"library/{path}", authenticate, timeout=_TIMEOUT)
    else:
        registry = DXF(host, path, authenticate, insecure=_is_loopback(host), timeout=_TIMEOUT)
    try:
        digest, _ = registry.head_manifest_and_response(version)
        # The digest's header is optional: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
        return digest or hash_bytes(registry.get_manifest_and_response(version)[1].content)
    except DXFUnauthorizedError:
        raise RegistryError(
            f"registry {host} asks for a login before it says whether it has {asked}: `docker login {host}`"
        ) from None
    except (requests.RequestException, DXFError, errors.DockerException) as error:
        code = getattr(getattr(error, "response", None), "status_code", None)
        if code == HTTPStatus.NOT_FOUND:
            return None
        reason = f"answers {code}" if code else f"cannot be asked: {type(error).__name__}"
        raise RegistryError(f"registry {host} does not say whether it has {asked} ({reason})") from None


def _is_loopback(host: str) -> bool:
    name = (host.rpartition(":")[0] or host).strip("[]")
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
