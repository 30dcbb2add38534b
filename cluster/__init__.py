"""A disposable Kubernetes cluster of one node, on this machine alone, for tests and for trying out.

`python -m cluster up` makes it and `down` ends it and leaves nothing behind. With a Docker engine
and `kind` at hand it is a kind cluster; otherwise a real control plane and a real node, built from
the Go modules that the projects publish.
"""
