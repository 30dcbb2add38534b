"""Components that set the number and the size of pods."""
