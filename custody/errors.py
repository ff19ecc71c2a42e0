"""What gate and acts answer when something will not be done. Doors turn it into pages and problem+json.

ActError
  NotFoundError      it is not there, or not yours to know
  NotAllowedError    you may not, and why
  InvalidError       what was sent is not complete or not true; `fields` says where
  ConflictError      it cannot be done in the state that things are in
    StaleError       somebody else acted since you prepared; prepare again
    NotReadyError    a check is still running; wait
"""

from __future__ import annotations


class ActError(Exception):
    """Base: `code` is for machines, the text for a person."""

    code = "refused"
    status = 400

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code:
            self.code = code


class NotFoundError(ActError):
    code = "not_found"
    status = 404

    def __init__(self, what: str = "This") -> None:
        super().__init__(f"{what} was not found.")


class NotAllowedError(ActError):
    code = "not_allowed"
    status = 403


class InvalidError(ActError):
    code = "invalid"
    status = 422

    def __init__(self, text: str, *, fields: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(text, code=code)
        self.fields = fields or {}


class ConflictError(ActError):
    code = "conflict"
    status = 409


class StaleError(ConflictError):
    code = "stale"


class NotReadyError(ConflictError):
    code = "not_ready"
