"""`manage.py cosign`: have the newest head witnessed: over the network, or by files on a stick.

    cosign                 ask every witness that has an address
    cosign --out FOLDER    publish what is new, write the log and a request for each witness that has not cosigned
    cosign --in FILE …     take in the cosignatures that came back

Exit code 1 while the newest head still lacks its quorum.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from custody import bell
from custody.ledger import cosigning, log_files, publish
from custody.ledger.models import Checkpoint
from custody.proof.checkpoint import MAX_NOTE
from custody.proof.mirror.archive import write_file


class Command(BaseCommand):
    help = "Ask witnesses to cosign the newest head of the log, or exchange files with them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--out", type=Path, metavar="FOLDER", help="write log and requests into this folder")
        way.add_argument("--in", type=Path, nargs="+", metavar="FILE", dest="files", help="cosignatures")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        now = timezone.now()
        if options["out"]:
            self._write(options["out"], now)
        elif options["files"]:
            for path in options["files"]:
                self._take_in(path, now)
            bell.ring("workers.sweep")  # reports may have waited for this
        else:
            cosigning.publish_when_due(now)
        self._tell()

    def _write(self, folder: Path, now: datetime) -> None:
        newest = publish.publish(now)
        if newest is None:
            raise CommandError("The log has no signed head yet; run open_log first.")
        try:
            log_files.export(folder / "log", newest)
            for witness, request in cosigning.requests(newest):
                write_file(
                    folder / "requests" / f"{witness.key.key_hash.hex()}.txt", request.text().encode("utf-8")
                )
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"The log up to its head over {newest.size} entries is in {folder}.")

    def _take_in(self, path: Path, now: datetime) -> None:
        try:
            with path.open("rb") as file:
                lines = file.read(MAX_NOTE).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}.") from error
        size, names = cosigning.accept_recent(lines, now)
        if not names:
            raise CommandError(
                f"{path} holds no cosignature of a named witness under a recent head of this log."
            )
        self.stdout.write(f"Cosigned by {', '.join(names)}: the head over {size} entries.")

    def _tell(self) -> None:
        newest = publish.newest()
        if newest is None:
            raise CommandError("The log has no signed head yet; run open_log first.")
        self.stdout.write(sentence(newest))
        if cosigning.waits_for():
            sys.exit(1)


def sentence(newest: Checkpoint) -> str:
    """Say who has cosigned the newest head and who has not."""
    absent = ", ".join(witness.name for witness in cosigning.missing(newest))
    if cosigning.is_witnessed(newest):
        rest = f"; not by {absent}" if absent else ""
        return f"The head over {newest.size} entries is witnessed as the policy asks{rest}."
    return f"The head over {newest.size} entries waits for its witnesses; not cosigned by {absent}."
