"""examples/hello_world, and how it is asked over TLS."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.certificates import Pair
from tests.e2e.edge import Answer, ask
from tests.e2e.example import Example, Way, example, kubectl_image, stand_in
from tests.e2e.project import TOKEN
from tests.e2e.site import Site, base_images

NAME = "hello-world"
PLACE = ("--namespace", NAME)
HTTP, GRPC = (f"{service}.{NAME}.svc" for service in (NAME, "hello-world-grpc"))
# The image of app/ has no program that shows a file.
_WITH_TOOLS = "FROM {} AS tools\nFROM {}\nCOPY --from=tools /bin /bin"


@dataclass(frozen=True, kw_only=True)
class HelloWorld:
    """The example in the cluster. `pair` is the certificate and the key that it was given."""

    example: Example
    pair: Pair

    @property
    def site(self) -> Site:
        return self.example.site

    def given(self, pair: Pair) -> HelloWorld:
        """The same with another certificate, for its next apply."""
        return HelloWorld(example=self.example.given(**_secrets(pair)), pair=pair)

    def kubectl(self, *arguments: str, **options: Any) -> str:
        return self.site.kubectl(*PLACE, *arguments, **options).stdout

    def address(self) -> str:
        return self.site.get("service", NAME, *PLACE)["spec"]["clusterIP"]

    def ask(self, path: str, pair: Pair | None, *, scheme: str = "https", token: str | None = None) -> Answer:
        """GETs a path over the Service, with only the certificate of `pair` trusted."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        trusted = pair.certificate if pair else None
        return ask((self.address(), 80), f"{scheme}://{HTTP}{path}", trusted=trusted, headers=headers)

    def answer(self, path: str = "/") -> Answer | None:
        """The answer under its own certificate; None while no pod has that one."""
        try:
            return self.ask(path, self.pair)
        except OSError:
            return None

    def pods(self) -> dict[str, str]:
        """The address of each ready pod by its name, as the headless Service has them."""
        slices = self.site.items("endpointslices", *PLACE, "--selector=kubernetes.io/service-name=hello-world-grpc")
        endpoints = [one for found in slices for one in cast("list[dict[str, Any]]", found["endpoints"] or [])]
        return {one["targetRef"]["name"]: one["addresses"][0] for one in endpoints if one["conditions"]["ready"]}


@contextmanager
def hello_world(
    site: Site, image: str, folder: Path, *, stack: str, pair: Pair, way: Way = "apply"
) -> Generator[HelloWorld]:
    """The example in `folder`, as `example` makes it. `image` is that of app/."""
    stand_in(site, "registry.example.com/hello-world:1.1.0", _WITH_TOOLS.format(base_images()["GO_IMAGE"], image))
    kubectl_image(site)
    with example(site, "hello_world", folder, stack=stack, way=way, secrets=_secrets(pair)) as made:
        yield HelloWorld(example=made, pair=pair)


def _secrets(pair: Pair) -> dict[str, str]:
    return {"apiToken": TOKEN, "certificate": pair.certificate, "key": pair.key}
