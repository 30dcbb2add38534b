"""Why a bundle is not rendered."""

from __future__ import annotations


class BundleError(Exception):
    """What the provider refuses, too; one line."""


class NotRenderedError(Exception):
    """What a deployment would make and this preview cannot show; one line with the way out."""
