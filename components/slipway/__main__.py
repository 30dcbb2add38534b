"""`python -m slipway`, which the command `slipway` is."""

from slipway.cli import main

main()
