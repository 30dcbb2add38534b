"""What runs pods."""
