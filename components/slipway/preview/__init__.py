"""Runs a Pulumi program offline and shows what each of its stacks would get."""
