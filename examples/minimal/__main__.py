"""The smallest program: an existing image, served from a namespace of its own."""

import pulumi

from slipway import Namespace, Port, WebService, WebServiceArgs

namespace = Namespace("minimal")
web = WebService(
    "web",
    WebServiceArgs(
        namespace=namespace,
        image="registry.k8s.io/e2e-test-images/agnhost:2.53",
        args=["netexec", "--http-port=8080"],
        ports=[Port(name="http", number=8080)],
        replicas=2,
        # The image names no user, and `restricted` wants one that is not root.
        user=65532,
    ),
)
pulumi.export("host", web.service.host)
