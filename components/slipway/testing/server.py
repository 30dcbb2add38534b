"""Runs programs for tests, in a process apart from the tests: `python -P -m slipway.testing.server FD`.

In pytest's own process, or in a fork of it, a program would find modules that the tests have imported and changed. This
process imports the SDK once and forks for each stack, as the preview does. It ends with pytest.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from slipway.preview.project import ProjectError
from slipway.preview.runner import Runs
from slipway.preview.warm import warm


def main() -> None:
    # The first entry is for the folder of the program. -P has left it out.
    sys.path.insert(0, "")
    requests: Connection = Connection(int(sys.argv[1]))
    while True:
        try:
            project, stack, config = requests.recv()
        except EOFError:
            return
        warm(project.root)
        try:
            (answer,) = Runs(project, {stack: config}, jobs=1)
        except ProjectError as error:
            answer = str(error)
        requests.send(answer)


if __name__ == "__main__":
    main()
