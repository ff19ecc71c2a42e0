"""The search itself: names are found in every spelling and encoding, and chance is not taken for a name."""

import base64
import random

import pytest

from tests.journeys import traces

SHORT = next(name for name in traces.identifiers() if len(name) == traces.SHORTEST_PART and name.isascii())


@pytest.mark.parametrize(
    "text",
    [
        f"Call {SHORT} at nine.",
        f'{{"name":"{SHORT.lower()}"}}',
        f"/cases/2026/{SHORT.upper()}.pdf",
        f"photo_{SHORT}_of_the_flat_taken_on_monday_by_the_harbour_before_the_bus_left_for_the_north_1.jpg",
        f"{'a' * 80}{SHORT}{'b' * 80}",
        f"{'7' * 80} {SHORT} {'7' * 80}",
    ],
)
def test_a_short_name_is_found_among_words(text: str) -> None:
    assert SHORT in traces.in_bytes(text.encode())


def test_a_short_name_is_found_within_base64_and_hexadecimal_digits() -> None:
    chance = random.Random(1)
    for offset in range(6):
        data = chance.randbytes(90 + offset) + SHORT.encode() + chance.randbytes(90)
        assert SHORT in traces.in_bytes(base64.b64encode(data))
        assert SHORT in traces.in_bytes(data.hex().encode())


def test_five_signs_of_a_signature_are_no_name() -> None:
    signature = base64.b64encode(random.Random(2).randbytes(120)).decode()
    assert traces.in_bytes(f"— log {signature[:70]}{SHORT}{signature[70:]}\n".encode()) == set()


def test_a_long_name_is_found_even_there() -> None:
    long = next(
        name
        for name in traces.identifiers()
        if len(name) >= traces.LONG and name.isascii() and name.isalpha()
    )
    signature = base64.b64encode(random.Random(2).randbytes(120)).decode()
    assert long in traces.in_bytes(f"{signature[:70]}{long}{signature[70:]}".encode())
