"""Programs that know nothing of the preview: it shows everything that an engine would get, and reports what fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from slipway.preview.model import COMPUTED, SECRET, Severity
from slipway.preview.result import Result
from tests.preview.running import PROGRAMS, errors, one, result, said, write_project

K8S = "import pulumi\nimport pulumi_kubernetes as k8s\n"


@pytest.fixture(scope="module")
def clean() -> Result:
    return result(PROGRAMS / "clean")


def body(found: Result, kind: str, name: str) -> dict[str, Any]:
    bodies = [each.body for each in found.manifests if (each.kind, each.name) == (kind, name)]
    assert len(bodies) == 1, f"{len(bodies)} manifests of {kind} {name} among {[str(each) for each in found.manifests]}"
    return bodies[0]


def test_nothing_is_found_wrong_with_a_clean_program(clean: Result) -> None:
    assert errors(clean) == [], "the program runs as under Pulumi"
    grave = [finding for finding in clean.findings if finding.severity > Severity.INFO]
    assert grave == [], "there is no mistake in it"


def test_every_object_is_rendered_once_and_objects_of_others_are_not(clean: Result) -> None:
    assert [str(manifest) for manifest in clean.manifests] == [
        "Namespace from-config",
        "Namespace from-provider",
        "Namespace shop",
        "ServiceAccount shop/from-file",
        "ConfigMap from-config/by-config",
        "ConfigMap from-provider/by-provider",
        "ConfigMap shop/from-file",
        "ConfigMap shop/web-844a2162",
        "Service shop/web",
        "Widget shop/widget",
        "Deployment shop/web",
    ], "all objects in the order in which they can be applied; no chart, image, patch or object that is only read"


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("kubernetes:helm.sh/v3:Release", "database"),
        ("docker:index/image:Image", "image"),
        ("kubernetes:core/v1:ServiceAccountPatch", "patched"),
        ("kubernetes:core/v1:ConfigMap", "existing"),
        ("pulumi:pulumi:StackReference", "organization/network/dev"),
        ("pulumi:providers:kubernetes", "pinned"),
        ("kubernetes:yaml:ConfigFile", "file"),
        ("clean:index:Shop", "web"),
    ],
)
def test_resources_without_a_manifest_are_still_listed(clean: Result, type_: str, name: str) -> None:
    assert one(clean, type_, name), "the tree shows all that the engine would register"


def test_objects_go_where_the_provider_would_put_them(clean: Result) -> None:
    assert body(clean, "ConfigMap", "by-config")["metadata"]["namespace"] == "from-config", "the stack's configuration"
    assert body(clean, "ConfigMap", "by-provider")["metadata"]["namespace"] == "from-provider", "their own provider's"
    assert "namespace" not in body(clean, "Namespace", "shop")["metadata"], "a namespace is in no namespace"


def test_a_stack_transform_changes_what_is_rendered(clean: Result) -> None:
    for kind, name in (("ConfigMap", "from-file"), ("Service", "web")):
        assert body(clean, kind, name)["metadata"]["annotations"] == {"example.com/team": "web"}, (
            f"the transform adds it to the {kind}"
        )
    assert "annotations" not in body(clean, "Deployment", "web")["metadata"], "which the transform leaves alone"


def test_an_object_without_a_name_gets_one_from_its_logical_name_that_its_readers_get_too(clean: Result) -> None:
    container = body(clean, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": "web-844a2162"}}], "a reference is resolved"
    assert clean.outputs["generated"] == "web-844a2162", "and an output too"


def test_numbers_keep_their_type(clean: Result) -> None:
    text = json.dumps(body(clean, "Deployment", "web") | {"widget": body(clean, "Widget", "widget")["spec"]})
    assert '"replicas": 2,' in text, "a whole number has no fraction"
    assert '"ratio": 1.5, "size": 3' in text, "a fraction stays, also in an object of an unknown kind"


def test_keys_are_in_camel_case_as_the_api_has_them(clean: Result) -> None:
    pod = body(clean, "Deployment", "web")["spec"]["template"]["spec"]
    assert pod["containers"][0]["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert body(clean, "Deployment", "web")["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] == "web", (
        "the keys of a map are the user's own"
    )


def test_a_key_of_a_file_is_text_as_the_provider_reads_it(clean: Result) -> None:
    assert body(clean, "ConfigMap", "from-file")["data"] == {"true": "1"}, "YAML 1.1 takes `on` for a boolean"


def test_values_that_only_a_cluster_knows_are_computed(clean: Result) -> None:
    for output in ("zone", "existing", "uid", "address"):
        assert clean.outputs[output] == COMPUTED, f"nobody can know {output} offline"


def test_the_program_sees_that_it_is_a_preview_and_its_stack_and_project(clean: Result) -> None:
    assert clean.outputs["where"] == ["organization", "clean", "dev"]
    assert clean.outputs["dry"] is True, "as in `pulumi preview`"
    assert clean.outputs["folder"] == "clean", "the working directory is the program's"


def test_prints_and_logs_of_the_program_are_shown(clean: Result) -> None:
    assert said(clean, Severity.INFO) == [
        "a word to standard output\na word from a child process",
        "a word to the log",
    ], "once each, and in no other place"


def test_each_object_has_the_line_that_made_it(clean: Result) -> None:
    lines = (PROGRAMS / "clean/__main__.py").read_text(encoding="utf-8").splitlines()
    for name, line in (("widget", "CustomResource("), ("from-file", "ConfigFile("), ("web", "Deployment(")):
        source = next(each.source for each in reversed(clean.manifests) if each.name == name) or ""
        file, _, number = source.partition(":")
        assert file == "__main__.py", f"{name} is made in {source}"
        assert line in lines[int(number) - 1], f"{name}: {source} is `{lines[int(number) - 1]}`"


def test_five_mistakes_give_five_findings_each_with_rule_object_and_line() -> None:
    found = result(PROGRAMS / "mistakes")
    lines = (PROGRAMS / "mistakes/__main__.py").read_text(encoding="utf-8").splitlines()
    made = {
        name: number for number, line in enumerate(lines, 1) for name in ("Deployment(", "Autoscaler(") if name in line
    }
    settings = next(number for number, line in enumerate(lines, 1) if 'ConfigMap("settings"' in line)
    container = "spec.template.spec.containers[0]"
    deployment, autoscaler = f"__main__.py:{made['Deployment(']}", f"__main__.py:{made['Autoscaler(']}"
    assert {(each.rule, each.where, each.path, each.source) for each in found.findings} == {
        ("schema/unknown-field", "Deployment shop/web", f"{container}.readinesProbe", deployment),
        (
            "reference/missing-config-map",
            "Deployment shop/web",
            f"{container}.envFrom[0].configMapRef.name",
            deployment,
        ),
        (
            "pod-security/privilege-escalation",
            "Deployment shop/web",
            f"{container}.securityContext.allowPrivilegeEscalation",
            deployment,
        ),
        ("duplicate/object", "ConfigMap shop/settings", "metadata.name", f"__main__.py:{settings}"),
        ("autoscaling/missing-target", "HorizontalPodAutoscaler shop/web", "spec.scaleTargetRef.name", autoscaler),
    }, "exactly the five that are planted"
    assert len(found.findings) == 5, "each is told once"


def test_an_exception_is_reported_with_the_programs_lines_that_led_to_it() -> None:
    found = result(PROGRAMS / "raises")
    assert errors(found) == [
        ("__main__.py:7 > helper.py:5", "ValueError: invalid literal for int() with base 10: 'many'")
    ], "the user's own lines, outermost first, and none of ours or of a package"
    assert found.failed, "so that the exit code is 2"
    assert [str(each) for each in found.manifests] == ["Namespace shop"], "what came before it is still shown"


FAILING: dict[str, tuple[str, dict[str, str], list[tuple[str | None, str]]]] = {
    "a syntax error in a module of the program's": (
        "import helper",
        {"helper.py": "\ndef f(:\n"},
        [("helper.py:2", "SyntaxError: invalid syntax")],
    ),
    "a syntax error in the program itself": (
        "import pulumi\nx = = 1\n",
        {},
        [("__main__.py:2", "SyntaxError: invalid syntax")],
    ),
    "an import of what is not there": (
        "\nimport this_is_missing",
        {},
        [("__main__.py:2", "ModuleNotFoundError: No module named 'this_is_missing'")],
    ),
    "an exit with a message": (
        "import sys\nsys.exit('no such region')",
        {},
        [(None, "the program exited with no such region")],
    ),
    "an exit with a code": ("raise SystemExit(4)", {}, [(None, "the program exited with 4")]),
    "a RunError, which is meant for the user as it is": (
        "import pulumi\nraise pulumi.RunError('no replicas:\\nset shop:replicas')",
        {},
        [("__main__.py:2", "no replicas:"), ("__main__.py:2", "set shop:replicas")],
    ),
    "a RunError that names a place of its own": (
        "import pulumi\nraise pulumi.RunError('Pulumi.yaml:1: no replicas')",
        {},
        [("Pulumi.yaml:1", "no replicas")],
    ),
    "a RunError of the SDK": (
        "import pulumi\npulumi.Config().require('replicas')",
        {},
        [
            (
                "__main__.py:2",
                "Missing required configuration variable 'shop:replicas': please set a value using the command "
                "`pulumi config set shop:replicas <value>`",
            )
        ],
    ),
    "a program that logs an error and goes on": (
        "import pulumi\npulumi.log.error('bad region')",
        {},
        [(None, "bad region")],
    ),
    "an exception in an apply": (
        f"{K8S}ns = k8s.core.v1.Namespace('n', metadata={{'name': 'n'}})\n"
        "def missing(name):\n    return {}[name]\n"
        "pulumi.export('x', ns.metadata.name.apply(missing))",
        {},
        [("__main__.py:5", "KeyError: 'n'")],
    ),
    "an exception in an awaitable input": (
        f"{K8S}async def late():\n    raise OSError('gone')\nk8s.core.v1.Namespace('n', metadata={{'name': late()}})",
        {},
        [("__main__.py:4", "OSError: gone")],
    ),
    "an exception that Pulumi wraps": (
        f"{K8S}async def late():\n    raise ValueError('gone')\n"
        "k8s.core.v1.Namespace('n', metadata={'name': late()})",
        {},
        [
            (
                "__main__.py:4",
                "ValueError: While processing resource: 'n', type: 'kubernetes:core/v1:Namespace'\n"
                "ValueError has risen: While processing input: 'metadata', type <class 'str'>, "
                "value {'name': <coroutine object late>}\nValueError has risen: gone",
            )
        ],
    ),
    "an input that Pulumi cannot send": (
        f"{K8S}k8s.core.v1.ConfigMap('c', data={{'a': object()}})",
        {},
        [
            (
                None,
                "ValueError: While processing resource: 'c', type: 'kubernetes:core/v1:ConfigMap'\n"
                "ValueError has risen: While processing input: 'data', type <class 'str'>, "
                "value {'a': <object object>}\n"
                "ValueError has risen: unexpected input of type object for a in ConfigMap",
            )
        ],
    ),
    "an exception in a transform": (
        f"{K8S}def team(args):\n    raise LookupError('no team')\n"
        "pulumi.runtime.register_resource_transform(team)\n"
        "k8s.core.v1.Namespace('n', metadata={'name': 'n'})",
        {},
        [("__main__.py:4", "TransformError: no team (in a transform of n)")],
    ),
    "a transform that makes what Pulumi cannot send": (
        f"{K8S}def bad(args):\n    return pulumi.ResourceTransformResult({{'data': object()}}, None)\n"
        "pulumi.runtime.register_resource_transform(bad)\nk8s.core.v1.ConfigMap('c')",
        {},
        [
            (
                None,
                "TransformError: While processing input: 'data', type <class 'str'>, value <object object>\n"
                "ValueError has risen: unexpected input of type object for data (in a transform of c)",
            )
        ],
    ),
    "an exception in an asynchronous entry point": (
        "import pulumi\nasync def main():\n    raise ValueError('inside')\npulumi.run(main)",
        {},
        [("__main__.py:3", "ValueError: inside")],
    ),
    "an exception that is its own cause": (
        "try:\n    raise ValueError('a')\nexcept ValueError as a:\n    error = KeyError('b')\n    error.__cause__ = a\n"
        "    a.__cause__ = error\n    raise error\n",
        {},
        [("__main__.py:7", "KeyError: 'b'")],
    ),
    "a process that ends itself": (
        "import os\nos._exit(3)",
        {},
        [(None, "the program ended its own process, with exit code 3")],
    ),
    "a process that is killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        {},
        [(None, "the program's process was ended by SIGKILL")],
    ),
}


@pytest.mark.parametrize("failing", FAILING)
def test_a_failure_is_reported_in_the_users_terms(failing: str, tmp_path: Path) -> None:
    main, files, told = FAILING[failing]
    found = result(write_project(tmp_path, main, files=files))
    assert errors(found) == told, failing
    assert len(found.diagnostics) == len(told), f"{failing} is told once: {found.diagnostics}"
    assert found.failed, f"{failing} is a failure"


ACCEPTED: dict[str, tuple[str, dict[str, Any]]] = {
    "an exit with 0": ("import sys\nsys.exit(0)", {}),
    "an asynchronous entry point, whose result are outputs": (
        "import asyncio, pulumi\nasync def main():\n    await asyncio.sleep(0)\n    return {'x': 1}\npulumi.run(main)",
        {"x": 1},
    ),
    "a thread that never ends": (
        "import threading, time, pulumi\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "pulumi.export('x', 1)",
        {"x": 1},
    ),
    "processes of the program's own": (
        "import multiprocessing, pulumi\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n    pulumi.export('x', pool.map(abs, [-1]))",
        {"x": [1]},
    ),
    "modules with the names of ours": (
        "import pulumi, preview, stacks\nfrom preview import model\n"
        "pulumi.export('x', [preview.MINE, model.MINE, stacks.MINE])",
        {"x": [1, 2, 3]},
    ),
    "a module that looks like a package of Pulumi's and asks for the stack": (
        "import pulumi, pulumi_house\npulumi.export('x', pulumi_house.STACK)",
        {"x": "dev"},
    ),
    "arguments and file as Python has them": (
        "import os, sys, pulumi\npulumi.export('x', [os.path.basename(__file__), len(sys.argv), __name__])",
        {"x": ["__main__.py", 1, "__main__"]},
    ),
    "standard input that is empty": ("import sys, pulumi\npulumi.export('x', sys.stdin.read())", {"x": ""}),
    "a method of a resource's provider": (
        "import pulumi\nns = pulumi.CustomResource('a:b:C', 'n', {})\n"
        "pulumi.export('x', pulumi.runtime.call('a:b:C/m', {'__self__': ns}, ns).apply(lambda r: r))",
        {},
    ),
    "a function of another package's provider": (
        "import pulumi\npulumi.export('x', pulumi.runtime.invoke('aws:index:getRegion', {}).value)",
        {"x": COMPUTED},
    ),
    "a program that changes its folder and its output": (
        "import os, sys, io, pulumi\nos.chdir('/')\nsys.stdout = io.StringIO()\nprint('x')\npulumi.export('x', 1)",
        {"x": 1},
    ),
}
SHADOWS = {
    "preview/__init__.py": "MINE = 1",
    "preview/model.py": "MINE = 2",
    "stacks.py": "MINE = 3",
    "pulumi_house.py": "import pulumi\nSTACK = pulumi.get_stack()\n",
}


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_a_program_may_do_what_it_may_under_pulumi(
    accepted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests in this process may have imported our modules, and the program's process is a fork of it.
    for name in [name for name in sys.modules if name.partition(".")[0] == "stacks"]:
        monkeypatch.delitem(sys.modules, name)
    main, outputs = ACCEPTED[accepted]
    found = result(write_project(tmp_path, main, files=SHADOWS))
    assert errors(found) == [], accepted
    assert not found.failed, accepted
    assert outputs.items() <= found.outputs.items(), f"{accepted}: {found.outputs}"


def test_an_unanswered_provider_function_is_reported_once(tmp_path: Path) -> None:
    main = "import pulumi\nfor name in 'bab':\n    pulumi.runtime.invoke(f'{name}:index:get', {})"
    assert said(result(write_project(tmp_path, main)), Severity.WARNING) == [
        "a:index:get asks a provider, which nothing answers offline: its result is not known here",
        "b:index:get asks a provider, which nothing answers offline: its result is not known here",
    ], "in an order that does not change from run to run"


def test_the_result_of_an_unanswered_provider_function_is_unknown(tmp_path: Path) -> None:
    main = f"""{K8S}
