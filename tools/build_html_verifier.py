"""Put the HTML verifier into one file: python -m tools.build_html_verifier [TARGET]

Bundles the modules of custody/proof_html with esbuild and packs them with zopfli, both pinned by lock files, and
puts the hashes of script and style into the page's content security policy. The same sources give the same bytes on
every machine, so that the hash of the file can be published and anybody can build it again.
"""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import zopfli.zlib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "custody" / "proof_html"
ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"
TARGET = Path("dist/unbroken-verify.html")
# It goes by mail and on sticks, and must open at once.
MAX_SIZE = 60_000
# Nine of the 95 printable letters of ASCII hold 59 bits.
BLOCK_BITS, BLOCK_LETTERS = 59, 9
ENDS_SCRIPT = re.compile("<!--|</?script", re.IGNORECASE)


def build(target: Path = TARGET) -> Path:
    """Write the page; an existing one is replaced."""
    script = _minified("page.mjs", "--bundle", "--format=iife", "--target=es2022")
    style = _minified("page.css")
    letters, size = _written(f"{script}\0{style}")
    loader = _minified("loader.js").replace("PACKED_SIZE", str(size))
    page = (SOURCES / "page.html").read_text("utf-8")
    for name, value in {
        "loader_hash": _hash(loader),
        "script_hash": _hash(script),
        "style_hash": _hash(style),
        "loader": loader,
        "packed": letters,
    }.items():
        page = page.replace("{{" + name + "}}", value)
    data = page.encode("utf-8")
    if len(data) > MAX_SIZE:
        raise SystemExit(f"The page has {len(data)} bytes; at most {MAX_SIZE} are allowed.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def _minified(name: str, *options: str) -> str:
    command = [ESBUILD, SOURCES / name, "--minify", "--charset=utf8", "--legal-comments=none", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.rstrip("\n")


def _deflated(data: bytes) -> bytes:
    """Pack as raw deflate: zlib without its header of 2 bytes and checksum of 4."""
    packed: bytes = zopfli.zlib.compress(data, numiterations=60)
    return packed[2:-4]


def base95(data: bytes) -> str:
    """Write 59 bits as nine letters, most significant first; the end is filled with zeros."""
    count = -(-8 * len(data) // BLOCK_BITS)
    bits = int.from_bytes(data, "big") << (BLOCK_BITS * count - 8 * len(data))
    blocks = [bits >> (BLOCK_BITS * place) & ((1 << BLOCK_BITS) - 1) for place in range(count - 1, -1, -1)]
    return "".join(
        chr(0x20 + block // 95**place % 95) for block in blocks for place in range(BLOCK_LETTERS - 1, -1, -1)
    )


def _written(plain: str) -> tuple[str, int]:
    """Pack so that no letters stand together that would end the script element; return the letters, and of how much."""
    while True:
        packed = _deflated(plain.encode())
        letters = base95(packed)
        if not ENDS_SCRIPT.search(letters):
            return letters, len(packed)
        plain += " "  # behind the style it means nothing


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def main(arguments: Sequence[str]) -> int:
    """Build, and print the line that sha256sum would print."""
    target = build(Path(arguments[0]) if arguments else TARGET)
    data = target.read_bytes()
    print(f"{hashlib.sha256(data).hexdigest()}  {target}")
    print(f"{len(data)} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
