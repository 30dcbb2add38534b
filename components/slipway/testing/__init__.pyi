# The public names and where they live. `__init__.py` reads this list.
from .comparison import Golden
from .deployed import attempt, deploy, refusal
from .recording import Recording
from .rendered import Render, render
from .unknown import UNKNOWN, Unknown, UnknownError

__all__ = [
    "UNKNOWN",
    "Golden",
    "Recording",
    "Render",
    "Unknown",
    "UnknownError",
    "attempt",
    "deploy",
    "refusal",
    "render",
]
