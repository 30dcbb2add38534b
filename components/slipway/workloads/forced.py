"""Who has the last word on a field that somebody has changed by hand."""

FORCED = {"pulumi.com/patchForce": "true"}
"""The program is the truth. Without it an update fails after `kubectl scale` or `kubectl rollout undo`, and where an
autoscaler is given up, as what they changed belongs to them.
https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""
