"""Files made to hang, exhaust or crash the verifier: they end in a verdict, soon."""

import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from custody.proof import bundle
from custody.proof.bundle import WithheldPart
from custody.proof.findings import FindingCode, Level
from custody.proof.verdict import Outcome
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.world import story

# Generous for a busy machine; each of these takes well under a second on an idle one.
SECONDS = 20


def packed(size: int) -> bytes:
    data = zlib.compress(b"\0" * size, 9)
    body = sealed.stream(b"/Type/EmbeddedFile/Filter/FlateDecode", data)
    return sealed.write_pdf(
        b"<</Type/Catalog>>", b"<</Type/Filespec/F(custody-proof.json)/EF<</F 3 0 R>>>>", body
    )


FILES: list[tuple[str, Callable[[], bytes]]] = [
    ("a bomb of 80 megabytes", lambda: packed(80 * 2**20)),
    ("lists within lists", lambda: b"[" * 5_000_000),
    ("maps within maps", lambda: b'{"a":' * 1_000_000),
    ("a number without end", lambda: b'{"a":' + b"9" * 1_000_000 + b"}"),
    ("many members", lambda: b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}"),
    ("a string of escapes", lambda: b'"' + rb"\u0000" * 500_000 + b'"'),
    ("dictionaries within dictionaries", lambda: b"%PDF-1.7\n1 0 obj" + b"<</A" * 100_000 + b"stream"),
    ("brackets without end", lambda: b"%PDF-1.7\n1 0 obj<</A#" + b"[" * 1_000_000),
    ("a string without end", lambda: b"%PDF-1.7\n1 0 obj<</Filespec(" + b"(" * 1_000_000),
    ("many objects without end", lambda: b"%PDF-1.7\n" + b"1 0 obj<</Filespec " * 20_000),
    ("many byte ranges", lambda: b"%PDF-1.7\n" + b"/ByteRange[0 1 2 3]" * 100_000),
    ("many beginnings of a byte range", lambda: b"%PDF-1.7\n" + b"/ByteRange[" * 100_000 + b"1" * 100_000),
    ("spaces without end", lambda: b"%PDF-1.7\n1 0" + b" " * 1_000_000),
    ("many numbers", lambda: b"%PDF-1.7\n" + b"1 " * 500_000),
    ("comments without end", lambda: b"%PDF-1.7\n1 0 obj<</A#" + b"%x" * 500_000),
]


@pytest.mark.parametrize(("name", "make"), FILES, ids=[name for name, _ in FILES])
def test_a_hostile_file_ends_in_a_verdict(name: str, make: Callable[[], bytes]) -> None:
    data = make()
    start = time.monotonic()
    assert verify_report(data, Question()).outcome is Outcome.NOT_VERIFIED
    assert time.monotonic() - start < SECONDS


def test_a_seal_larger_than_any_seal_is_refused() -> None:
    gap = b"<" + b"00" * 200_000 + b">"
    head = b"%PDF-1.7\n/ByteRange[0 100 400102 10]".ljust(100)
    verdict = verify_report(head + gap + b"0123456789", Question())
    assert FindingCode.SEAL_RANGE in {f.code for f in verdict.findings if f.level is Level.FAILURE}


def test_many_withheld_entries_do_not_make_the_verifier_search_for_ever() -> None:
    told = story()
    parts = told.world.parts(told.item)
    hidden = tuple(WithheldPart(1000 + n, bytes(32), 2000, ()) for n in range(2_000))
    fewer = tuple(part for part in parts.entries if part.index not in (told.offer, told.accept))
    openings = tuple(part for part in parts.openings if part.index not in (told.offer, told.accept))
    start = time.monotonic()
    data = bundle.build(replace(parts, entries=(*fewer, *hidden), openings=openings))
    verdict = verify_report(data, Question(policy=told.world.policy))
    assert verdict.outcome is Outcome.NOT_VERIFIED
    assert time.monotonic() - start < SECONDS
