"""Why a bundle is not rendered."""

from __future__ import annotations


class BundleError(Exception):
    """The provider would refuse the bundle too. The message is one line."""


class NotRenderedError(Exception):
    """A deployment would make objects that the preview cannot show. The message is one line with the way out."""
