"""Pulumi components that take an application from its source to a locked-down Kubernetes deployment.

The public names are listed in `__init__.pyi`. Each is imported when it is first used, so that a program loads the
parts of the Kubernetes SDK that its components need, and no others.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
