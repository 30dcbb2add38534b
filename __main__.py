"""Deploys the selected stack: `pulumi up --stack dev`."""

import pulumi

import stacks

for name, value in stacks.compose(pulumi.get_stack()).items():
    pulumi.export(name, value)
