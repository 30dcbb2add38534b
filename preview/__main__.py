"""`python -m preview`."""

from preview.cli import app

app(prog_name="preview")
