"""Whether the pods of a stack fit on the nodes of a cluster: `slipway capacity`.

Nothing here imports Pulumi. Manifests and nodes are plain data, and so are the answers.
"""
