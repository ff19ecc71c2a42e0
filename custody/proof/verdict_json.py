"""Write a verdict for machines. Decides nothing; the words for people are verdict_text.py's."""

import json

from .canonical import JSON
from .findings import STEPS, Finding
from .members import format_time
from .verdict import ErasedEvent, Event, Verdict

FORMAT = "unbroken.custody-verdict/v1"


def dumps(verdict: Verdict, name: str) -> str:
    """Write the verdict on a file of this name as JSON in ASCII."""
    steps: list[JSON] = [
        {
            "step": step,
            "name": title,
            "findings": [_finding(finding) for finding in verdict.findings if finding.step == step],
        }
        for step, title in enumerate(STEPS)
    ]
    value: dict[str, JSON] = {
        "format": FORMAT,
        "file": name,
        "verdict": str(verdict.outcome),
        "exit_code": int(verdict.exit_code),
        "steps": steps,
        "events": [_event(event) for event in verdict.events],
        "fork": list(verdict.fork),
    }
    return json.dumps(value, indent=2)


def _finding(finding: Finding) -> JSON:
    place: dict[str, JSON] = {} if finding.index is None else {"entry": finding.index}
    return {"code": str(finding.code), "level": str(finding.level), "sentence": finding.sentence, **place}


def _event(event: Event | ErasedEvent) -> JSON:
    if isinstance(event, ErasedEvent):
        return {"entry": event.index, "erased_by": event.order}
    optional = {"case": event.case, "person": event.person}
    bounds = {"not_before": event.window.not_before, "not_after": event.window.not_after}
    window: JSON = {name: format_time(time) for name, time in bounds.items() if time is not None}
    return {
        "entry": event.index,
        "time": format_time(event.time),
        "window": window,
        "type": str(event.type),
        "key": event.actor,
        "name": event.name,
        "about_keys": list(event.keys),
        "roles": [str(role) for role in event.roles],
        "items": [{"item": str(one.item), "seq": one.seq} for one in event.subjects],
        "statements": {one.field: one.value for one in event.statements if one.opened},
        "withheld": [one.field for one in event.statements if not one.opened],
        **{name: str(value) for name, value in optional.items() if value is not None},
    }
