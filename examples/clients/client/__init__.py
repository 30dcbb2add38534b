"""A client of the Kubernetes API: finds or creates a Pod, a Service and a Deployment, and rolls the Deployment."""
