"""`python -m preview`."""

import signal

# An import that is interrupted would show a traceback, or forget that it was.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from preview.cli import app  # noqa: E402

app(prog_name="preview")
