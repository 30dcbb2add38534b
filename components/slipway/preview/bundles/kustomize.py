"""Renders a Kustomize folder with the `kubectl` or `kustomize` on PATH."""

from __future__ import annotations

from pathlib import Path

from slipway.preview.bundles import programs
from slipway.preview.bundles.errors import BundleError, NotRenderedError


def build(directory: str, *, restricted: bool) -> str:
    """The YAML of the folder's objects.

    `restricted` allows only files below the folder, and no Helm charts. The older `Directory` is restricted,
    the newer one is not. Raises NotRenderedError if no program is found or the network would be needed.
    """
    if not Path(directory).exists():
        if "://" in directory or directory.startswith(("git@", "github.com/")) or restricted:
            raise NotRenderedError(
                f"{directory} is no folder here and would be cloned, and a preview never uses the network: "
                "clone it beside the program and name the folder"
            )
        raise BundleError(f"{directory} is no folder: name one with a kustomization.yaml")
    if kustomize := programs.found("kustomize"):
        command = [kustomize, "build", directory]
    elif kubectl := programs.found("kubectl"):
        command = [kubectl, "kustomize", directory]
    else:
        raise NotRenderedError("neither kubectl nor kustomize is on PATH: install one of them")
    if not restricted:
        command += ["--load-restrictor", "LoadRestrictionsNone"]
        if helm := programs.found("helm"):
            command += ["--enable-helm", "--helm-command", helm]
    return programs.run(command)
