"""Keeps the prefix map's nodes in a table; the rules of the map are `custody.proof.prefix_map`'s."""

from collections.abc import Collection, Mapping

from custody.ledger.models import MapNode
from custody.proof.prefix_map import PrefixMap


class TableStore:
    """The NodeStore of the ledger. The caller holds the publishing lock."""

    def get_many(self, prefixes: Collection[str]) -> Mapping[str, bytes]:
        rows = MapNode.objects.filter(prefix__in=list(prefixes)).values_list("prefix", "node")
        return {prefix: bytes(node) for prefix, node in rows}

    def put_many(self, nodes: Mapping[str, bytes]) -> None:
        MapNode.objects.bulk_create(
            [MapNode(prefix=prefix, node=node) for prefix, node in nodes.items()],
            update_conflicts=True,
            unique_fields=["prefix"],
            update_fields=["node"],
        )


def prefix_map() -> PrefixMap:
    """Return the map as of the newest checkpoint."""
    return PrefixMap(TableStore())
