"""The workloads: components that run pods."""
