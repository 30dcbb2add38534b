"""Storage that outlives a pod."""