plain = pulumi.runtime.invoke("aws:ec2:getAmi", {{}}).value
output = pulumi.runtime.invoke_output("aws:ec2:getAmi", {{}})
k8s.core.v1.ConfigMap("c", metadata={{"name": "c"}}, data={{"a": plain["id"], "b": output["id"]}})
pulumi.export("ami", [plain, output, plain["id"], output.apply(lambda ami: ami["id"])])
k8s.core.v1.ConfigMap(f"c-{{plain['id']}}")
"""
    found = result(write_project(tmp_path, main))
    assert found.manifests[0].body["data"] == {"a": COMPUTED, "b": COMPUTED}
    assert errors(found) == [
        (
            "__main__.py:8",
            "what aws:ec2:getAmi answers is needed here, and nothing asks a provider offline: use its output form and "
            "an apply",
        )
    ]
    shown = result(write_project(tmp_path, main.rpartition("\nk8s")[0]))
    assert (shown.failed, shown.outputs) == (False, {"ami": [COMPUTED] * 4})


def test_charts_are_listed_and_objects_that_they_may_provide_are_not_missing(tmp_path: Path) -> None:
    main = f"""{K8S}
k8s.helm.v3.Chart("three", k8s.helm.v3.ChartOpts(chart="nginx", fetch_opts=k8s.helm.v3.FetchOpts(repo="https://x")))
k8s.helm.v4.Chart("four", chart="nginx")
k8s.kustomize.v2.Directory("folder", directory=".")
k8s.yaml.v2.ConfigFile("file", file="x.yaml")
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "c",
    metadata={{"name": "c"}},
    spec={{"scale_target_ref": {{"api_version": "apps/v1", "kind": "Deployment", "name": "c"}}, "max_replicas": 2}},
)
"""
    found = result(write_project(tmp_path, main))
    assert {each.name for each in found.registrations} == {"three", "four", "folder", "file", "c"}, "all are listed"
    assert [str(each) for each in found.manifests] == ["HorizontalPodAutoscaler default/c"], (
        "and only what is an object is rendered"
    )
    assert [each for each in found.findings if each.severity is Severity.ERROR] == [], "a chart may make its target"


def test_a_program_in_a_folder_of_its_own_runs_there(tmp_path: Path) -> None:
    main = "import os, pulumi, beside\npulumi.export('x', [os.path.basename(os.getcwd()), beside.WORD])"
    files = {"infra/__main__.py": main, "infra/beside.py": "WORD = 'inside'", "beside.py": "WORD = 'outside'"}
    found = result(write_project(tmp_path, "raise SystemExit(1)", settings="main: infra\n", files=files))
    assert found.outputs == {"x": ["infra", "inside"]}, (
        "its folder is the working directory and comes first on the path"
    )


def test_a_program_of_four_hundred_objects_is_rendered_whole(tmp_path: Path) -> None:
    make = "k8s.core.v1.ConfigMap(f'c{n}', metadata={'name': f'c{n:03}'}, data={'n': str(n)})"
    main = f"{K8S}for n in range(400):\n    {make}"
    found = result(write_project(tmp_path, main))
    assert [each.body["data"]["n"] for each in found.manifests] == [str(n) for n in range(400)], "each once, in order"


def test_an_object_that_is_unknown_as_a_whole_is_shown_as_such(tmp_path: Path) -> None:
    main = f"""{K8S}
