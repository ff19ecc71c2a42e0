"""Read DER, the one strict encoding of ASN.1, as a tree of elements, and write it.

Refuses every second spelling of the same value: indefinite and non-minimal lengths, long tags, bytes left
over. Object identifiers are compared as encoded bytes, so they are never decoded. Does not know what it reads
(cms_message.py and timestamp.py do).
"""

from dataclasses import dataclass

from .errors import MalformedError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
GENERALIZED_TIME, SEQUENCE, SET = 0x18, 0x30, 0x31
# A length of more than four bytes would be an element larger than any file read here.
_MAX_LENGTH_BYTES = 4
# Elements in one sequence; the longest in a seal is its list of signed attributes.
_MAX_CHILDREN = 1_000


def context(number: int) -> int:
    """Give the tag of a constructed context-specific element, such as [0]."""
    return 0xA0 | number


@dataclass(frozen=True)
class Element:
    tag: int
    content: bytes
    raw: bytes  # with tag and length: what is hashed or signed

    def children(self) -> list["Element"]:
        """Read the elements inside a constructed element; they must fill it exactly."""
        found: list[Element] = []
        position = 0
        while position < len(self.content):
            if len(found) == _MAX_CHILDREN:
                raise MalformedError(f"A DER element has more than {_MAX_CHILDREN} parts.")
            child = _element_at(self.content, position)
            found.append(child)
            position += len(child.raw)
        return found

    def expect(self, tag: int, what: str) -> "Element":
        """Return itself if it has this tag. Raises MalformedError."""
        if self.tag != tag:
            raise MalformedError(f"The {what} is not of the expected kind (DER tag {self.tag:#04x}).")
        return self

    def only_child(self, what: str) -> "Element":
        """Return the single element inside. Raises MalformedError if there is none or more than one."""
        children = self.children()
        if len(children) != 1:
            raise MalformedError(f"The {what} does not have exactly one part.")
        return children[0]


class Parts:
    """Take the children of a sequence one after another; nothing may be left at the end."""

    def __init__(self, element: Element, what: str) -> None:
        self._children = element.expect(SEQUENCE, what).children()
        self._what = what

    def take(self, tag: int, what: str) -> Element:
        """Take the next child, which must have this tag."""
        if not self._children:
            raise MalformedError(f"The {self._what} ends before its {what}.")
        return self._children.pop(0).expect(tag, what)

    def take_if(self, tag: int) -> Element | None:
        """Take the next child if it has this tag."""
        if self._children and self._children[0].tag == tag:
            return self._children.pop(0)
        return None

    def end(self) -> None:
        """Raises MalformedError if something is left."""
        if self._children:
            raise MalformedError(f"The {self._what} has parts that this format does not know.")


def read(data: bytes) -> Element:
    """Read bytes that are exactly one element."""
    element = read_first(data)
    if len(element.raw) != len(data):
        raise MalformedError("Bytes follow after a DER element.")
    return element


def read_first(data: bytes) -> Element:
    """Read the element at the beginning; the caller must judge what follows."""
    return _element_at(data, 0)


def write(tag: int, *parts: bytes) -> bytes:
    """Write one element around its content, which may be given in pieces."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def write_integer(number: int) -> bytes:
    """Write a whole number in its shortest form; a leading zero keeps it from being read as negative."""
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def small_integer(element: Element, what: str) -> int:
    """Read a whole number from 0 to 32767, such as a version or a salt length, in its shortest form."""
    content = element.expect(INTEGER, what).content
    number = int.from_bytes(content, "big", signed=True)
    if number < 0 or len(content) != (1 if number < 0x80 else 2):
        raise MalformedError(f"The {what} is not a small whole number.")
    return number


def _element_at(data: bytes, start: int) -> Element:
    if len(data) - start < 2:
        raise MalformedError("A DER element is cut off.")
    tag, length = data[start], data[start + 1]
    if tag & 0x1F == 0x1F:
        raise MalformedError("A DER element has a tag that is not used here.")
    body = start + 2
    if length & 0x80:
        count = length & 0x7F
        digits = data[body : body + count]
        if not 1 <= count <= _MAX_LENGTH_BYTES or len(digits) != count:
            raise MalformedError("A DER length is indefinite, too large or cut off.")
        length = int.from_bytes(digits, "big")
        if length < 0x80 or digits[0] == 0:
            raise MalformedError("A DER length is not written in its shortest form.")
        body += count
    end = body + length
    if end > len(data):
        raise MalformedError("A DER element is cut off.")
    return Element(tag, data[body:end], data[start:end])
