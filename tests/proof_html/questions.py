"""Questions to a verifier and its answers, as JSON that both verifiers understand (custody/proof_html/cli.mjs)."""

import base64
import json
from typing import Any

from custody.proof import verdict_json
from custody.proof.policy import format_policy
from custody.proof.verdict import Verdict
from custody.proof.verify import Question


def question_of(data: bytes, question: Question) -> dict[str, Any]:
    """Write what is asked about a report as one line for `cli.mjs --stream`."""
    asked: dict[str, Any] = {"file": _b64(data)}
    if question.policy is not None:
        asked["policy"] = _b64(format_policy(question.policy).encode())
    if question.scope is not None:
        asked["scope"] = " ".join(question.scope.map_id)
    if question.evidence:
        asked["evidence"] = [{"name": one.name, "sha256": one.sha256} for one in question.evidence]
    if question.other is not None:
        asked["other"] = _b64(question.other)
    if question.receipt is not None:
        asked["receipt"] = _b64(question.receipt)
    asked["at"] = int(question.at.timestamp() * 1000)
    return asked


def answer_of(verdict: Verdict) -> dict[str, Any]:
    """Give what both verifiers must agree on: the verdict, each finding's code and place, the events, the fork."""
    return agreed(json.loads(verdict_json.dumps(verdict, "report")))


def agreed(verdict: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a verdict for machines what is said in words."""
    if "fault" in verdict:
        return verdict
    findings = [
        [step["step"], one["code"], one["level"], one.get("entry")]
        for step in verdict["steps"]
        for one in step["findings"]
    ]
    return {
        "verdict": verdict["verdict"],
        "exit_code": verdict["exit_code"],
        "findings": findings,
        "events": verdict["events"],
        "fork": verdict["fork"],
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
