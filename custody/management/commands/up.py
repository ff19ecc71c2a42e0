"""`manage.py up`: start the whole system on this machine, show it, and stop it in order.

It imports no models: everything that touches the database happens in processes of its own.
"""

import os
import shutil
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from custody.embedded import demonstration, plan
from custody.embedded.errors import StartError, StopRequested
from custody.embedded.startup import System

RULE = "─" * 78


class Command(BaseCommand):
    help = "Start database, queue, web, files, worker and clock; Ctrl-C stops them in order."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="run the demonstration in a fresh folder and stop"
        )
        parser.add_argument(
            "--files", type=Path, help="evidence for the demonstration instead of the made-up files"
        )
        parser.add_argument("--empty", action="store_true", help="start without the demonstration case")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        if options["files"] is not None and not options["files"].is_dir():
            self.fail(f"{options['files']} is not a folder")
        # Whatever any process of the system writes is for its own user only.
        os.umask(0o077)
        try:
            if options["once"]:
                self.once(files=options["files"])
            else:
                self.stay(files=options["files"], empty=options["empty"])
        except StartError as error:
            self.fail(str(error))

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def fail(self, text: str) -> None:
        self.stderr.write(f"\n{text}\n")
        sys.exit(1)

    def stay(self, *, files: Path | None, empty: bool) -> None:
        """Run until asked to stop."""
        system = System(plan.from_environment(demonstration=not empty), say=self.say)
        system.data.prepare()
        with system.data.locked():
            try:
                self.bring_up(system)
                known = demonstration.remembered(system)
                if not empty and not known and not self.demonstrate(system, files=files):
                    self.say("The system itself runs; the case is tried again at the next start.")
                    known = demonstration.accounts(system)
                self.welcome(system, known)
                system.supervisor.run_for_ever()
            except StopRequested:
                self.say("\nStopping …")
            finally:
                system.supervisor.stop()
            self.say("Stopped. The data stays; `make run` goes on where this ended.")

    def once(self, *, files: Path | None) -> None:
        """Run one demonstration from nothing to a verified report."""
        system = System(plan.for_one_demonstration(), say=self.say)
        system.data.prepare()
        with system.data.locked():
            try:
                self.bring_up(system)
                reports: list[Path] = []
                if self.demonstrate(system, files=files):
                    reports = demonstration.keep_reports(system, plan.shelf_of_reports(system.plan))
                passed = demonstration.verify(system, reports)
            except StopRequested:
                self.fail(f"Interrupted. What was made so far lies in {system.data.root}.")
            finally:
                system.supervisor.stop()
        for report in reports:
            self.say(f"Report: {report}")
        if not passed:
            self.fail(f"The demonstration failed. Its folder is kept: {system.data.root} (logs in logs/).")
        shutil.rmtree(system.data.root)
        self.say("The demonstration passed: its reports were checked by the offline verifier.")

    def bring_up(self, system: System) -> None:
        begun = time.monotonic()
        system.supervisor.listen()
        system.start()
        self.say(f"Unbroken answers at {system.plan.page} after {time.monotonic() - begun:.0f} seconds.")

    def demonstrate(self, system: System, *, files: Path | None) -> bool:
        self.say("Running the demonstration case …")
        passed = demonstration.run(system, files=files)
        if not passed:
            self.say(f"The demonstration case failed (above). Logs: {system.data.logs}")
        return passed

    def welcome(self, system: System, known: list[str]) -> None:
        """Print what a person needs to begin; what the demonstration has just said is not said twice."""
        lines = [RULE, f"Unbroken is running: {system.plan.page}", f"Data and logs:       {system.data.root}"]
        lines += ["", *known] if known else []
        lines += ["", "Ctrl-C stops everything; the data stays.", RULE]
        self.say("\n".join(lines))
