"""How a rollout is awaited, and why it fails: the same for `pulumi up` and for a deployment by kubectl."""
