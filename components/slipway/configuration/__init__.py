"""What an application is configured with."""
