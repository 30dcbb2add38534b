"""Which settings a stack's file may have, and how a wrong one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from pydantic import ValidationError

import stacks
from slipway.testing import Recording, deploy
from stacks.settings import GuardedSettings, Settings, SettingsError, load
from tests.own_project import copy_project
from tests.preview.running import preview_of

GREETING = {"slipway:greeting": "Hello"}


def refusal(config: dict[str, str], *, model: type[Settings] = Settings, secret_keys: tuple[str, ...] = ()) -> str:
    """The message of `load` for a configuration that it refuses."""
    with pytest.raises(SettingsError) as refused:
        deploy(lambda: load(model), config=config, secret_keys=secret_keys)
    return str(refused.value)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        pytest.param({}, "slipway:greeting is missing (the text that", id="missing"),
        pytest.param({"slipway:greeting": ""}, "slipway:greeting: '' is not accepted: the text that", id="empty"),
        pytest.param(
            GREETING | {"slipway:logLevel": "verbose"},
            "slipway:logLevel: 'verbose' is not accepted: debug, info, warn or error",
            id="not one of the choices",
        ),
        pytest.param(
            GREETING | {"slipway:loglevel": "info"},
            "slipway:loglevel is not a setting: did you mean logLevel?",
            id="typo",
        ),
        pytest.param(
            GREETING | {"slipway:LOGLEVEL": "info"},
            "slipway:LOGLEVEL is not a setting: did you mean logLevel?",
            id="another case",
        ),
        pytest.param(
            GREETING | {"slipway:colour": "red"},
            "slipway:colour is not a setting: known are greeting, logLevel, registry",
            id="unknown",
        ),
        pytest.param(
            GREETING | {"slipway:registry": "https://registry.example.com"},
            "slipway:registry: 'https://registry.example.com' is not accepted: where images are pushed, as in",
            id="a URL for a registry",
        ),
        pytest.param(
            GREETING | {"slipway:serviceType": "Loadbalancer"},
            "slipway:serviceType: 'Loadbalancer' is not accepted: ClusterIP, NodePort or LoadBalancer",
            id="wrong case",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_what_is_accepted(config: dict[str, str], told: str) -> None:
    said = refusal(config)
    assert len(said.splitlines()) == 1, "one mistake is one line"
    assert told in said, "the line names the key, the value and what is accepted"


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("registry", "https://registry.example.com/team", "registry.example.com/team"),
        ("registry", "registry.example.com/Team/", "registry.example.com/team"),
        ("registry", "registry.example.com:5000/team:latest", "registry.example.com:5000/team"),
        ("registryMirror", "team", "docker.io/team"),
        ("logLevel", "warning", "warn"),
        ("logLevel", "INFO", "info"),
        ("serviceType", "CLUSTRIP", "ClusterIP"),
    ],
)
def test_a_value_similar_to_a_choice_is_refused_with_that_choice(key: str, value: str, meant: str) -> None:
    assert refusal(GREETING | {f"slipway:{key}": value}).endswith(f"; did you mean {meant}?")


def test_a_value_similar_to_nothing_is_refused_without_a_guess() -> None:
    for wrong in ({"slipway:logLevel": "verbose"}, {"slipway:registry": "not a registry"}):
        assert "did you mean" not in refusal(GREETING | wrong)


@pytest.mark.parametrize("key", ["goImage", "runtimeImage"])
def test_an_image_without_a_name_is_refused(key: str) -> None:
    assert f"slipway:{key}: '' is not accepted" in refusal(GREETING | {f"slipway:{key}": ""})


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("logLevel", ["debug", "info", "warn", "error"]),
        ("serviceType", ["ClusterIP", "NodePort", "LoadBalancer"]),
        (
            "registry",
            ["localhost:5000", "registry.example.com", "10.0.0.1:5000/team/sub_team", "k:65535/a--b/c.d__e"],
        ),
    ],
)
def test_values_that_an_error_calls_accepted_are_accepted(key: str, values: list[str]) -> None:
    found: list[Settings] = []

    def program() -> None:
        found.append(load(Settings))
        pulumi.export("loaded", "so that something was registered")

    for value in values:
        deploy(program, config=GREETING | {f"slipway:{key}": value})
    assert [one.model_dump(by_alias=True)[key] for one in found] == values


def test_a_missing_setting_is_reported_with_the_command_that_sets_it() -> None:
    assert refusal({}).endswith(": pulumi config set greeting <value>"), "the way out is a command to paste"


def test_settings_are_read_as_the_cli_passes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(GREETING | {"slipway:loglevel": "info"}))
    assert refusal({}) == "slipway:loglevel is not a setting: did you mean logLevel?", "it is in the environment"


def test_a_mistake_is_reported_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError), (
        "`pulumi up` prints these as they are, and all others with theirs"
    )


def test_all_mistakes_of_a_file_are_reported_at_once() -> None:
    said = refusal({"slipway:logLevel": "loud", "slipway:color": "red"})
    assert [line.split()[0].rstrip(":") for line in said.splitlines()] == [
        "slipway:greeting",
        "slipway:logLevel",
        "slipway:color",
    ], "nobody should have to run it three times to learn of three mistakes"


def test_a_mistake_is_reported_with_its_line_in_the_stacks_file() -> None:
    with pytest.raises(SettingsError, match=r"^stacks/Pulumi\.dev\.yaml:3: slipway:logLevel: 'loud'"):
        deploy(lambda: load(Settings), config=GREETING | {"slipway:logLevel": "loud"}, stack="dev")


def test_a_missing_required_secret_is_reported_with_the_command_that_sets_it() -> None:
    said = refusal(GREETING, model=GuardedSettings)
    assert "slipway:apiToken is missing" in said
    assert "pulumi config set --secret apiToken" in said, "the way out is a command to paste"
    assert len(said.splitlines()) == 1


def test_a_secret_in_clear_is_refused_and_not_repeated() -> None:
    said = refusal(GREETING | {"slipway:apiToken": "hunter2-in-clear"})
    assert "slipway:apiToken is written in clear" in said
    assert "hunter2" not in said, "an error goes to logs that more people read than the file"


@pytest.mark.parametrize("token", ["", " \n"])
@pytest.mark.parametrize("model", [Settings, GuardedSettings])
def test_an_empty_secret_is_refused(model: type[Settings], token: str) -> None:
    said = refusal(GREETING | {"slipway:apiToken": token}, model=model, secret_keys=("slipway:apiToken",))
    assert said.startswith("slipway:apiToken is empty (a secret that guards /private"), "nobody could open it"
    assert said.endswith("): pulumi config set --secret apiToken <value>")
    assert len(said.splitlines()) == 1


def test_a_wrong_setting_beside_a_secret_does_not_show_the_secret() -> None:
    config = {"slipway:apiToken": "hunter2-in-secret", "slipway:logLevel": "loud"}
    assert "hunter2" not in refusal(config, secret_keys=("slipway:apiToken",))


def test_a_wrong_value_that_was_set_as_a_secret_is_not_repeated() -> None:
    said = refusal(GREETING | {"slipway:logLevel": "warning2"}, secret_keys=("slipway:logLevel",))
    assert said == "slipway:logLevel: [secret] is not accepted: debug, info, warn or error", (
        "whoever set it as a secret does not want it in a log, nor a guess at it"
    )


def test_a_secret_stays_an_output() -> None:
    found: list[Settings] = []

    def program() -> dict[str, object]:
        found.append(load(Settings))
        return {}

    with pytest.raises(AssertionError, match="registered nothing"):
        deploy(program, config=GREETING | {"slipway:apiToken": "hunter2"}, secret_keys=("slipway:apiToken",))
    assert "hunter2" not in repr(found[0]), "settings are printed and logged: a secret in them would be too"
    assert found[0].greeting == "Hello"
    with pytest.raises(ValidationError, match="frozen"):
        found[0].greeting = "changed after it was checked"


def test_another_packages_settings_are_ignored(deploy: Callable[..., Recording]) -> None:
    recording = deploy(lambda: stacks.compose("dev"), config=GREETING | {"kubernetes:context": "kind"}, stack="dev")
    assert recording.count(":Deployment")


def test_an_unknown_stack_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        SettingsError, match=r"^stack 'qa' has no stacks/qa\.py: known are dev, prod, staging; or write"
    ):
        stacks.compose("qa")
    with pytest.raises(SettingsError, match=r"^stack 'stagging' has no stacks/stagging\.py: did you mean staging\?"):
        stacks.compose("stagging")


def test_a_module_without_compose_is_not_a_stack() -> None:
    with pytest.raises(SettingsError, match=r"^stacks/hello_world\.py:1: has no compose\(\)"):
        stacks.compose("hello_world")


def test_a_new_stack_needs_only_its_module_and_its_file(tmp_path: Path) -> None:
    copy_project(tmp_path)
    (tmp_path / "stacks/qa-1.py").write_text(
        "import pulumi\nfrom stacks.settings import Settings, load\n"
        "def compose():\n    pulumi.export('greeting', load(Settings).greeting)\n    return {}\n"
    )
    (tmp_path / "stacks/Pulumi.qa-1.yaml").write_text("config:\n  slipway:greeting: Hello from qa\n")
    ended = preview_of(tmp_path, "qa-1")
    assert (ended.code, ended.err) == (0, ""), ended.out
    assert "output greeting = Hello from qa" in ended.out
