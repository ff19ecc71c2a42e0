"""Index of the tables of the evidence app, for Django to find; import from the noun's own file."""

from evidence.cases import Assignment, Case, LegalAuthority
from evidence.derivatives import Derivative
from evidence.items import FixityCheck, Item, Metadata, StoredObject
from evidence.uploads import Upload
from evidence.victims import Identifier, Victim

__all__ = [
    "Assignment",
    "Case",
    "Derivative",
    "FixityCheck",
    "Identifier",
    "Item",
    "LegalAuthority",
    "Metadata",
    "StoredObject",
    "Upload",
    "Victim",
]
