"""Tests of Pulumi programs and components without an engine. Install it with `pip install slipway[test]`.

The public names are listed in `__init__.pyi`. Each is imported when it is first used. pytest loads this package
wherever Slipway is installed, and a run that does not use it must not wait for Pulumi.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
