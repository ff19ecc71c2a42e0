"""Measures the ledger: appends, publication, proofs and the offline verifier, over ENTRIES entries (10^6).

    make bench-proof                     make bench-proof ENTRIES=100000

All entries come in through custody.ledger.append; what is timed beside them is a bare INSERT and COMMIT of the
same bytes into a table without index, trigger or foreign key, on the same disk in the same minute.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg

from custody.embedded import roles
from tests.bench import browser, figures
from tests.bench.filling import Exhibit, Filling, openings_of_a_check
from tests.bench.ground import Durable, durable_ledger

ENTRIES = figures.size("ENTRIES", 1_000_000)
BATCH, PUBLISHED_AT_ONCE, SINGLES, EVENTS = 1_000, 10_000, 2_000, 1_000
# Single appends, then as many bare ones, and so on: the same minute for both, without one emptying the other's caches.
IN_TURN = 100
CLIENTS = 2
# Exhibits that are remembered, to go on with their chains.
REMEMBERED = 1_000


class Bare:
    """The cheapest durable write of the same bytes that this server can do."""

    def __init__(self, ground: Durable) -> None:
        self._connection = psycopg.connect(ground.url(roles.OWNER, ground.database), autocommit=True)
        self._connection.execute("CREATE TABLE bare (data bytea)")

    def write(self, data: list[bytes]) -> None:
        self._connection.execute("INSERT INTO bare SELECT unnest(%b::bytea[])", [data])

    def end(self) -> None:
        self._connection.execute("DROP TABLE bare")
        self._connection.close()


def append_in_one_transaction(additions: list[Any]) -> None:
    """Append, durably. (Any: the ledger can be imported only after Django is set up.)"""
    from django.db import transaction

    from custody.ledger.append import append_many

    with transaction.atomic():
        append_many(additions)


def batches(filling: Filling, remembered: list[Exhibit]) -> Iterator[list[Any]]:
    """Give the entries in batches, and remember some exhibits from all over the log."""
    from custody.ledger.append import Addition

    waiting: list[Addition] = []
    every = max(1, ENTRIES // 100 // REMEMBERED)
    for number, (data, exhibits) in enumerate(filling.cases(ENTRIES)):
        if number % every == 0:
            remembered += exhibits[: max(1, REMEMBERED * 100 // ENTRIES)]
        waiting += map(Addition, data)
        if len(waiting) >= BATCH:
            yield waiting[:BATCH]
            waiting = waiting[BATCH:]
    if waiting:
        yield waiting


def fill(filling: Filling, bare: Bare) -> list[Exhibit]:
    """Append the entries in batches, publish now and then; return the exhibits to go on with.

    Two clients at once, as two workers are: what one checks, the other's batch is written meanwhile. Every tenth time
    one client alone, to tell what a batch costs. The entries are made before the clock runs.
    """
    remembered: list[Exhibit] = []
    together, count, alone, barely, publishing = [], 0, [], [], []
    made = batches(filling, remembered)
    with ThreadPoolExecutor(max_workers=CLIENTS) as clients:
        for number in itertools.count():
            group = list(islice(made, PUBLISHED_AT_ONCE // BATCH))
            if not group:
                break
            if number % 10 == 0:
                alone += [figures.seconds(partial(append_in_one_transaction, batch)) for batch in group]
                barely += [figures.seconds(partial(bare.write, [one.data for one in b])) for b in group]
            else:
                together.append(figures.seconds(lambda: list(clients.map(append_in_one_transaction, group))))  # noqa: B023
                count += sum(map(len, group))
            publishing.append(figures.seconds(publish))
        meeting = Barrier(CLIENTS)  # so that none of them takes the other's turn
        list(clients.map(disconnect, [meeting] * CLIENTS))
    usual = figures.percentile(alone, 0.5)
    figures.at_least("append_batch_per_s", count / sum(together) if together else BATCH / usual, 10_000)
    figures.note("append_batch_clients", CLIENTS if together else 1)
    figures.note("append_batch_alone_per_s", BATCH * len(alone) / sum(alone))
    figures.note("append_batch_alone_p50_ms", 1e3 * usual)
    figures.note("append_batch_over_bare_insert", usual / figures.percentile(barely, 0.5))
    figures.note(f"publish_{PUBLISHED_AT_ONCE}_p50_s", figures.percentile(publishing, 0.5))
    return remembered


def disconnect(meeting: Barrier) -> None:
    """Close this thread's connection; each client has one of its own."""
    from django.db import connection

    meeting.wait()
    connection.close()


def publish() -> None:
    from datetime import UTC, datetime

    from custody.ledger import publish

    publish.publish(datetime.now(UTC))


