"""What can go wrong while the system starts or runs, each said in a sentence that names the way out.

It does not format anything for the terminal; `manage.py up` prints the text as it stands.
"""

from pathlib import Path


class StartError(Exception):
    """The system cannot start or go on; the text is for the person at the terminal."""


class AlreadyRunningError(StartError):
    """Another `up` holds this data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        self.folder = folder
        self.pid = pid
        super().__init__(
            f"Unbroken already runs on {folder} (process {pid}).\n"
            "Stop that one first (Ctrl-C in its terminal), or give this one a folder of its own: "
            "UNBROKEN_DATA=/another/folder make run"
        )


class AddressInUseError(StartError):
    """Another program listens where we want to."""

    def __init__(self, address: str, variable: str) -> None:
        self.address = address
        self.variable = variable
        super().__init__(
            f"Another program already listens on {address}.\n"
            f"Stop it, or choose another address: {variable}=127.0.0.1:9000 make run"
        )


class StepFailedError(StartError):
    """A command that runs once during the start (migrations, opening the log) failed."""

    def __init__(self, name: str, log: Path, last_lines: str) -> None:
        self.name = name
        self.log = log
        super().__init__(f"{name} failed. The whole output is in {log}; its end:\n{last_lines}")


class ChildFailedError(StartError):
    """A process that should run for as long as the system does cannot be kept running."""

    def __init__(self, name: str, reason: str, log: Path, last_lines: str) -> None:
        self.name = name
        self.log = log
        super().__init__(f"{name} {reason}. Its log is {log}; the end of it:\n{last_lines}")


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP arrived; raised where the main loop waits, never in the middle of a step."""
