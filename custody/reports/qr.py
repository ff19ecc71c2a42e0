"""The square code on the first page: which bundle this report was printed from.

Does: encode the bundle's SHA-256, the log's origin and size, so that paper can be matched with a file.
Does not: hold a web address: the code must mean the same in thirty years and without a network.
"""

import io

import segno

FIRST_LINE = "unbroken.custody-bundle/v1"


def code_text(*, bundle_sha256: str, origin: str, size: int) -> str:
    """Text inside the code: four lines, each naming what it is."""
    return f"{FIRST_LINE}\nsha256 {bundle_sha256}\nlog {origin}\nsize {size}"


def code_svg(text: str) -> str:
    """Draw the code as SVG without its white border, which the page has to leave.

    Error correction M: still readable with a stain over an eighth of it.
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=0)
    return out.getvalue().decode("utf-8")
