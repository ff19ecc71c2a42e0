"""Change a report or a bundle as a forger or a bad disk would: by bytes, by JSON, inside records, in the seal.

Everything follows from the random generator that is passed in, so a case can be made again from its number.
"""

import base64
import random
from collections.abc import Callable
from typing import Any

from custody.proof import canonical, envelope
from custody.proof.errors import MalformedError

Path = list[Any]
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
# What a PDF is made of where it matters, and what could confuse a reader of it.
TOKENS = (
    *(
        b"<<",
        b">>",
        b"[",
        b"]",
        b"(",
        b")",
        b"/",
        b"%",
        b"#45",
        b"\r\n",
        b" ",
        b"stream\n",
        b"endstream",
        b"endobj\n",
    ),
    *(
        b"/EF",
        b"/F",
        b"/UF",
        b"/Type/EmbeddedFile",
        b"/ObjStm",
        b"9 0 obj",
        b"5 0 R",
        b"/ByteRange [0 1 2 3]",
        b"%%EOF\n",
    ),
    *(b"(custody-proof.json)", b"unbroken.custody-bundle/v1", b"/Filter/FlateDecode", b"/Length 10"),
)


def flip(data: bytes, chance: random.Random) -> bytes:
    """Change one byte."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :]


def respell(data: bytes, chance: random.Random) -> bytes:
    """Change one letter or digit into another: such changes get past the reader of JSON to the proofs."""
    place = chance.randrange(len(data))
    while data[place] not in LETTERS:
        place = (place + 1) % len(data)
    letter = chance.choice([one for one in LETTERS if one != data[place]])
    return data[:place] + bytes([letter]) + data[place + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    """Leave out some bytes."""
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice([1, 2, 16, 300, 5000]) :]


def insert(data: bytes, chance: random.Random) -> bytes:
    """Put something in: a token of PDF, or other bytes of the same file."""
    place, other = chance.randrange(len(data) + 1), chance.randrange(len(data))
    piece = chance.choice([*TOKENS, data[other : other + chance.choice([1, 40, 3000])]])
    return data[:place] + piece + data[place:]


def near_the_seal(data: bytes, chance: random.Random) -> bytes:
    """Change a byte of the seal's dictionary or of its CMS message."""
    start = max(data.rfind(b"/ByteRange") - 100, 0)
    place = min(start + chance.randrange(9000), len(data) - 1)
    byte = chance.choice([data[place] ^ 1, data[place] ^ 0x20, chance.choice(b"0123456789abcdefABCDEF")])
    return data[:place] + bytes([byte]) + data[place + 1 :]


def restructure(data: bytes, chance: random.Random) -> bytes:
    """Change the JSON of a bundle and write it canonically again."""
    return _canonical(data, chance, _change_json)


def rewrite_record(data: bytes, chance: random.Random) -> bytes:
    """Change a record inside a bundle, its statement or its signatures, in canonical form."""
    return _canonical(data, chance, _change_record)


def _canonical(data: bytes, chance: random.Random, change: Callable[[Any, random.Random], None]) -> bytes:
    value = canonical.loads(data)
    change(value, chance)
    try:
        return canonical.dumps(value)
    except MalformedError:
        return data + b" "


def _places(value: Any, path: Path) -> list[Path]:
    found = [path] if path else []
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, part in members:
        found += _places(part, [*path, name])
    return found


def _at(value: Any, path: Path) -> Any:
    for name in path:
        value = value[name]
    return value


def _change_json(value: Any, chance: random.Random) -> None:
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        # A member first, then a place in it: a list of a thousand hashes must not draw all changes.
        top = chance.choice(sorted(value))
        places = (
            [[top, *rest] for rest in [[], *_places(value[top], [])]]
            if not isinstance(value[top], str)
            else [[top]]
        )
        path = chance.choice(places)
        _change_at(_at(value, path[:-1]), path[-1], value, chance)


def _change_at(parent: Any, name: Any, whole: Any, chance: random.Random) -> None:
    old = parent[name]
    kind = chance.randrange(8)
    if kind == 0:
        del parent[name]
    elif kind == 1 and isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), old)
    elif kind == 2 and isinstance(parent, list):
        other = chance.randrange(len(parent))
        parent[name], parent[other] = parent[other], old
    elif kind == 3:
        places = _places(whole, [])
        parent[name] = _copy(_at(whole, chance.choice(places)))
    else:
        parent[name] = _other_value(old, chance)


def _copy(value: Any) -> Any:
    return canonical.loads(canonical.dumps(value))


def _other_value(old: Any, chance: random.Random) -> Any:
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return chance.choice([old + 1, max(old - 1, 0), 0, -1, old * 2, 2**53 - 1, chance.randrange(40)])
    if isinstance(old, str) and old:
        return chance.choice([_other_base64, _other_text])(old, chance)
    return chance.choice(["", 0, True, [], {}, ["a"], {"a": 1}])


def _other_base64(old: str, chance: random.Random) -> str:
    """Change bytes under base64, which stays canonical."""
    try:
        data = bytearray(base64.b64decode(old, validate=True))
    except ValueError:
        return _other_text(old, chance)
    if not data:
        return "AA=="
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.15:
        data = data[:-1] if chance.random() < 0.5 else data + b"\0"
    return base64.b64encode(bytes(data)).decode()


def _other_text(old: str, chance: random.Random) -> str:
    place = chance.randrange(len(old))
    letter = chance.choice(
        ["a", "A", "0", "=", "\n", " ", "é", "\u2028", "", "🙂", "-", old[place].swapcase()]
    )
    return old[:place] + letter + old[place + 1 :]


def _change_record(value: Any, chance: random.Random) -> None:
    shown = [entry for entry in value["entries"] if "data" in entry]
    part = chance.choice(shown)
    entry = canonical.loads(part["data"].encode())
    assert isinstance(entry, dict)
    if chance.random() < 0.25:
        _change_json(entry, chance)
    else:
        payload = canonical.loads(envelope.parse_entry(part["data"].encode()).payload)
        _change_json(payload, chance)
        entry["payload"] = base64.b64encode(canonical.dumps(payload)).decode()
    part["data"] = canonical.dumps(entry).decode()


BYTES = (flip, respell, cut, insert)
JSON = (restructure, rewrite_record)
