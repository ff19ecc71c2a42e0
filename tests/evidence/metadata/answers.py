"""Ask one extractor about bytes, through the sandbox, as examine() does."""

from typing import Any

from evidence.metadata.extract import FILE_TYPE, OTHERS
from evidence.metadata.sandbox import run
from evidence.metadata.table import fits

TARGETS = {extractor.name: extractor for extractor in (FILE_TYPE, *OTHERS)}


def ask(
    name: str, data: bytes, content_type: str = "application/octet-stream", **arguments: Any
) -> dict[str, Any]:
    """Return the child's answer after checking that each value has the agreed form."""
    extractor = TARGETS[name]
    result = run(
        extractor.target,
        file=data,
        arguments={"content_type": content_type, **arguments},
        limits=extractor.limits,
    )
    answer: dict[str, Any] = result.value
    for key, value in answer["values"].items():
        assert fits(key, value), (key, value)
    return answer
