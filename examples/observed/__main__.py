"""hello-world, with its own metrics scraped, alerted on and shown: for a cluster with kube-prometheus-stack."""

import pulumi

from slipway import (
    Alert,
    Alerts,
    AlertsArgs,
    Dashboard,
    DashboardArgs,
    Monitor,
    MonitorArgs,
    Namespace,
    Port,
    Probe,
    Probes,
    Recorded,
    WebService,
    WebServiceArgs,
)

# The chart's Prometheus looks at what carries the name of its release.
CHART = {"release": "kube-prometheus-stack"}
FAILING = 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'
SLOW = "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5"

namespace = Namespace("observed")
hello = WebService(
    "hello-world",
    WebServiceArgs(
        namespace=namespace,
        image="registry.example.com/hello-world:1.0.0",
        ports=[Port(name="http", number=8080), Port(name="grpc", number=50021)],
        probes=Probes(readiness=Probe(http="/readyz"), liveness=Probe(http="/livez")),
        config={"hello-world.data": "Hello.\n", "hello-world.config": ""},
        config_dir="/etc/hello-world",
        replicas=2,
    ),
)
Monitor("hello-world", MonitorArgs(of=hello.service, port="http", labels=CHART))
Alerts(
    "hello-world",
    AlertsArgs(
        namespace=namespace,
        labels=CHART,
        groups={
            "hello-world": [
                Recorded(name="hello:errors:ratio_rate5m", expression=FAILING),
                Alert(
                    name="HelloWorldFails",
                    when="hello:errors:ratio_rate5m > 0.05",
                    for_=300,
                    severity="critical",
                    summary="{{ $value | humanizePercentage }} of the requests fail",
                ),
                Alert(
                    name="HelloWorldIsSlow", when=SLOW, for_=600, summary="1 % of the requests take over half a second"
                ),
            ],
        },
    ),
)
Dashboard("hello-world-dashboard", DashboardArgs(namespace=namespace, file="dashboards/hello-world.json"))
pulumi.export("host", hello.service.host)
