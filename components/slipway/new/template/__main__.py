"""Deploys the selected stack, as stacks/<stack>.py says: `pulumi up --stack dev`."""

from importlib import import_module

import pulumi

for name, value in import_module(f"stacks.{pulumi.get_stack()}").compose().items():
    pulumi.export(name, value)
