"""Annotations that tell the Kubernetes provider of Pulumi how to handle an object."""

FORCED = {"pulumi.com/patchForce": "true"}
"""The program wins a conflict over a field. Without this annotation, an update fails after `kubectl scale`, after
`kubectl rollout undo`, and after an autoscaler is removed, because each of them owns the fields that it changed.
https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
"""

NOT_AWAITED = {"pulumi.com/skipAwait": "true"}
"""The deployment goes on as soon as the API server has the object."""
