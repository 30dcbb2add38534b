"""The files of a new project.

`template/` is a complete project, which `pulumi new` can use too: both fill in `${PROJECT}` and `${DESCRIPTION}`.
`variants/` has the files that a choice replaces or adds. A choice that changes single lines is an edit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from slipway.new.choices import PORT, Choices

TEMPLATE = Path(__file__).with_name("template")
_VARIANTS = Path(__file__).with_name("variants")

_BUILD = "  build:\n    type: boolean\n    default: true\n"
_SERVED = "Namespace, Port, Probe, Probes, WebService, WebServiceArgs"
_PORTS = f'        ports=[Port(name="http", number={PORT})],\n'
_PROBES = '        probes=Probes(readiness=Probe(http="/readyz"), liveness=Probe(http="/livez")),\n'


def files_of(choices: Choices) -> dict[str, str]:
    """The text of each file, by its path in the project."""
    files = _read(TEMPLATE)
    for chosen, variant in ((choices.worker, "worker"), (choices.image, "image")):
        if chosen:
            files |= _read(_VARIANTS / variant)
    files = {path: text for path, text in files.items() if not path.startswith(tuple(_left_out(choices)))}
    for path, old, new in _edits(choices):
        assert old in files[path], f"{path} of the template has no {old!r}"
        files[path] = files[path].replace(old, new)
    # The `template` section is only for `pulumi new`.
    files["Pulumi.yaml"] = files["Pulumi.yaml"].partition("template:\n")[0]
    if choices.requirement:
        files["requirements.txt"] = f"{choices.requirement}\n"
    filled = {
        "${PROJECT}": choices.name,
        "${DESCRIPTION}": f"{choices.name} in three environments, by Slipway",
        "${IMAGE}": choices.image or "",
    }
    return {path: _filled(text, filled) for path, text in sorted(files.items())}


def _left_out(choices: Choices) -> Iterator[str]:
    """The prefixes of the template's paths that this project leaves out."""
    if choices.worker:
        yield "tests/test_service.py"
    if choices.image or choices.dockerfile:
        yield "app/"
    if choices.image:
        yield from ("stacks/image.py", "tests/test_image.py")


def _edits(choices: Choices) -> Iterator[tuple[str, str, str]]:
    """Each edit: the file, the text in the template, and the text that replaces it."""
    if choices.image:
        yield "Pulumi.yaml", _BUILD, "  image:\n    type: string\n"
        yield "stacks/base.py", "from stacks.image import image\n", ""
        yield "stacks/base.py", "image=image(settings)", "image=settings.image"
    if choices.dockerfile:
        where = [f"        context={json.dumps(choices.context, ensure_ascii=False)},\n"]
        if choices.dockerfile.name != "Dockerfile":
            where.append(f"        dockerfile={json.dumps(choices.dockerfile.name, ensure_ascii=False)},\n")
        yield "stacks/image.py", '        context="app",\n', "".join(where)
    if choices.worker:
        yield "stacks/base.py", _SERVED, "Namespace, Worker, WorkerArgs"
        yield "stacks/base.py", _PORTS + _PROBES, ""
        yield "stacks/base.py", "how it is configured, asked and reached;", "how it is configured;"
        yield "stacks/base.py", "WebService", "Worker"
    elif choices.image or choices.dockerfile:
        # No HTTP probes: only the author of the image knows its paths. It is ready when its port is open.
        yield "stacks/base.py", _SERVED, "Namespace, Port, WebService, WebServiceArgs"
        yield "stacks/base.py", _PORTS + _PROBES, _PORTS.replace(str(PORT), str(choices.port))


def _filled(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _read(folder: Path) -> dict[str, str]:
    found = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in found}