unknown = k8s.core.v1.Namespace("n", metadata={{"name": "n"}}).metadata.uid
data = {{"k": pulumi.Output.concat("a-", unknown)}}
k8s.core.v1.ConfigMap("m", metadata=unknown.apply(lambda uid: {{"name": uid}}), data=data)
pulumi.export("spec", k8s.core.v1.Service("s", metadata={{"name": "s"}}, spec=unknown.apply(lambda uid: {{}})).spec)
k8s.core.v1.ConfigMap("secret", metadata=pulumi.Output.secret({{"name": "hidden"}}))
"""
    found = result(write_project(tmp_path, main))
    bodies = {each.urn.rpartition("::")[2]: each.body for each in found.manifests}
    assert bodies["m"]["metadata"] == {"name": COMPUTED, "namespace": COMPUTED}, "no name is made up for it"
    assert bodies["m"]["data"] == {"k": COMPUTED}, "what hangs on the unknown is unknown"
    assert bodies["s"]["spec"] == found.outputs["spec"] == COMPUTED, "and nothing is added to it"
    assert bodies["secret"]["metadata"] == {"name": "[secret]", "namespace": "default"}


TRANSFORMED = f"""{K8S}
def add(word):
    def transform(args):
        if not args.type_.endswith(":ConfigMap"):
            return None
        metadata = args.props["metadata"]
        changed = {{**metadata, "labels": {{"by": metadata.get("labels", {{}}).get("by", "") + word}}}}
        return pulumi.ResourceTransformResult({{**args.props, "metadata": changed}}, args.opts)
    return transform

