"""Every component of the package keeps every contract, and every contract catches who breaks it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
from pulumi_kubernetes.core import v1 as core

import slipway
from slipway import Namespace
from tests.components import contracts
from tests.components.contracts import CONTRACTS, Component, Contract
from tests.components.examples import EXAMPLES, Example, Surroundings


def by_name(value: object) -> str:
    return value if isinstance(value, str) else getattr(value, "__name__", "")


def test_no_component_dodges_the_contracts_by_being_forgotten():
    contracts.have_an_example_each(contracts.components_in(slipway), EXAMPLES)


def test_no_two_components_share_a_type_token():
    contracts.share_no_type_token(contracts.components_in(slipway))


@pytest.mark.parametrize("component", EXAMPLES, ids=by_name)
@pytest.mark.parametrize("contract", CONTRACTS, ids=by_name)
def test_every_component_keeps_every_contract(contract: Contract, component: Component):
    contract(component, EXAMPLES[component])


def test_a_component_in_a_new_module_is_missed_until_it_has_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inner = tmp_path / "planted_package" / "inner"
    inner.mkdir(parents=True)
    (inner.parent / "__init__.py").touch()
    (inner / "__init__.py").touch()
    source = "import pulumi\nfrom slipway import Namespace\nclass Forgotten(pulumi.ComponentResource): ...\n"
    (inner / "module.py").write_text(source)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    found = contracts.components_in(importlib.import_module("planted_package"))
    assert [one.__name__ for one in found] == ["Forgotten"], "the walk finds its own classes, not the imported ones"
    with pytest.raises(AssertionError, match="Forgotten"):
        contracts.have_an_example_each(found, EXAMPLES)


def test_a_second_class_of_the_same_name_is_caught():
    class Namespace(pulumi.ComponentResource):
        pass

    with pytest.raises(AssertionError, match="Namespace"):
        contracts.share_no_type_token([*EXAMPLES, Namespace])


@dataclass(frozen=True, kw_only=True)
class SoundArgs:
    namespace: Namespace


class Sound(pulumi.ComponentResource):
    """Keeps every contract. What is planted below overrides one of its parts with a faulty one."""

    token = "slipway:index:Sound"

    def __init__(self, name: str, args: SoundArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.token, name, None, self.taken(opts))
        self.make(name, args.namespace, opts or pulumi.ResourceOptions())
        self.finish()

    def taken(self, opts: Any) -> Any:
        return opts

    def make(self, name: str, namespace: Namespace, opts: pulumi.ResourceOptions) -> None:
        self.config_map(name, namespace)

    def finish(self) -> None:
        self.register_outputs({})

    def config_map(
        self, name: str, namespace: Namespace, metadata: dict[str, Any] | None = None, **options: Any
    ) -> None:
        told = cast("Any", {"name": name, "namespace": namespace.name, **(metadata or {})})
        options = {"parent": self, "deleted_with": namespace.resource, **options}
        core.ConfigMap(name, metadata=told, data={}, opts=pulumi.ResourceOptions(**options))


Make = Callable[[Sound, str, Namespace, pulumi.ResourceOptions], object]


def planted(**parts: object) -> Component:
    return type("Sound", (Sound,), parts)


def making(make: Make) -> Component:
    return planted(make=make)


def example_of(component: Component) -> Example:
    def example(name: str, opts: pulumi.ResourceOptions, around: Surroundings) -> pulumi.ComponentResource:
        make: Any = component
        return make(name, SoundArgs(namespace=around.namespace), opts)

    return example


def mapping(metadata: dict[str, Any] | None = None, **options: Any) -> Component:
    """Makes its ConfigMap with these metadata and options."""
    return making(lambda self, name, namespace, _: self.config_map(name, namespace, metadata, **options))


def taking(name: str, *, frozen: bool = True, kw_only: bool = True) -> Component:
    """Has args of this class."""

    def init(self: object, name: str, args: object, opts: None = None) -> None: ...

    init.__annotations__["args"] = make_dataclass(name, ["namespace"], frozen=frozen, kw_only=kw_only)
    return planted(__init__=init)


def dropping(option: str) -> Component:
    """Takes all but one of the caller's options."""

    def taken(self: Sound, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        left = copy(opts)
        setattr(left, option, None)
        return left

    return planted(taken=taken)


def _with_int_args(self: object, name: str, args: int, opts: None = None) -> None: ...


def _with_fields_for_args(self: object, name: str, namespace: str) -> None: ...


def _with_options_required(self: object, name: str, args: SoundArgs, opts: None) -> None: ...


def _doing_nothing(*_: object) -> None: ...


def _insecure(self: Sound, name: str, namespace: Namespace, _: pulumi.ResourceOptions) -> None:
    spec: core.PodSpecArgsDict = {"containers": [{"name": "web", "image": "web:1"}]}
    core.Pod(name, metadata={"name": name}, spec=spec, opts=pulumi.ResourceOptions(parent=self))


def _unheard_of(self: Sound, name: str, namespace: Namespace, _: pulumi.ResourceOptions) -> None:
    core.Endpoints(name, metadata={"name": name}, opts=pulumi.ResourceOptions(parent=self))


def _selecting_others(self: Sound, name: str, namespace: Namespace, _: pulumi.ResourceOptions) -> None:
    spec: core.ServiceSpecArgsDict = {"selector": {"app.kubernetes.io/name": "other"}, "ports": [{"port": 80}]}
    core.Service(name, metadata={"name": name}, spec=spec, opts=pulumi.ResourceOptions(parent=self))


# The contract that is broken, words of what it says, and who breaks it.
PLANTED: list[tuple[Contract, str, Component]] = [
    (contracts.it_takes_name_args_and_options, "takes", planted(__init__=_with_fields_for_args)),
    (contracts.it_takes_name_args_and_options, "left out", planted(__init__=_with_options_required)),
    (contracts.its_args_are_frozen_and_by_keyword, "are called", taking("Settings")),
    (contracts.its_args_are_frozen_and_by_keyword, "not a dataclass", planted(__init__=_with_int_args)),
    (contracts.its_args_are_frozen_and_by_keyword, "can be changed", taking("SoundArgs", frozen=False)),
    (contracts.its_args_are_frozen_and_by_keyword, "by place", taking("SoundArgs", kw_only=False)),
    (contracts.its_type_token_is_its_class, "registered as", planted(token="slipway:index:Config")),
    (contracts.its_type_token_is_its_class, "registered as", planted(token="slipway:Sound")),
    (contracts.its_children_are_below_it, "without it for a parent", mapping(parent=None)),
    (contracts.its_children_are_below_it, "made nothing", making(_doing_nothing)),
    (contracts.it_registers_its_outputs, "register_outputs was not called", planted(finish=_doing_nothing)),
    (contracts.its_options_are_the_callers, "parent", dropping("parent")),
    (contracts.its_options_are_the_callers, "protect", dropping("protect")),
    (contracts.its_options_are_the_callers, "depends_on", dropping("depends_on")),
    (contracts.its_options_are_the_callers, "aliases", dropping("aliases")),
    (contracts.its_options_are_the_callers, "uses the provider", dropping("providers")),
    (
        contracts.its_options_are_the_callers,
        "the caller's parent is given to",
        making(lambda self, name, namespace, opts: self.config_map(name, namespace, parent=opts.parent)),
    ),
    (
        contracts.its_options_are_the_callers,
        "took the caller's aliases",
        making(lambda self, name, namespace, opts: self.config_map(name, namespace, aliases=opts.aliases)),
    ),
    (contracts.two_of_it_coexist, "want the same object", mapping({"name": "fixed"})),
    (
        contracts.two_of_it_coexist,
        "URN twice",
        making(lambda self, name, namespace, _: self.config_map("fixed", namespace, {"name": name})),
    ),
    (contracts.its_objects_pass_every_check, "pod-security", making(_insecure)),
    (contracts.its_objects_pass_every_check, "schema", mapping({"lables": {}})),
    (contracts.its_objects_are_named_as_it_was_told, "not invented", mapping({"name": "web-map"})),
    (contracts.its_objects_are_named_as_it_was_told, "not in the namespace", mapping({"namespace": "elsewhere"})),
    (contracts.its_objects_go_with_their_namespace, "a destroy deletes", mapping(deleted_with=None)),
    (contracts.its_labels_agree, "is labelled", mapping({"labels": {"app.kubernetes.io/name": "other"}})),
    (contracts.its_labels_agree, "selects by", making(_selecting_others)),
    (contracts.its_objects_have_a_phrase, "says nothing of", making(_unheard_of)),
]


@pytest.mark.parametrize("contract", CONTRACTS, ids=by_name)
def test_what_is_planted_breaks_only_by_its_fault(contract: Contract):
    contract(Sound, example_of(Sound))


@pytest.mark.parametrize(("contract", "words", "component"), PLANTED, ids=by_name)
def test_a_component_that_breaks_a_contract_is_caught(contract: Contract, words: str, component: Component):
    with pytest.raises(AssertionError, match=words):
        contract(component, example_of(component))


def test_there_is_no_contract_that_nobody_could_break():
    assert {contract for contract, *_ in PLANTED} == set(CONTRACTS), "plant a component that breaks each contract"
