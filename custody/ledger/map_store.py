"""Keeps the prefix map's nodes in a table; the rules of the map are `custody.proof.prefix_map`'s.

Ten thousand paths are asked for at once, so each of the two statements takes its values as arrays.
"""

from collections.abc import Collection, Mapping

from custody.ledger.cursor import server_cursor
from custody.proof.prefix_map import PrefixMap

_GET = "SELECT prefix, node FROM ledger_map_node WHERE prefix = ANY(%b::text[])"
_PUT = """
INSERT INTO ledger_map_node (prefix, node) SELECT * FROM unnest(%b::text[], %b::bytea[])
ON CONFLICT (prefix) DO UPDATE SET node = EXCLUDED.node
"""


class TableStore:
    """The NodeStore of the ledger. The caller holds the publishing lock."""

    def get_many(self, prefixes: Collection[str]) -> Mapping[str, bytes]:
        with server_cursor() as cursor:
            return dict(cursor.execute(_GET, [list(prefixes)]))

    def put_many(self, nodes: Mapping[str, bytes]) -> None:
        with server_cursor() as cursor:
            cursor.execute(_PUT, [list(nodes), list(nodes.values())])


def prefix_map() -> PrefixMap:
    """Return the map as of the newest checkpoint."""
    return PrefixMap(TableStore())
