"""Refuses edits of existing objects that would lose data or requests, before anything is written.

Kubernetes never changes some fields. For these, the provider deletes the object and makes a new one. Each rule compares
an object with what the program declares now. Both ways to deploy use the same rules: a component compares with the
state of the stack (`guarded`), and `slipway apply` with the objects in the cluster. docs/edits.md lists all edits.
"""
