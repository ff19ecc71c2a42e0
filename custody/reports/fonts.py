"""The fonts of the report: where they lie, and which characters each of them can show.

Does: find the font folders of the browser packages, say in words which are missing, read their character
maps. Does not: shape or choose fonts (typst does). System fonts are never used: the same report must come out
the same on every machine.
"""

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from typst import Fonts

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"

# family as the font file names it -> (folder under node_modules, file for ordinary text, file for bold text).
# The order is the order of fallback.
FAMILIES: dict[str, tuple[str, str, str]] = {
    "Noto Sans": ("@embedpdf/fonts-latin/fonts", "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    "Noto Naskh Arabic": (
        "@embedpdf/fonts-arabic/fonts", "NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf",
    ),
    "Noto Sans Hebrew": (
        "@embedpdf/fonts-hebrew/fonts", "NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf",
    ),
    "Noto Sans Devanagari": (
        "@expo-google-fonts/noto-sans-devanagari",
        "400Regular/NotoSansDevanagari_400Regular.ttf",
        "700Bold/NotoSansDevanagari_700Bold.ttf",
    ),
    "Noto Sans Thai": (
        "@expo-google-fonts/noto-sans-thai",
        "400Regular/NotoSansThai_400Regular.ttf",
        "700Bold/NotoSansThai_700Bold.ttf",
    ),
    "Noto Sans S Chinese": ("@embedpdf/fonts-sc/fonts", "NotoSansHans-Regular.otf", "NotoSansHans-Bold.otf"),
    "Noto Sans Japanese": ("@embedpdf/fonts-jp/fonts", "NotoSansJP-Regular.otf", "NotoSansJP-Bold.otf"),
    "Noto Sans Korean": ("@embedpdf/fonts-kr/fonts", "NotoSansKR-Regular.otf", "NotoSansKR-Bold.otf"),
}  # fmt: skip
WORD_FONTS = ("Libertinus Serif", "DejaVu Sans Mono")  # inside the typst wheel; for our own words and hashes


class FontError(Exception):
    """The fonts of the report are not there or cannot be read."""


@dataclass(frozen=True)
class FontSet:
    folders: tuple[Path, ...]
    regular: tuple[Path, ...]
    bold: tuple[Path, ...]

    @cached_property
    def coverages(self) -> tuple[frozenset[int], ...]:
        """Characters of each family, in the order of fallback; only what ordinary and bold both have."""
        pairs = zip(self.regular, self.bold, strict=True)
        return tuple(read_characters(regular) & read_characters(bold) for regular, bold in pairs)

    @cached_property
    def loaded(self) -> Fonts:
        fonts = Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(self.folders))
        missing = sorted({*FAMILIES, *WORD_FONTS} - set(fonts.families()))
        if missing:
            raise FontError(f"The font folders do not hold: {', '.join(missing)}. Run `npm ci` again.")
        return fonts


@lru_cache(maxsize=4)
def find_fonts(node_modules: Path = NODE_MODULES) -> FontSet:
    """Find the fonts of the report below a node_modules folder.

    Raises: FontError naming every package that is missing.
    """
    regular = tuple(node_modules / folder / file for folder, file, _ in FAMILIES.values())
    bold = tuple(node_modules / folder / file for folder, _, file in FAMILIES.values())
    missing = sorted(
        {
            folder.removesuffix("/fonts")
            for (folder, *_), *files in zip(FAMILIES.values(), regular, bold, strict=True)
            if not all(file.is_file() for file in files)
        }
    )
    if missing:
        raise FontError(
            f"Custody reports need fonts that are not below {node_modules}: {', '.join(missing)}. "
            "Run `npm ci` in the project folder."
        )
    folders = sorted({file.parent for file in (*regular, *bold)})
    return FontSet(tuple(folders), regular, bold)


def read_characters(file: Path) -> frozenset[int]:
    """Read which characters a font file maps to a glyph (its cmap table, formats 4 and 12).

    Raises: FontError if the file is not such a font.
    """
    data = file.read_bytes()
    try:
        start = _table(data, b"cmap")
        offsets = [
            struct.unpack_from(">I", data, start + 8 + 8 * number)[0]
            for number in range(struct.unpack_from(">H", data, start + 2)[0])
        ]
        found: set[int] = set()
        for offset in offsets:
            found.update(_subtable(data, start + offset))
    except (struct.error, IndexError) as error:
        raise FontError(f"{file.name} is not a readable font: {error}") from error
    if not found:
        raise FontError(f"{file.name} maps no characters")
    return frozenset(found)


def _table(data: bytes, tag: bytes) -> int:
    """Find a table of an OpenType file by its tag."""
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if name == tag:
            return int(offset)
    raise FontError(f"the font has no {tag.decode()} table")


def _subtable(data: bytes, start: int) -> set[int]:
    """Read one character map; other formats than 4 and 12 (variation selectors, old Mac) add nothing."""
    kind = struct.unpack_from(">H", data, start)[0]
    if kind == 4:
        return _segments(data, start)
    if kind == 12:
        groups = struct.unpack_from(">I", data, start + 12)[0]
        found: set[int] = set()
        for number in range(groups):
            first, last, _ = struct.unpack_from(">III", data, start + 16 + 12 * number)
            found.update(range(first, min(last, 0x10FFFF) + 1))
        return found
    return set()


def _segments(data: bytes, start: int) -> set[int]:
    """Read a format 4 map: runs of characters, each with a delta or a table of glyph numbers."""
    double = struct.unpack_from(">H", data, start + 6)[0]
    count = double // 2
    ends = struct.unpack_from(f">{count}H", data, start + 14)
    firsts = struct.unpack_from(f">{count}H", data, start + 16 + double)
    deltas = struct.unpack_from(f">{count}H", data, start + 16 + 2 * double)
    offset_base = start + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", data, offset_base)
    found: set[int] = set()
    for number, (first, last, delta, offset) in enumerate(zip(firsts, ends, deltas, offsets, strict=True)):
        for character in range(first, last + 1):
            glyph = character
            if offset:
                at = offset_base + 2 * number + offset + 2 * (character - first)
                glyph = struct.unpack_from(">H", data, at)[0]
                if glyph == 0:
                    continue
            if (glyph + delta) & 0xFFFF and character != 0xFFFF:
                found.add(character)
    return found
