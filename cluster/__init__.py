"""A disposable Kubernetes cluster with one node, on this machine only, for tests and for trying things out.

`python -m cluster up` makes it; `down` ends it and leaves nothing behind. With a Docker engine and `kind`, it is a
kind cluster. Otherwise it is a real control plane and a real node, built from the projects' published Go modules.
"""