def singles(filling: Filling, bare: Bare, exhibits: list[Exhibit]) -> None:
    """One entry a transaction, with its openings: what every act of a person or a machine waits for."""
    from custody.ledger.append import Addition

    appending, barely = [], []
    drawn = (e for _ in range(SINGLES) for e in exhibits)
    for _ in range(0, SINGLES, IN_TURN):
        made = [(exhibit, openings_of_a_check()) for exhibit in islice(drawn, IN_TURN)]
        ones = [Addition(filling.entry(exhibit, openings), openings) for exhibit, openings in made]
        appending += [figures.seconds(partial(append_in_one_transaction, [one])) for one in ones]
        barely += [figures.seconds(partial(bare.write, [one.data])) for one in ones]
    figures.at_most("append_single_p99_ms", 1e3 * figures.percentile(appending, 0.99), 10)
    figures.at_least("append_single_per_s", SINGLES / sum(appending), 900)
    figures.note("append_single_p50_ms", 1e3 * figures.percentile(appending, 0.5))
    figures.note("bare_insert_p50_ms", 1e3 * figures.percentile(barely, 0.5))
    figures.note("bare_insert_p99_ms", 1e3 * figures.percentile(barely, 0.99))
    ratio = figures.percentile(appending, 0.5) / figures.percentile(barely, 0.5)
    figures.note("append_single_over_bare_insert", ratio)


def publications(filling: Filling, exhibits: list[Exhibit]) -> None:
    """A thousand entries about a thousand exhibits from all over the log: a night's re-reading."""
    from custody.ledger.append import Addition

    times = []
    for _ in range(3):
        append_in_one_transaction([Addition(filling.entry(exhibit)) for exhibit in exhibits[:1_000]])
        times.append(figures.seconds(publish))
    figures.at_most("publish_1000_s", figures.percentile(times, 0.5), 5)


def prover(exhibits: list[Exhibit]) -> None:
    """Proofs, by a process that does nothing else."""
    drawn = random.Random(1).sample(exhibits, min(len(exhibits), 500))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.prover", *(str(one.item) for one in drawn)],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout)
    for name, goal in (("inclusion_proof", 15), ("consistency_proof", 15), ("map_proof", 15)):
        figures.at_most(f"{name}_p99_ms", told[name]["p99"], goal)
        figures.note(f"{name}_p50_ms", told[name]["p50"])
    figures.at_most("prover_peak_mib", told["peak_mib"], 64)
    # What is left over is what the proofs need; the rest is the import of the product and of Django.
    figures.note("prover_grew_by_mib", told["peak_mib"] - told["started_mib"])


def verifier(filling: Filling) -> None:
    """The history of one exhibit with 1,000 events: put together, then verified offline as a stranger would."""
    from datetime import UTC, datetime

    from custody.ledger import genesis, prove
    from custody.ledger.append import Addition
    from custody.proof.prefix_map import Namespace

    exhibit, additions = Exhibit(uuid.uuid4(), uuid.uuid4()), []
    for _ in range(EVENTS):
        openings = openings_of_a_check()
        additions.append(Addition(filling.entry(exhibit, openings), openings))
    append_in_one_transaction(additions)
    publish()
    started = time.perf_counter()
    proven = prove.prove(Namespace.ITEM, str(exhibit.item), datetime.now(UTC))
    figures.note(f"bundle_{EVENTS}_events_s", time.perf_counter() - started)
    figures.note(f"bundle_{EVENTS}_events_mb", len(proven.data) / 1e6)
    with tempfile.TemporaryDirectory() as folder:
        bundle, policy = Path(folder, "bundle.json"), Path(folder, "policy.txt")
        bundle.write_bytes(proven.data)
        policy.write_text(genesis.policy_text(), encoding="ascii")
        command = [sys.executable, "-m", "custody.proof", str(bundle), "--policy", str(policy)]
        best = figures.best_of(5, lambda: subprocess.run(command, check=True, capture_output=True))
        figures.at_most(f"verify_{EVENTS}_events_s", best, 1)
        in_browser(bundle, policy, Path(folder))


def in_browser(bundle: Path, policy: Path, folder: Path) -> None:
    """The same by the page for browsers; a time counts only if its verdict is the right one."""
    name, verdict = f"verify_{EVENTS}_events_in_browser_s", browser.what_is_missing()
    if not verdict:
        took, verdict = browser.seconds_to_verdict(bundle, policy, folder)
        if verdict == "Verified":
            figures.at_most(name, took, 2)
            return
    figures.note(name, f"not measured: {verdict}")


def main() -> None:
    """Measure in the order in which one needs the other."""
    with durable_ledger() as ground:
        from custody.ledger import keys
        from custody.ledger.publish import newest_seen
        from tests.cast import assemble_cast

        figures.load()
        bare = Bare(ground)
        filling = Filling(
            keys.log_origin(), newest_seen(), assemble_cast().key("examiner"), keys.service_key()
        )
        filling.check()
        started = time.perf_counter()
        exhibits = fill(filling, bare)
        figures.note("entries", ENTRIES)
        figures.note("filling_s", time.perf_counter() - started)
        singles(filling, bare, exhibits)
        publications(filling, exhibits)
        prover(exhibits)
        verifier(filling)
        bare.end()
        figures.load()


if __name__ == "__main__":
    main()
