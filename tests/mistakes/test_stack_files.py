"""Mistakes in a stack's file. Each is reported in one line with the file, the line and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from slipway.deploy.errors import DeployError
from slipway.deploy.rendered import find_stack
from tests.mistakes.project_files import FILE, GREETING, SALT, Row, is_told, make_project, named, told, write
from tests.preview.running import preview_of
from tests.repository import ROOT

SEALED = "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
LAUGHS = "x-a: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x-{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


def stated(key: str, told: str) -> Row:
    """A line of configuration after a greeting; it is line 3."""
    return Row(f"{GREETING}  {key}\n", 3, told)


def nested(part: str, told: str) -> Row:
    """A line below the token; it is line 4."""
    return Row(f"{GREETING}  slipway:apiToken:\n    {part}\n", 4, told)


KEYS = [
    # The top of the file
    Row("confg:\n  slipway:greeting: Hello\n", 1, "confg is not a key of a stack's file: did you mean config?"),
    Row("Config:\n  slipway:greeting: Hello\n", 1, "did you mean config?"),
    Row(
        "configuration:\n  slipway:greeting: Hello\n",
        1,
        "configuration is not a key of a stack's file: did you mean config?",
    ),
    Row("conf:\n  slipway:greeting: Hello\n", 1, "did you mean config?"),
    Row(f"{GREETING}encryptionSalt: {SALT[16:]}", 3, "did you mean encryptionsalt?"),
    Row(f"{GREETING}encryption_salt: {SALT[16:]}", 3, "did you mean encryptionsalt?"),
    Row(f"{GREETING}secretprovider: passphrase\n", 3, "did you mean secretsprovider?"),
    Row(f"{GREETING}secretsProvider: passphrase\n", 3, "did you mean secretsprovider?"),
    Row(f"{GREETING}enviroment: [prod]\n", 3, "did you mean environment?"),
    Row(f"{GREETING}outputs: {{}}\n", 3, "outputs is not a key of a stack's file: known are config"),
    Row("slipway:greeting: Hello\n", 1, "slipway:greeting is at the top: indent it, under config"),
    Row("config:\nslipway:greeting: Hello\n", 2, "slipway:greeting is at the top: indent it, under config"),
    Row("config: Hello\n", 1, "config holds text, not keys and values"),
    Row("config: slipway:greeting:Hello\n", 1, "a space is missing after the colon"),
    Row("config:\n  slipway:greeting:Hello\n", 1, "a space is missing after the colon"),
    Row("config:\n- slipway:greeting: Hello\n", 1, "config holds a list, not keys and values"),
    Row("config: true\n", 1, "config holds true or false, not keys and values"),
    Row("config: 3\n", 1, "config holds a number, not keys and values"),
    # A required key
    Row("", 1, "slipway:greeting is missing (the text that the service greets with): pulumi config set"),
    Row("# nothing\n", 1, "slipway:greeting is missing"),
    Row("config:\n", 1, "slipway:greeting is missing"),
    Row("config: {}\n", 1, "slipway:greeting is missing"),
    Row("# ours\nconfig:\n  slipway:logLevel: info\n", 2, "slipway:greeting is missing"),
    Row("config:\n  slipway:Greeting: Hello\n", 2, "slipway:Greeting is not a setting: did you mean greeting?"),
    Row("config:\n  slipway:gretting: Hello\n", 2, "did you mean greeting?"),
    Row("config:\n  slipway:greetings: Hello\n", 2, "did you mean greeting?"),
    Row("config:\n  slipway:greet: Hello\n", 2, "did you mean greeting?"),
    Row("config:\n  Greeting: Hello\n", 2, "did you mean greeting?"),
    Row("config:\n  slipway:greeting:\n", 2, 'slipway:greeting has no value: give it one, "" if'),
    Row("config:\n  slipway:greeting: ~\n", 2, "slipway:greeting has no value"),
    Row('config:\n  slipway:greeting: ""\n', 2, "'' is not accepted: the text that the service greets with"),
    Row('config:\n  slipway:greeting: "  "\n', 2, "'  ' is not accepted: the text that the service greets with"),
    Row("config:\n  slipway:greeting: [Hello]\n", 2, """'["Hello"]' is not accepted: the text that"""),
    Row("config:\n  slipway:greeting: {text: Hello}\n", 2, """'{"text":"Hello"}' is not accepted: the text that"""),
    Row("config:\n  greeting: [Hello]\n", 2, "is not accepted: the text that the service greets with"),
    # The namespace
    Row("config:\n  slipwey:greeting: Hello\n", 2, "did you mean slipway:greeting?"),
    Row("config:\n  Slipway:greeting: Hello\n", 2, "did you mean slipway:greeting?"),
    Row("config:\n  slip-way:greeting: Hello\n", 2, "did you mean slipway:greeting?"),
    Row("config:\n  slipways:greeting: Hello\n", 2, "nothing reads the namespace 'slipways'"),
    stated("slipwy:logLevel: info", "did you mean slipway:logLevel?"),
    stated("slippway:serviceType: NodePort", "did you mean slipway:serviceType?"),
    Row("config:\n  slipway:\n    greeting: Hello\n", 2, "write each key whole, as in slipway:greeting"),
    Row("config:\n  slipway:\n  greeting: Hello\n", 2, "slipway is a namespace, which nests nothing"),
    stated("slipway:slipway: {logLevel: info}", "write each one whole, as in slipway:greeting"),
    stated("kubernetes:\n    context: kind", "kubernetes is a namespace, which nests nothing"),
    stated("slipway: greeting: Hello", "a second colon, or deeper than its neighbours"),
    stated('"slipway: logLevel": info', "is not of the form <namespace>:<key>"),
    stated('"slipway :logLevel": info', "is not of the form <namespace>:<key>"),
    stated("slipway:app:logLevel: info", "is not of the form <namespace>:<key>"),
    stated('":logLevel": info', "is not of the form <namespace>:<key>"),
    stated('"slipway:": info', "is not of the form <namespace>:<key>"),
    stated("slipway/logLevel: info", "slipway:slipway/logLevel is not a setting"),
    stated("slipway.logLevel: info", "slipway:slipway.logLevel is not a setting: did you mean logLevel?"),
    # The providers' settings
    stated("kubernetes:contxt: kind", "not a setting of the kubernetes provider: did you mean kubernetes:context?"),
    stated("kubernetes:Context: kind", "did you mean kubernetes:context?"),
    stated("kubernetes:kubeConfig: /x", "did you mean kubernetes:kubeconfig?"),
    stated("kubernetes:namspace: web", "did you mean kubernetes:namespace?"),
    stated("kubernetes:enableServersideApply: true", "did you mean kubernetes:enableServerSideApply?"),
    stated("kubernetes:enableConfigmapsMutable: true", "did you mean kubernetes:enableConfigMapMutable?"),
    stated("kubernets:context: kind", "did you mean kubernetes:context?"),
    stated("Kubernetes:context: kind", "did you mean kubernetes:context?"),
    stated("docker:hosts: tcp://x", "did you mean docker:host?"),
]
VALUES = [
    stated("slipway:loglevel: info", "slipway:loglevel is not a setting: did you mean logLevel?"),
    stated("slipway:log-level: info", "did you mean logLevel?"),
    stated("slipway:log_level: info", "did you mean logLevel?"),
    stated("slipway:regstry: x.example.com", "did you mean registry?"),
    stated("slipway:apitoken: x", "did you mean apiToken?"),
    stated("slipway:replicas: 3", "slipway:replicas is not a setting: known are greeting, logLevel"),
    stated("logLevl: info", "slipway:logLevl is not a setting: did you mean logLevel?"),
    stated("slipway:logLevel: warning", "debug, info, warn or error; did you mean warn?"),
    stated("slipway:logLevel: INFO", "did you mean info?"),
    stated("slipway:logLevel: 3", "'3' is not accepted"),
    stated("slipway:logLevel: [info]", "is not accepted: debug, info, warn or error"),
    stated("slipway:logLevel:", "slipway:logLevel has no value"),
    stated("slipway:serviceType: Loadbalancer", "did you mean LoadBalancer?"),
    stated("slipway:serviceType: ExternalName", "ClusterIP, NodePort or LoadBalancer"),
    stated("slipway:serviceType: true", "'true' is not accepted"),
    # A registry that is not valid
    stated("slipway:registry: https://registry.example.com", "did you mean registry.example.com?"),
    stated("slipway:registry: registry.example.com/", "did you mean registry.example.com?"),
    stated("slipway:registry: Registry.example.com", "did you mean registry.example.com?"),
    stated("slipway:registry: team", "did you mean docker.io/team?"),
    stated("slipway:registry: registry.example.com/team:latest", "did you mean registry.example.com/team?"),
    stated("slipway:registry: registry..example.com", "where images are pushed, as in registry.example.com/team"),
    stated("slipway:registry: -registry.example.com", "where images are pushed"),
    stated("slipway:registry: registry.example.com:99999", "where images are pushed"),
    stated("slipway:registry: registry example com", "where images are pushed"),
    stated('slipway:registry: ""', "'' is not accepted: where images are pushed"),
    stated("slipway:registry: {host: x.example.com}", "where images are pushed"),
    stated("slipway:registry: 5000", "did you mean docker.io/5000?"),
    stated("slipway:registryMirror: http://mirror.example.com/all", "did you mean mirror.example.com/all?"),
    stated('slipway:goImage: ""', "the image that compiles the service"),
    stated("slipway:goImage: golang 1.26", "'golang 1.26' is not accepted: the image that compiles the service"),
    stated("slipway:runtimeImage: [gcr.io/distroless/static]", "is not accepted: the image that the service runs in"),
    # Secrets
    stated("slipway:apiToken: hunter2", "slipway:apiToken is written in clear: pulumi config set --secret apiToken"),
    nested("secure:", "secure holds nothing: set it again"),
    nested('secure: ""', "secure holds nothing: set it again"),
    nested("secure: 3", "secure holds a number: set it again"),
    nested("secure: [a]", "secure holds a list: set it again"),
    nested("secure: hunter2!", "a secure value is damaged (not base64): set it again"),
    nested(f"secure: {SEALED}", "encryptionsalt is missing: restore it"),
    stated(f"slipway:apiToken: {SEALED}", "an encrypted value in the place of a plain one: put `secure:` before it"),
    nested(f"Secure: {SEALED}", "did you mean secure?"),
    nested(f"secret: {SEALED}", "did you mean secure?"),
    stated(f"slipway:apiToken: {{secure: {SEALED}, note: mine}}", "secure stands alone"),
    stated(f"slipway:apiToken: {{token: {{secure: {SEALED}}}}}", "encryptionsalt is missing"),
    Row(f"{SALT}{GREETING}  apiToken:\n    secure: AAAA\n", 5, "not of the form v1:<nonce>:<ciphertext>"),
    Row(f"{SALT}{GREETING}  apiToken:\n    secure: v1:AAAA\n", 5, "not of the form v1:<nonce>:<ciphertext>"),
    Row(f"{SALT}{GREETING}  apiToken:\n    secure: v1:A:!\n", 5, "a secure value is damaged (not base64)"),
    Row(f"{SALT}{GREETING}  apiToken:\n    secure: {SEALED[:-1]}\n", 5, "a secure value is damaged (not base64)"),
    Row(f"encryptionsalt:\n{GREETING}", 1, "encryptionsalt is empty: restore it from version control"),
    Row(f'encryptionsalt: ""\n{GREETING}', 1, "encryptionsalt is empty"),
    Row(f"encryptionsalt: 3\n{GREETING}", 1, "encryptionsalt is a number, not text"),
    Row(f"encryptionsalt: abc\n{GREETING}", 1, "not of the form v1:<salt>:<check>"),
    Row(f"encryptionsalt: v1:?:v1:A:A\n{GREETING}", 1, "not of the form v1:<salt>:<check>"),
    Row(f"encryptedkey:\n{GREETING}", 1, "encryptedkey is empty"),
    stated(SALT.strip(), "encryptionsalt is under config: its place is at the top"),
]
YAML = [
    Row("config:\n  a: 1\n  b: 2\n  a: 3\n", 4, "a is there twice: line 2 has it already"),
    Row(f"{GREETING}  slipway:greeting: Hi\n", 3, "slipway:greeting is there twice: line 2 has it already"),
    Row(f"{GREETING}  greeting: Hi\n", 3, "slipway:greeting is there twice, as greeting too"),
    Row(f"{GREETING}  slipway:config:greeting: Hi\n", 3, "there twice, as slipway:config:greeting too"),
    Row(f"{GREETING}{GREETING}", 3, "config is there twice: line 1 has it already"),
    Row("config: {a: 1, a: 2}\n", 1, "a is there twice"),
    Row("config:\n\tslipway:greeting: Hello\n", 2, "a tab is here: YAML is indented with spaces"),
    Row(f"{GREETING}\tslipway:logLevel: info\n", 3, "a tab is here"),
    Row(f"{GREETING}    slipway:logLevel: info\n", 3, "a second colon, or deeper than its neighbours"),
    Row(f"{GREETING} slipway:logLevel: info\n", 3, "not indented like the lines above it"),
    Row(f"{GREETING}  slipway:logLevel info\n", 3, "a key without a colon and a space after it"),
    Row("config:\n  slipway:greeting: Hello: world\n", 2, "a second colon"),
    Row('config:\n  slipway:greeting: "Hello\n', 3, "unexpected end of stream"),
    Row("config:\n  slipway:greeting: {{ name }}\n", 2, "a value cannot begin with {: quote it"),
    Row("config:\n  slipway:greeting: @home\n", 2, "a value cannot begin with '@': quote it"),
    Row("config:\n  slipway:greeting: %home\n", 2, "a value cannot begin with '%': quote it"),
    Row("config:\n  slipway:greeting: *\n", 2, "a value cannot begin with * or &: quote it"),
    Row("config:\n  slipway:greeting: *hello\n", 2, "undefined alias 'hello'"),
    Row("config:\n  slipway:greeting: !important\n", 2, "!important is not known: quote it"),
    Row("config:\n  slipway:greeting: !!binary SGVsbG8=\n", 2, "!binary is not known: quote it"),
    Row("config:\n  slipway:greeting: !!python/object:os.system x\n", 2, "is not known: quote it"),
    Row("config:\n  slipway:greeting: 0x_\n", 2, "0x_ is not a number: quote it"),
    Row(f"{GREETING}---\n{GREETING}", 3, "a second document begins here"),
    Row("config: &c\n  again: *c\n", 1, "it holds itself"),
    Row(f"{LAUGHS}config:\n  slipway:greeting: *a11\n", 1, "its aliases come to too much"),
    Row(f"config: {'[' * 1000}\n", 1, "it is nested too deep"),
    Row("- config\n", 1, "holds a list, not keys and values"),
    Row("Hello\n", 1, "holds text, not keys and values"),
    Row(b"config:\n  slipway:greeting: Gr\xfc\xdfe\n", 2, "is not UTF-8 (byte 0xfc): save it as UTF-8"),
    Row(GREETING.encode("utf-16"), 1, "is not UTF-8 (byte 0xff): save it as UTF-8"),
    Row("config:\n  slipway:greeting: Hel\x00lo\n", 2, "special characters are not allowed"),
    Row(f"<<<<<<< HEAD\n{GREETING}=======\nconfig: {{}}\n>>>>>>> main\n", 1, "a merge conflict is not resolved"),
    Row(f"{GREETING}<<<<<<< HEAD\n  slipway:logLevel: info\n=======\n>>>>>>> main\n", 3, "a merge conflict"),
    Row('{"config":\n {"slipway:greeting": "Hello",}', 2, "is not YAML: expected ',' or '}'"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_project(tmp_path, monkeypatch)


@pytest.mark.parametrize("row", [*KEYS, *VALUES, *YAML], ids=named)
def test_a_mistake_in_a_stacks_file_is_one_line(row: Row, project: Path) -> None:
    write(project / FILE, row.text)
    is_told(told(project), FILE, row)


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  slipway:greeting: Hello\n",
        "\ufeffconfig:\r\n  slipway:greeting: Hello\r\n",
        "config:\n  greeting: Hello\n",
        "config:\n  slipway:config:greeting: Hello\n",
        "config: {'slipway:greeting': Hello, 'slipway:logLevel': info}\n",
        f"x-greeting: &hello Hello\n{GREETING.replace('Hello', '*hello')}",
        f"secretsprovider: passphrase\n{SALT}{GREETING}",
        f"secretsprovider: awskms://alias/x\nencryptedkey: AAAA\n{GREETING}  apiToken: {{secure: {SEALED}}}\n",
        f"{SALT}{GREETING}  slipway:apiToken:\n    secure: {SEALED}\n",
        f"{GREETING}  slipway:apiToken:\n    secure: AAABAKp2hRDs\n",
        f"{GREETING}environment: [shared]\n",
        *(
            f"{GREETING}  {key}\n"
            for key in (
                *("aws:region: eu-west-1", "aws:profile:", "awsx:anything: 1", "gcp:project: x", "pulumi:tags: {a: b}"),
                *("kubernetes:context: kind", "kubernetes:renderYamlToDirectory: /x", "kubernetes:notKnownYet: 1"),
                *("docker:host: x", "other:greeting: Hi", "slipway-infra:greeting: Hi", "infra:cookie: {secure: true}"),
                *("slipshod:logLevel: Hi", "infra:shape: {secure: 1, open: 2}", "infra:version: v1:2:3"),
            )
        ),
    ],
)
def test_a_correct_file_is_not_refused(text: str, project: Path) -> None:
    write(project / FILE, text)
    assert told(project) == "nothing"


def test_a_key_or_namespace_that_the_program_names_is_accepted(project: Path) -> None:
    write(project / FILE, f"{GREETING}  slipways:color: red\n")
    assert "nothing reads the namespace 'slipways'" in told(project)
    (project / "__main__.py").write_text("import pulumi\npulumi.Config('slipways').get('color')\n")
    assert told(project) == "nothing"


@pytest.mark.parametrize("row", [KEYS[0], VALUES[0], YAML[0]], ids=named)
def test_the_command_ends_with_2_and_the_one_line(row: Row, project: Path) -> None:
    shutil.copytree(ROOT / "stacks", project / "stacks", dirs_exist_ok=True)
    for name in ("__main__.py", "app"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, project / name)
    write(project / FILE, row.text)
    ended = preview_of(project, "dev", "--quiet")
    assert ended.code == 2
    (line,) = [line for line in (ended.out + ended.err).splitlines() if row.told in line]
    assert f"{FILE}:{row.line}: " in line


def test_deploying_says_the_same(project: Path) -> None:
    write(project / FILE, KEYS[0].text)
    with pytest.raises(DeployError, match=rf"^{FILE}:1: confg is not a key"):
        find_stack(project, "dev")
