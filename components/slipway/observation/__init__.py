"""Components for monitoring an application."""