class Outer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("a:b:Outer", name, None, opts)

seen = []
def look(args):
    seen.append([args.type_, args.name, args.custom])

pulumi.runtime.register_resource_transform(add("S"))
pulumi.runtime.register_resource_transform(look)
outer = Outer("outer", pulumi.ResourceOptions(transforms=[add("p")]))
inside = pulumi.ResourceOptions(parent=outer, transforms=[add("a"), add("b")])
deep = k8s.core.v1.ConfigMap("deep", metadata={{"name": "deep"}}, data={{"a": "open"}}, opts=inside)
flat = k8s.core.v1.ConfigMap("flat", metadata={{"name": "flat"}}, data={{"a": pulumi.Output.secret("hidden")}})
pulumi.export("read", [deep.metadata.labels, deep.data, flat.data])
pulumi.export("seen", pulumi.Output.all(deep.id, flat.id).apply(lambda _: seen, run_with_unknowns=True))
"""


def test_transforms_run_in_the_engines_order_each_on_the_result_of_the_one_before(tmp_path: Path) -> None:
    found = result(write_project(tmp_path, TRANSFORMED))
    assert [each.body["metadata"]["labels"]["by"] for each in found.manifests] == ["abpS", "S"], (
        "its own, its parent's, the stack's"
    )


def test_a_transform_sees_each_resource_once_and_its_result_reaches_the_readers(tmp_path: Path) -> None:
    found = result(write_project(tmp_path, TRANSFORMED))
    assert sorted(found.outputs["seen"]) == [
        ["a:b:Outer", "outer", False],
        ["kubernetes:core/v1:ConfigMap", "deep", True],
        ["kubernetes:core/v1:ConfigMap", "flat", True],
    ], "the stack itself is no resource to transform"
    assert found.outputs["read"] == [{"by": "abpS"}, {"a": "open"}, {"a": SECRET}], (
        "a secret that a transform takes along stays one"
    )


def test_a_transform_does_not_use_the_environments_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert not errors(result(write_project(tmp_path, TRANSFORMED)))


def test_two_resources_with_one_urn_are_an_error_with_both_lines(tmp_path: Path) -> None:
    release = "k8s.helm.v3.Release('x', chart='nginx', name='{}')\n"
    main = f"{K8S}{release.format('a')}{release.format('b')}"
    [finding] = result(write_project(tmp_path, main)).findings
    assert (finding.rule, finding.severity, finding.source) == ("duplicate/urn", Severity.ERROR, "__main__.py:4")
    assert "__main__.py:3" in finding.message, "the engine refuses the second; the first is as likely the wrong one"
