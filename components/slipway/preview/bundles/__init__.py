"""Renders the bundles of a program: YAML files, Kustomize folders and Helm charts."""
