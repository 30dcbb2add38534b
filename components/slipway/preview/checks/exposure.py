"""Rule `exposure/secret`: a secret value outside of a Secret, where many more people can read it.

https://kubernetes.io/docs/concepts/security/secrets-good-practices/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slipway.preview.checks.fields import finding, leaves
from slipway.preview.checks.objects import group_of, kind_of
from slipway.preview.model import SECRET, Finding, Manifest, Placeholder, Severity


def check(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Finds fields that hold a secret value and are not the data of a Secret."""
    for manifest in manifests:
        is_secret = (group_of(manifest), kind_of(manifest)) == ("", "Secret")
        for path, value in leaves(manifest.body):
            if not (isinstance(value, Placeholder) and value == SECRET):
                continue
            if is_secret and path.startswith(("data", "stringData")):
                continue
            yield finding(
                manifest,
                Severity.WARNING,
                "exposure/secret",
                path,
                "a secret value stands here in the clear for everyone who may read this object: "
                "put it into a Secret and refer to that (`secretKeyRef`, `envFrom` or a volume)",
            )
