"""Configuration and secrets of an application."""
