"""What the environments share. Each one's own module replaces what differs."""

import pulumi
from slipway import Deployment, DeploymentArgs, Namespace

from stacks.image import image
from stacks.settings import load

NAME = pulumi.get_project()


def shared() -> DeploymentArgs:
    """What runs, and how it is configured; but not how many there are of it."""
    settings = load()
    return DeploymentArgs(
        namespace=Namespace(f"{NAME}-{pulumi.get_stack()}"),
        image=image(settings),
        environment={"ENVIRONMENT": pulumi.get_stack(), "LOG_LEVEL": settings.log_level},
    )


def deploy(args: DeploymentArgs) -> dict[str, pulumi.Input[str]]:
    """Declares it, and tells what the stack exports."""
    Deployment(NAME, args)
    return {"namespace": f"{NAME}-{pulumi.get_stack()}", "image": args.image}
