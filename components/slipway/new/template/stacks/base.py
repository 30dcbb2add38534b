"""What the environments share. Each one's own module replaces what differs."""

import pulumi
from slipway import Namespace, Port, Probe, Probes, WebService, WebServiceArgs

from stacks.image import image
from stacks.settings import load

NAME = pulumi.get_project()


def shared() -> WebServiceArgs:
    """What runs, how it is configured, asked and reached; not how many there are."""
    settings = load()
    return WebServiceArgs(
        namespace=Namespace(f"{NAME}-{pulumi.get_stack()}"),
        image=image(settings),
        ports=[Port(name="http", number=8080)],
        probes=Probes(readiness=Probe(http="/readyz"), liveness=Probe(http="/livez")),
        environment={
            "ENVIRONMENT": pulumi.get_stack(),
            "LOG_LEVEL": settings.log_level,
        },
    )


def deploy(args: WebServiceArgs) -> dict[str, pulumi.Input[str]]:
    """Declares it, and tells what the stack exports."""
    WebService(NAME, args)
    return {"namespace": f"{NAME}-{pulumi.get_stack()}", "image": args.image}
