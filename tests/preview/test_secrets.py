"""Nothing that the preview prints or writes contains a secret's value, whatever the program does with it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from slipway.preview.model import COMPUTED, SECRET, Severity
from slipway.preview.secrets import PassphraseError, decrypter, passphrase_from_environment
from tests.preview.running import FIXTURES, PASSPHRASE, PROGRAMS, one, result, said, shown_by, write_project

TOKEN, PASSWORD, PIN = "s3cr3t-töken-✓", 'p@ss: "word"', "48151623"
PROJECT = PROGRAMS / "secrets"


def readings(text: str) -> Iterator[str]:
    """`text` in every form in which somebody may find a secret."""
    yield text
    yield unquote(text)
    # JSON in YAML, or Python in JSON, doubles the escapes of the inner one.
    yield re.sub(r"\\+", "", text)
    yield text.encode("ascii", "ignore").decode("unicode_escape", "replace")
    for word in re.findall(r"[\w+/-]{6,}", text, re.ASCII):
        for skipped in range(4):
            part = word[skipped:].translate({ord("-"): "+", ord("_"): "/"})
            yield base64.b64decode(part[: len(part) // 4 * 4], validate=True).decode(errors="replace")


def assert_hidden(text: str, *, of: tuple[str, ...] = (TOKEN, PASSWORD, "made-in-the-program")) -> None:
    for reading in readings(text):
        for secret in of:
            assert secret not in reading, f"{secret!r} can be read in {reading[:2000]!r}"


def test_the_search_for_secrets_finds_them() -> None:
    forms = (TOKEN, json.dumps(TOKEN), repr(PASSWORD), json.dumps([PASSWORD]), "%70%40ss%3A%20%22word%22")
    encoded = [base64.b64encode(f"{'x' * before}{TOKEN} and more".encode()).decode() for before in range(3)]
    for text in (*forms, *encoded):
        with pytest.raises(AssertionError):
            assert_hidden(f"before {text} after")


@pytest.mark.parametrize("passphrase", [PASSPHRASE, None])
@pytest.mark.parametrize("arguments", [("--out", "{out}"), ("--format=yaml",), ("--format=json",), ("--quiet",)])
@pytest.mark.parametrize("fails", [False, True])
def test_no_output_holds_a_secret(  # noqa: PLR0917
    passphrase: str | None,
    arguments: tuple[str, ...],
    fails: bool,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if passphrase:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
        monkeypatch.setenv("PLAIN", "1")
    if fails:
        monkeypatch.setenv("FAIL", "1")
    ended = shown_by(capfd, PROJECT, "sample", *(argument.format(out=tmp_path) for argument in arguments))
    assert ended.code == (2 if fails else 1 if passphrase else 0), ended.err
    written = [f"{file}\n{file.read_text(encoding='utf-8')}" for file in sorted(tmp_path.rglob("*.yaml"))]
    expected = 8 if passphrase else 5
    assert len(written) == (expected if "--out" in arguments and not fails else 0), "the objects and their list"
    everything = "\n".join((ended.out, ended.err, *written))
    assert_hidden(everything)
    if fails and passphrase:
        assert f"ValueError: cannot log in with {SECRET} and '{SECRET}'" in everything, "the rest of it is told"
    elif fails:
        assert "the secret slipway:apiToken is needed here, and it is not read" in everything
    else:
        assert "versioned" in everything or "derived" in everything, "there is something to look at"


def test_a_secret_in_clear_text_is_hidden_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAIN", "1")
    shown = [shown_by(capfd, PROJECT, "clear", f"--format={form}") for form in ("tree", "yaml", "json")]
    assert_hidden("\n".join(f"{each.out}\n{each.err}" for each in shown), of=(PIN, "made-in-the-program"))


@pytest.fixture(scope="module")
def opened() -> dict[str, dict[str, object]]:
    """The manifests with their secrets shown, by logical name."""
    found = result(PROJECT, "sample", passphrase=PASSPHRASE, show_secrets=True)
    assert_hidden("\n".join(said.message for said in (*found.findings, *found.diagnostics)))
    return {each.urn.rpartition("::")[2]: each.body for each in found.manifests}


def test_with_the_passphrase_shown_secrets_are_what_the_engine_would_deploy(
    opened: dict[str, dict[str, object]],
) -> None:
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()[:8]
    assert opened["versioned"]["stringData"] == {"token": TOKEN, "password": PASSWORD}
    assert opened["encoded"]["data"] == {"token": base64.b64encode(TOKEN.encode()).decode(), "fixed": "eA=="}
    assert opened["derived"]["data"] == {"url": f"https://{TOKEN}@example.com", "host": "db.internal"}
    assert opened["versioned"]["metadata"] == {"name": f"versioned-{digest}", "namespace": "shop"}, (
        "a digest of the value is known as well"
    )


def test_the_keys_of_a_secret_are_shown_and_its_values_are_not() -> None:
    found = result(PROJECT, "sample", passphrase=PASSPHRASE)
    bodies = {each.urn.rpartition("::")[2]: each.body for each in found.manifests}
    assert bodies["versioned"]["stringData"] == {"password": SECRET, "token": SECRET}
    assert bodies["encoded"]["data"] == {"fixed": SECRET, "token": SECRET}


def test_without_the_passphrase_secrets_and_derived_values_are_placeholders() -> None:
    found = result(PROJECT, "sample")
    assert not found.failed, "a fork's pull request has no passphrase and needs none"
    bodies = {each.urn.rpartition("::")[2]: each.body for each in found.manifests}
    assert bodies["versioned"]["stringData"] == {"password": SECRET, "token": SECRET}, "the keys are still known"
    assert bodies["encoded"]["data"] == {"fixed": SECRET, "token": SECRET}
    assert bodies["derived"]["data"] == {"host": SECRET, "url": SECRET}
    shown = result(PROJECT, "sample", show_secrets=True)
    bodies = {each.urn.rpartition("::")[2]: each.body for each in shown.manifests}
    assert bodies["versioned"]["metadata"] == {"name": COMPUTED, "namespace": "shop"}, "no name of a made-up value"
    assert bodies["versioned"]["stringData"] == {"password": COMPUTED, "token": COMPUTED}, "there is nothing to show"


def test_a_declared_secret_that_nobody_has_set_is_a_warning_with_the_command() -> None:
    found = result(PROJECT, "sample")
    told = "secret slipway:pin is not set: pulumi config set --stack sample --secret slipway:pin <value>"
    assert said(found, Severity.WARNING).count(told) == 1, "told once, however often it is read"


def test_a_required_secret_that_nobody_has_declared_or_set_is_a_warning_too(tmp_path: Path) -> None:
    main = """
        import pulumi
        config = pulumi.Config()
        pulumi.export("required", config.require_secret("token"))
        pulumi.export("again", config.require_secret("token"))
        pulumi.export("number", config.require_secret_int("pin"))
        pulumi.export("optional", config.get_secret("other"))
        pulumi.export("defaulted", config.get_secret("other", "a-default"))
        pulumi.export("elsewhere", pulumi.Config("aws").require_secret("key"))
    """
    found = result(write_project(tmp_path, main))
    assert not found.failed, "whoever reviews a change may not hold the stack's secrets"
    assert said(found, Severity.WARNING) == [
        f"secret {key} is not set: pulumi config set --stack dev --secret {key} <value>"
        for key in ("shop:token", "shop:pin", "aws:key")
    ], "each once; what is optional is not missed"
    assert found.outputs == dict.fromkeys(("required", "again", "number", "elsewhere", "defaulted"), SECRET)


def test_a_word_that_is_marked_once_is_hidden_everywhere_unless_it_is_common(tmp_path: Path) -> None:
    main = """
        import pulumi
        import pulumi_kubernetes as k8s
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, data={"flag": "true", "n": "true", "word": "hidden"})
        pulumi.export("x", {"plain": 8080, "flag": True})
        pulumi.export("y", pulumi.Output.secret({"flag": "true", "words": ["hidden", 8080]}))
    """
    found = result(write_project(tmp_path, main))
    assert found.manifests[0].body["data"] == {"flag": "true", "n": "true", "word": SECRET}, (
        "hiding `true` would hide a file and protect nothing"
    )
    assert found.outputs == {"x": {"plain": 8080, "flag": True}, "y": {"flag": SECRET, "words": [SECRET, SECRET]}}


def test_the_passphrase_comes_from_the_environment_or_a_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    ended = shown_by(capfd, PROJECT, "sample", "--format=yaml", "--show-secrets")
    bodies = [body["stringData"] for body in yaml.safe_load_all(ended.out) if "stringData" in body]
    assert bodies == [{"password": PASSWORD, "token": TOKEN}], "the file's last newline is not part of it"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    assert passphrase_from_environment() == "another", "the variable comes first, as for the CLI"


def test_a_wrong_passphrase_is_one_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    ended = shown_by(capfd, PROJECT, "sample")
    assert (ended.code, ended.out) == (2, ""), "nothing is shown of a stack whose secrets are not what they seem"
    why = "the passphrase is not the one that this stack's secrets were encrypted with"
    assert ended.err == f"preview: Pulumi.sample.yaml:1: {why}\n"


def test_an_empty_passphrase_counts_only_if_it_opens_the_stack(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    ended = shown_by(capfd, PROJECT, "sample", "--quiet")
    assert ended.code == 0, f"CI sets a secret to nothing where it withholds it: {ended.err}"
    assert "passphrase" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file or directory"), (b"\xff\xfe", "it is not text")],
    ids=["missing", "binary"],
)
def test_a_passphrase_file_that_cannot_be_read_is_one_line(
    content: bytes | None,
    why: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "passphrase"
    if content:
        file.write_bytes(content)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    ended = shown_by(capfd, PROJECT, "sample")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"preview: PULUMI_CONFIG_PASSPHRASE_FILE '{file}' cannot be read: {why}\n"


@pytest.mark.parametrize("salt", ["v2:AA==:v1:AA==:AA==", "v1:AA==", "v1:A:v1:AA==:AA==", "v1::v1:AA==:AA==", "x"])
def test_a_damaged_salt_is_reported(salt: str) -> None:
    with pytest.raises(PassphraseError, match="encryptionsalt is not of the form"):
        decrypter("any", salt)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("v1:AA==", "is not of the form"),
        ("v2:AA==:AA==", "is not of the form"),
        ("v1:AAAAAAAAAAAAAAAA:AA==", "does not open"),
        ("v1:A:AA==", "is damaged"),
    ],
)
def test_a_damaged_value_is_reported_with_its_file(value: str, why: str, tmp_path: Path) -> None:
    project = write_project(tmp_path)
    text = (FIXTURES / "Pulumi.sample.yaml").read_text(encoding="utf-8")
    damaged = re.sub(r"(apiToken:\n\s+secure: ).*", rf"\g<1>{value}", text)
    (project / "Pulumi.sample.yaml").write_text(damaged, encoding="utf-8")
    with pytest.raises(
        Exception, match=rf"Pulumi\.sample\.yaml:\d: slipway:apiToken: a secure value {why}.*: set it again$"
    ):
        result(project, "sample", passphrase=PASSPHRASE)


def test_secrets_kept_by_another_provider_are_withheld(tmp_path: Path) -> None:
    config = "secretsprovider: awskms://alias/x\nencryptedkey: AA==\nconfig:\n  shop:token: {secure: 'v1:AA==:AA=='}\n"
    main = "import pulumi\npulumi.export('x', pulumi.Config().require_secret('token'))"
    found = result(write_project(tmp_path, main, config={"dev": config}), passphrase="any")
    assert found.outputs == {"x": SECRET}, "a passphrase does not open them"


def test_a_component_shows_no_secret_that_it_registers_as_an_output(tmp_path: Path) -> None:
    main = """
        import pulumi
        class C(pulumi.ComponentResource):
            def __init__(self):
                super().__init__("a:b:C", "c")
                self.register_outputs({"password": pulumi.Output.secret("made-in-the-program")})
        C()
        print("made-in-the-program")
    """
    found = result(write_project(tmp_path, main))
    assert one(found, "a:b:C").outputs == {"password": SECRET}
    assert said(found, Severity.INFO) == [SECRET], "it is known for one, wherever it turns up"
