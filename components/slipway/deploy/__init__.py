"""Takes a stack to its cluster: its images with the Docker CLI, its objects with kubectl or Pulumi."""
