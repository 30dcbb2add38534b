"""Deploys a stack to its cluster: images with the Docker CLI, objects with kubectl or Pulumi."""
