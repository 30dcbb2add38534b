"""The annotation that lets the program overwrite fields that something else has changed."""

FORCED = {"pulumi.com/patchForce": "true"}
"""The program wins a conflict over a field. Without this annotation, an update fails after `kubectl scale`, after
`kubectl rollout undo`, and after an autoscaler is removed, because each of them owns the fields that it changed.
https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""
