"""An Ingress leads from hosts and paths to the ports of Services that have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from slipway import Ingress, IngressArgs, IngressPath, Port, Service
from slipway.testing import Recording, deploy, refusal
from tests.components.examples import NAMESPACE
from tests.components.rendering import HTTP
from tests.components.traffic.surroundings import DNS, certificate, given, service

Paths = Callable[[Service], list[IngressPath]]

HOST, OTHER = "shop.example.com", "www.example.com"


def ingress(*, path: dict[str, Any] | None = None, paths: Paths | None = None, **own: Any) -> Ingress:
    """Of the Service web and its http port, at one host; `path` is over its path, `own` over its args."""
    web = service()
    one: dict[str, Any] = {"service": web, "port": "http", **(path or {})}
    listed = [IngressPath(**one)] if paths is None else paths(web)
    fields: dict[str, Any] = {"hosts": [HOST], "paths": listed, **given(own)}
    return Ingress("shop", IngressArgs(**fields))


def made(**own: Any) -> Recording:
    return deploy(lambda: ingress(**own))


def body(**own: Any) -> dict[str, Any]:
    return made(**own).object("Ingress")


def refused(**own: Any) -> str:
    return refusal(lambda: ingress(**own))


def url(**own: Any) -> str:
    found: list[str] = []
    deploy(lambda: found.append(ingress(**own).url))
    return found[0]


def test_the_least_there_can_be() -> None:
    backend = {"service": {"name": "web", "port": {"name": "http"}}}
    assert body() == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "shop",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"},
            "annotations": {"pulumi.com/skipAwait": "true"},
        },
        "spec": {
            "rules": [{"host": HOST, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
        },
    }


def test_it_waits_for_nothing_but_what_it_names() -> None:
    assert made().one("networking.k8s.io/v1:Ingress").options.get("dependencies", []) == []


def test_class_labels_and_annotations_are_as_given() -> None:
    one = body(class_name="traefik", labels={"team": "shop"}, annotations={"note": "x"})
    assert one["spec"]["ingressClassName"] == "traefik"
    assert one["metadata"]["labels"]["team"] == "shop"
    assert one["metadata"]["annotations"] == {"note": "x", "pulumi.com/skipAwait": "true"}


def test_each_host_gets_the_paths_that_are_for_all_and_its_own() -> None:
    paths: Paths = lambda web: [  # noqa: E731
        IngressPath(service=web, port="http"),
        IngressPath(service=web, port="grpc", path="/api", match="Exact", host=OTHER),
    ]
    rules = body(hosts=[HOST, OTHER], paths=paths)["spec"]["rules"]
    seen = {rule["host"]: [(one["path"], one["pathType"]) for one in rule["http"]["paths"]] for rule in rules}
    assert seen == {HOST: [("/", "Prefix")], OTHER: [("/", "Prefix"), ("/api", "Exact")]}


def test_without_hosts_it_answers_to_any() -> None:
    (rule,) = body(hosts=[])["spec"]["rules"]
    assert "host" not in rule


def test_the_only_port_of_a_service_need_not_be_named() -> None:
    paths: Paths = lambda _: [IngressPath(service=service("one", ports=(HTTP,)))]  # noqa: E731
    (rule,) = body(paths=paths)["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"]["port"] == {"name": "http"}


def test_a_certificate_is_named_by_its_secret_for_all_hosts() -> None:
    wanted = [{"hosts": [HOST], "secretName": "shop"}]
    assert body(tls=lambda: certificate("*.example.com"))["spec"]["tls"] == wanted
    assert body(tls="shop")["spec"]["tls"] == wanted, "a Secret's name"


def test_raw_fields_are_merged_last() -> None:
    default: Any = {"defaultBackend": {"service": {"name": "sorry", "port": {"number": 80}}}}
    spec = body(spec=default)["spec"]
    assert spec["defaultBackend"] == default["defaultBackend"]
    assert spec["rules"]


def test_the_apps_labels_are_on_it_unless_it_is_of_several() -> None:
    paths: Paths = lambda web: [  # noqa: E731
        IngressPath(service=web, port="http"),
        IngressPath(service=service("api"), port="http", path="/api"),
    ]
    assert "labels" not in body(paths=paths)["metadata"]


def test_its_address_is_awaited_only_where_it_is_wanted() -> None:
    state = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    recording = deploy(lambda: ingress(await_address=True), states={"kubernetes:networking.k8s.io/v1:Ingress": state})
    assert recording.one("slipway:index:Ingress").outputs == {"address": "192.0.2.1"}
    assert "annotations" not in recording.object("Ingress")["metadata"]
    assert made().one("slipway:index:Ingress").outputs in ({}, {"address": None})


def test_an_address_that_never_came_is_an_error() -> None:
    with pytest.raises(pulumi.RunError, match="the ingress was awaited and has no address"):
        made(await_address=True)


def test_its_url_is_that_of_its_first_path() -> None:
    assert url() == f"http://{HOST}/"
    assert url(tls="shop", path={"path": "/cart"}) == f"https://{HOST}/cart"


@pytest.mark.parametrize("hosts", [[], ["*.example.com"]])
def test_there_is_no_url_where_any_host_may_ask(hosts: list[str]) -> None:
    assert "of which no URL is made" in refusal(lambda: ingress(hosts=hosts).url)


def test_a_port_that_the_service_does_not_have_is_refused() -> None:
    assert refused(path={"port": "admin"}) == "service 'web' has no port 'admin': name one of http, grpc"
    assert refused(path={"port": None}) == "service 'web' has several ports: name one of http, grpc"


def test_a_port_that_cannot_speak_http_is_refused() -> None:
    paths: Paths = lambda _: [IngressPath(service=service("names", ports=(DNS,)))]  # noqa: E731
    assert refused(paths=paths) == "port 'dns' of service 'names' is UDP: HTTP needs a TCP port"


@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ({"path": "/a"}, {"path": "/a"}, True),
        ({"path": "/a"}, {"path": "/a/"}, True),
        ({"path": "/a"}, {"path": "/a", "host": HOST}, True),
        ({"path": "/a"}, {"path": "/a", "match": "Exact"}, False),
        ({"path": "/a", "match": "Exact"}, {"path": "/a/", "match": "Exact"}, False),
        ({"path": "/a", "host": HOST}, {"path": "/a", "host": OTHER}, False),
    ],
)
def test_a_path_of_a_host_is_there_once(first: dict[str, Any], second: dict[str, Any], twice: bool) -> None:
    paths: Paths = lambda web: [IngressPath(service=web, port="http", **one) for one in (first, second)]  # noqa: E731
    if twice:
        told = f"path {second['path']!r} of {HOST} is there twice: leave one out"
        assert refused(hosts=[HOST, OTHER], paths=paths) == told
    else:
        assert body(hosts=[HOST, OTHER], paths=paths)


@pytest.mark.parametrize("path", ["cart", "//cart", "/a//b"])
def test_a_path_that_is_not_absolute_is_refused(path: str) -> None:
    assert refused(path={"path": path}) == f"path {path!r} is not absolute: start it with '/', and write '/' once"


def test_hosts_and_paths_that_do_not_meet_are_refused() -> None:
    assert refused(path={"host": OTHER}) == f"host {OTHER!r} of path '/' is no host of the ingress: {HOST}"
    assert (
        refused(hosts=[HOST, OTHER], path={"host": HOST}) == f"host {OTHER!r} has no path: give it one, or leave it out"
    )
    none: Paths = lambda _: []  # noqa: E731
    assert refused(paths=none).startswith("an ingress without paths leads nowhere")


def test_a_host_that_is_no_dns_name_is_refused() -> None:
    assert refused(hosts=[f"https://{HOST}"]) == f"host 'https://{HOST}' is no DNS name: write {HOST!r}"


def test_a_certificate_that_does_not_cover_a_host_is_refused() -> None:
    told = refused(hosts=[HOST, "a.b.example.com"], tls=lambda: certificate("*.example.com"))
    assert told.startswith("certificate 'shop' does not cover host 'a.b.example.com': it is for *.example.com")


def test_a_certificate_and_services_of_another_namespace_are_refused() -> None:
    told = refused(tls=lambda: certificate(HOST, namespace="elsewhere"))
    assert told.startswith(f"certificate 'shop' is in namespace 'elsewhere' and the ingress is in {NAMESPACE!r}")
    paths: Paths = lambda web: [  # noqa: E731
        IngressPath(service=web, port="http"),
        IngressPath(service=service("api", namespace="elsewhere"), port="http", path="/api"),
    ]
    assert "service 'api' is in namespace 'elsewhere'" in refused(paths=paths)


def test_tls_without_hosts_is_refused() -> None:
    assert refused(hosts=[], tls="shop").startswith("tls is for hosts, of which there are none")


def test_a_service_tells_its_callers_where_a_port_answers() -> None:
    def program() -> None:
        api = service("api", numbers={"http": 80, "grpc": 50021})
        pulumi.export("url", api.url("http"))
        pulumi.export("secure", api.url("http", scheme="https"))
        pulumi.export("endpoint", api.endpoint("grpc"))
        pulumi.export("only", service("one", ports=(Port(name="http", number=8080),)).url())
        pulumi.export("tls", service("two", ports=(Port(name="http", number=8443, tls=True),)).url())

    assert deploy(program).outputs == {
        "url": "http://api.shop.svc:80",
        "secure": "https://api.shop.svc:80",
        "endpoint": "api.shop.svc:50021",
        "only": "http://one.shop.svc:8080",
        "tls": "https://two.shop.svc:8443",
    }
