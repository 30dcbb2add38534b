"""A dashboard for Grafana: a ConfigMap that the sidecar of Grafana's Helm chart finds by a label."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi_kubernetes.core import v1 as core

from slipway.access.namespace import Namespace, place_of
from slipway.configuration.contents import MOST_BYTES
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_data_key, check_name

FOUND_BY = "grafana_dashboard"
FOLDER = "grafana_folder"


@checked
@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """The arguments of a `Dashboard`. Raises ValueError for a file that Grafana could not show.

    - `file`: the dashboard as exported by Grafana: a `.json` file of at most 1 MiB, relative to the working directory.
      Do not export it "for sharing externally" (ValueError): such a dashboard asks for its data source on import, and
      the sidecar cannot answer.
    - `namespace`: the namespace of the ConfigMap. The sidecar has to watch it.
    - `folder`: the folder in Grafana. The sidecar needs the setting `folderAnnotation: grafana_folder`.
    - `found_by`: the label by which the sidecar finds the ConfigMap; its value is "1".
    - `labels`, `annotations`: added to these.
    https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards
    """

    namespace: Namespace | pulumi.Input[str]
    file: str | Path
    folder: str | None = None
    found_by: str = FOUND_BY
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        place_of(self.namespace)
        self.read()

    def read(self) -> str:
        """Read the text of the file. Raises ValueError if it is not a dashboard."""
        path, called = Path(self.file), f"dashboard {str(self.file)!r}"
        check_data_key(path.name, "dashboard")
        if path.suffix != ".json":
            raise ValueError(f"{called} does not end with .json, so the sidecar would not read it: rename it")
        try:
            text = path.read_text(encoding="utf-8")
            found: Any = json.loads(text)
        except OSError as error:
            raise ValueError(f"{called} cannot be read ({error.strerror}): name a readable file") from None
        except UnicodeDecodeError:
            raise ValueError(f"{called} is not UTF-8 text: export it again") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"{called} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
        model = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        if not model.get("title") or not isinstance(model["title"], str):
            raise ValueError(f"{called} has no title, so it is no dashboard of Grafana: export its JSON model")
        if model.get("__inputs"):
            raise ValueError(
                f"{called} asks for its data source as it is imported (__inputs), which a sidecar does not answer: "
                f"export it without 'Export for sharing externally'"
            )
        if len(text.encode()) > MOST_BYTES:
            raise ValueError(f"{called} exceeds {MOST_BYTES:,} bytes, the most that a ConfigMap holds: split it")
        return text


@checked
class Dashboard(pulumi.ComponentResource):
    """A ConfigMap named exactly `name`. The file name is its key.

    The name stays the same after a change: the sidecar follows the contents. Without the provider's
    `enableConfigMapMutable`, a change deletes the ConfigMap first, and Grafana lacks the dashboard for a moment.
    """

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "dashboard")
        super().__init__("slipway:index:Dashboard", name, None, opts)
        self.place = place_of(args.namespace)
        folder = {FOLDER: args.folder} if args.folder is not None else {}
        self.resource = core.ConfigMap(
            name,
            metadata={
                "name": name,
                "namespace": self.place.name,
                "labels": {**args.labels, args.found_by: "1"},
                "annotations": {**args.annotations, **folder} or None,
            },
            data={Path(args.file).name: args.read()},
            opts=self.place.child(self),
        )
        self.register_outputs({"name": name})
