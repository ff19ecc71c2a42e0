"""Carry out a signed order of erasure: openings and, where it says so, the bytes of entries are gone for good.

The database does it by its own function, which reads the order from the entry's bytes; nothing else may delete an
opening or empty an entry. Tree, map, heads and every other proof stay as they are (docs/proof-format.md, 9).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from custody.ledger.models import Erased, Subject
from custody.proof.prefix_map import Namespace, mapkey


def erase(order: int) -> int:
    """Erase what the record at this index orders, in the caller's transaction; return how much it names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_erase(%s)", [order])
        [count] = cursor.fetchone()
    return int(count)


def keys_of_entries(indices: Iterable[int]) -> dict[int, set[bytes]]:
    """Return the map keys of entries, as an order must name them."""
    found: dict[int, set[bytes]] = {index: set() for index in indices}
    rows = Subject.objects.filter(entry__in=found).values_list("entry_id", "namespace", "key")
    for index, namespace, key in rows:
        found[index].add(mapkey(Namespace(namespace), key))
    return found


def orders(indices: Iterable[int]) -> dict[int, int]:
    """Return, for entries whose bytes are gone, the index of the record that ordered it."""
    rows = Erased.objects.filter(entry__in=list(indices), field="").order_by("-order")
    return dict(rows.values_list("entry_id", "order_id"))
