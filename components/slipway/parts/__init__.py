"""Building blocks that the components share. This package holds no component."""
