"""What every component promises, whatever it makes: one function a promise, which raises AssertionError."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import typing
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import Any

import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from slipway.preview.checks import check
from slipway.preview.manifests import is_namespaced
from slipway.preview.model import Manifest, Registration, Severity
from slipway.preview.phrases import has_phrase
from slipway.testing import Recording, deploy
from tests import test_layers
from tests.components.examples import NAMESPACE, STATES, Example, Surroundings, surroundings

Component = type[pulumi.ComponentResource]
Contract = Callable[[Component, Example], None]

NAME = "web"
TOOLS = {"__main__", "cli", *test_layers.TOOLS}
"""What the package holds beside the components."""


def components_in(package: ModuleType) -> set[Component]:
    """Every component that `package` or a module in it defines, at any depth."""
    classes = {
        value for module in (package, *modules_in(package)) for value in vars(module).values() if inspect.isclass(value)
    }
    own = {one for one in classes if f"{one.__module__}.".startswith(f"{package.__name__}.")}
    components = {one for one in own if issubclass(one, pulumi.ComponentResource)}
    return {one for one in components if not _is_base(one, components)}


def _is_base(one: Component, components: set[Component]) -> bool:
    """Whether it says only what others have in common, so that nobody makes one of it."""
    return "__init__" not in vars(one) and any(issubclass(other, one) for other in components - {one})


def modules_in(package: ModuleType) -> list[ModuleType]:
    """Every module below `package`, at any depth, but for those of the command `slipway`."""
    names = [found.name for found in pkgutil.walk_packages(package.__path__, prefix=f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names if name.split(".")[1] not in TOOLS]


def have_an_example_each(components: Iterable[Component], examples: Iterable[Component]) -> None:
    forgotten = sorted(one.__name__ for one in set(components) - set(examples))
    assert not forgotten, f"no contract is tested of {forgotten}: give each an example in tests/components/examples.py"


def share_no_type_token(components: Iterable[Component]) -> None:
    counted = Counter(one.__name__ for one in components)
    shared = sorted(name for name, count in counted.items() if count > 1)
    assert not shared, f"a type token is slipway:index:<class>, so two classes cannot be called the same: {shared}"


def it_takes_name_args_and_options(component: Component, _: Example) -> None:
    taken = inspect.signature(component).parameters
    assert list(taken) == ["name", "args", "opts"], f"{component.__name__} takes {list(taken)}, not name, args, opts"
    assert taken["opts"].default is None, f"opts of {component.__name__} cannot be left out"


def its_args_are_frozen_and_by_keyword(component: Component, _: Example) -> None:
    hints: dict[str, Any] = typing.get_type_hints(component.__init__)
    args = next(one for one in (hints["args"], *typing.get_args(hints["args"])) if inspect.isclass(one))
    assert dataclasses.is_dataclass(args), f"{args.__name__} is not a dataclass, so that replace() cannot vary it"
    assert args.__name__ == f"{component.__name__}Args", f"args of {component.__name__} are called {args.__name__}"
    assert args.__dataclass_params__.frozen, f"{args.__name__} can be changed after it was checked"  # type: ignore[attr-defined]
    placed = [field.name for field in dataclasses.fields(args) if not field.kw_only]
    assert not placed, f"{args.__name__} takes {placed} by place, so that no field can ever be added before them"


def its_type_token_is_its_class(component: Component, example: Example) -> None:
    token = _itself(example).type
    expected = f"slipway:index:{component.__name__}"
    assert token == expected, f"{component.__name__} is registered as {token}, not as {expected}: URNs could collide"


def its_children_are_below_it(component: Component, example: Example) -> None:
    recording, itself = _recorded(example), _itself(example)
    around = recording.one(Surroundings.TYPE)
    placed = {one.urn for top in (itself, around) for one in (top, *recording.below(top.urn))} | {around.parent}
    orphans = [one.urn for one in recording.registrations if one.urn not in placed]
    assert not orphans, f"{component.__name__} has children without it for a parent: {orphans}"
    assert _children(example)


def it_registers_its_outputs(component: Component, example: Example) -> None:
    components = [one for one in (_itself(example), *_children(example)) if not one.custom]
    without = [one.urn for one in components if one.outputs is None]
    assert not without, f"never finished, as register_outputs was not called: {without}"


def its_options_are_the_callers(component: Component, example: Example) -> None:
    def program() -> None:
        around = surroundings()
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        options = pulumi.ResourceOptions(
            parent=parent,
            protect=True,
            providers=[kubernetes.Provider("given"), docker.Provider("given"), random.Provider("given")],
            aliases=[pulumi.Alias(name="former")],
            depends_on=[around.namespace.resource],
        )
        example(NAME, options, around)

    recording = deploy(program, states=STATES)
    parent = recording.one("test:index:Parent")
    placed = [one for one in recording.registrations if one.parent == parent.urn]
    awaited = recording.one("core/v1:Namespace", NAMESPACE).urn
    name = component.__name__
    made = [one.type for one in placed]
    assert made == [f"slipway:index:{name}"], f"the caller's parent is given to {made}, not to {name} alone"
    (itself,) = placed
    assert itself.options.get("protect"), f"{name} drops the caller's protect"
    assert awaited in itself.options.get("dependencies", []), f"{name} drops the caller's depends_on"
    assert "former" in recording.aliases[itself.urn], f"{name} drops the caller's aliases: a rename would replace"
    for child in recording.below(itself.urn):
        assert "former" not in recording.aliases[child.urn], f"{child.urn} took the caller's aliases"
        if child.custom:
            package = child.type.partition(":")[0]
            given = recording.one(f"pulumi:providers:{package}", "given").urn
            used = str(child.options.get("provider"))
            assert used.startswith(given), f"{child.urn} uses the provider {used}, not the caller's"


def two_of_it_coexist(component: Component, example: Example) -> None:
    recording = _recorded(example, NAME, "second")
    counted = Counter((one.kind, one.namespace, one.name) for one in recording.manifests())
    shared = sorted(str(key) for key, count in counted.items() if count > 1)
    assert not shared, f"two of {component.__name__} want the same object: {shared}"


def its_objects_pass_every_check(component: Component, example: Example) -> None:
    findings = check(_recorded(example).manifests())
    wrong = [f"{one.where} {one.path}: {one.message} [{one.rule}]" for one in findings if one.severity > Severity.INFO]
    assert not wrong, f"{component.__name__} makes what the preview finds fault with: {wrong}"


def its_objects_are_named_as_it_was_told(component: Component, example: Example) -> None:
    made = _manifests(example)
    kinds = Counter(one.kind for one in made)
    for one in made:
        by_content = one.kind in ("ConfigMap", "Secret", "Job") and re.fullmatch(f"{NAME}-[0-9a-f]{{8}}", one.name)
        headless = (one.kind, one.name) == ("Service", f"{NAME}-headless")
        # Of several of a kind, each says its role.
        named = one.name == NAME if kinds[one.kind] == 1 else re.fullmatch(f"{NAME}-[a-z]+", one.name)
        given = named or by_content or headless
        assert given, f"{component.__name__} {NAME!r} made {one}: names are given, not invented"
        told = NAMESPACE if is_namespaced(one.api_version, one.kind) is not False else None
        if component.__name__ == "Namespace" and told:
            told = NAME
        assert one.namespace == told, f"{component.__name__} made {one}, which is not in the namespace it was given"


def its_objects_go_with_their_namespace(component: Component, example: Example) -> None:
    recording = _recorded(example)
    urns = {one.name: one.urn for one in recording.manifests() if one.kind == "Namespace"}
    options = {one.urn: one.options for one in recording.registrations}
    for one in _manifests(example):
        if one.namespace:
            goes_with = options[one.urn].get("deletedWith")
            assert goes_with == urns[one.namespace], f"a destroy deletes {one} by itself: deleted_with is {goes_with}"


def its_labels_agree(component: Component, example: Example) -> None:
    """Who the application is, is said alike on every object, and what selects pods finds these."""
    who = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME}
    pods = _pods(example)
    for one in _manifests(example):
        labels: dict[str, str] = one.body["metadata"].get("labels") or {}
        said = {key: value for key, value in labels.items() if key.startswith("app.kubernetes.io/")}
        assert said in ({}, who), f"{one} is labelled {said}, and the application is {who}"
        selector: dict[str, Any] = one.body.get("spec", {}).get("selector", {})
        if selector:
            wanted = selector.get("matchLabels", selector)
            least = [{"app.kubernetes.io/name": NAME, "slipway/kind": kind} for kind in pods]
            assert wanted in least, f"{one} selects by {wanted}: a selector never changes, so it is one of {least}"
            found = [kind for kind, labels in pods.items() if wanted.items() <= labels.items()]
            assert len(found) == 1, f"{one} selects {wanted}, which are the pods of {found}, of {pods}"


def its_objects_have_a_phrase(component: Component, example: Example) -> None:
    made = {child.type for child in _children(example) if child.custom}
    silent = sorted(one for one in made if not has_phrase(one))
    assert not silent, f"the tree says nothing of what {component.__name__} makes: add {silent} to preview/phrases/"


CONTRACTS: list[Contract] = [
    it_takes_name_args_and_options,
    its_args_are_frozen_and_by_keyword,
    its_type_token_is_its_class,
    its_children_are_below_it,
    it_registers_its_outputs,
    its_options_are_the_callers,
    two_of_it_coexist,
    its_objects_pass_every_check,
    its_objects_are_named_as_it_was_told,
    its_objects_go_with_their_namespace,
    its_labels_agree,
    its_objects_have_a_phrase,
]


@cache
def _made(example: Example, *names: str) -> tuple[Recording, pulumi.ComponentResource]:
    made: list[pulumi.ComponentResource] = []

    def program() -> None:
        around = surroundings()
        made.extend(example(name, pulumi.ResourceOptions(), around) for name in names)

    return deploy(program, states=STATES), made[0]


def _recorded(example: Example, *names: str) -> Recording:
    return _made(example, *(names or (NAME,)))[0]


def _itself(example: Example) -> Registration:
    recording, component = _made(example, NAME)
    return recording.one(component.pulumi_resource_type, component.pulumi_resource_name)


def _children(example: Example) -> list[Registration]:
    """All that the component made; never nothing, of which anything would be true."""
    children = _recorded(example).below(_itself(example).urn)
    assert any(child.custom for child in children), f"{_itself(example).urn} made nothing of which to say anything"
    return children


def _manifests(example: Example) -> list[Manifest]:
    urns = {child.urn for child in _children(example)}
    return [one for one in _recorded(example).manifests() if one.urn in urns]


def _pods(example: Example) -> dict[str, dict[str, str]]:
    """The labels of the pods of each kind of workload."""
    found: dict[str, dict[str, str]] = {}
    for one in _recorded(example).manifests():
        if template := one.body.get("spec", {}).get("template"):
            found[one.kind] = template["metadata"]["labels"]
    return found
