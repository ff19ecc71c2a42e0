"""Who may use which address: one row per route, every role assigned to the case, strangers and nobody.

`allowed` are the roles that pass the gate when they are assigned to the case (supervisors: of its unit).
`stranger` says what somebody of the same role but another case gets: "hidden" (404, or 403 where the role
may not anyway) or "own" (200 with nothing of this case in it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ALL = frozenset(
    ["admin", "supervisor", "examiner", "officer", "prosecutor", "advocate", "auditor", "partner"]
)
E, O, S, P, A, U = "examiner", "officer", "supervisor", "prosecutor", "advocate", "auditor"  # noqa: E741


@dataclass(frozen=True)
class Row:
    """One route and method: its path arguments from the world, a body, and who passes."""

    allowed: frozenset[str]
    method: str = "get"
    args: Callable[[Any], dict[str, Any]] = lambda world: {}
    body: Callable[[Any], dict[str, Any]] = lambda world: {}
    stranger: str = "hidden"


def roles(*names: str) -> frozenset[str]:
    return frozenset(names)


def of_case(world: Any) -> dict[str, Any]:
    return {"case": world.case.pk}


def of_item(world: Any) -> dict[str, Any]:
    return {"item": world.item.pk}


API: dict[str, list[Row]] = {
    "api-token": [Row(ALL, "delete", stranger="own")],
    "api-me": [Row(ALL, stranger="own")],
    "api-people": [Row(ALL, stranger="own")],
    "api-keys": [Row(ALL, stranger="own"), Row(ALL, "post", stranger="own")],
    "api-passkeys": [Row(ALL, "post", stranger="own")],
    "api-passkey-options": [Row(ALL, "post", stranger="own")],
    "api-drafts": [
        Row(ALL, stranger="own"),
        Row(roles(E, S), "post", body=lambda w: {"act": "authority.add", "params": {"case": str(w.case.pk)}}),
        Row(roles(S), "post", body=lambda w: {"act": "case.close", "params": {"case": str(w.case.pk)}}),
        Row(
            roles(E, O), "post", body=lambda w: {"act": "transfer.offer", "params": {"item": str(w.item.pk)}}
        ),
        Row(roles(E), "post", body=lambda w: {"act": "redaction.plan", "params": {"item": str(w.item.pk)}}),
        Row(
            roles(E, S),
            "post",
            body=lambda w: {"act": "redaction.release", "params": {"derivative": str(w.derivative.pk)}},
        ),
        Row(roles("admin"), "post", body=lambda w: {"act": "key.register", "params": {"key": w.new_key}}),
    ],
    "api-draft-sign": [
        Row(roles(S), "post", args=lambda w: {"draft": w.draft.pk}, body=lambda w: w.signature)
    ],
    "api-cases": [Row(ALL, stranger="own")],
    "api-case": [Row(roles(E, O, S, P, A, U), args=of_case)],
    "api-authorities": [Row(roles(E, O, S, P, A, U), args=of_case)],
    "api-case-items": [Row(roles(E, O, S, P, U), args=of_case)],
    "api-victims": [
        Row(roles(E, S, A), args=of_case),
        Row(roles(E), "post", args=of_case),
    ],
    "api-victim-identifiers": [Row(roles(E), "post", args=lambda w: {"victim": w.victim.pk})],
    "api-uploads": [
        Row(ALL, stranger="own"),
        Row(roles(E), "post", body=lambda w: {"case": str(w.case.pk)}),
    ],
    # An upload is its examiner's alone: even the colleagues on the case do not know of it.
    "api-upload": [
        Row(roles(E), args=lambda w: {"upload": w.upload.pk}),
        Row(roles(E), "delete", args=lambda w: {"upload": w.upload.pk}),
    ],
    "api-item": [Row(roles(E, O, S, P, U), args=of_item)],
    "api-item-metadata": [Row(roles(E, S), args=of_item)],
    "api-item-chain": [Row(roles(E, O, S, P, U), args=of_item)],
    "api-item-content": [Row(roles(E), "post", args=of_item)],
    "api-item-derivatives": [Row(roles(E, S, P, A), args=of_item)],
    "api-transfers": [Row(ALL, stranger="own")],
    "api-transfer": [Row(roles(E, O, S, U), args=lambda w: {"transfer": w.transfer.pk})],
    # Not released yet: prosecutors and advocates do not know of it.
    "api-derivative": [Row(roles(E, S), args=lambda w: {"derivative": w.derivative.pk})],
    "api-derivative-download": [Row(roles(E, S), "post", args=lambda w: {"derivative": w.derivative.pk})],
    "api-reports": [
        Row(ALL, stranger="own"),
        Row(roles(E, S, P), "post", body=lambda w: {"case": str(w.case.pk)}),
    ],
    "api-report": [Row(roles(E, S, P, U), args=lambda w: {"report": w.report.pk})],
    "api-report-receipt": [Row(roles(E, S, P), args=lambda w: {"report": w.report.pk})],
    "api-report-download": [Row(roles(E, S, P), "post", args=lambda w: {"report": w.report.pk})],
    "api-receipt": [Row(roles(E, O, S, P, A, U), args=lambda w: {"entry": w.item.last_entry})],
    "api-receipt-cose": [Row(roles(E, O, S, P, A, U), args=lambda w: {"entry": w.item.last_entry})],
    "api-policy": [Row(ALL, stranger="own")],
    "api-checkpoint": [Row(ALL, stranger="own")],
    "api-schema": [Row(ALL, stranger="own")],
    "api-docs": [Row(ALL, stranger="own")],
}


PAGES: dict[str, list[Row]] = {
    "home": [Row(ALL, stranger="own")],
    "profile": [Row(ALL, stranger="own")],
    "keys": [Row(ALL, stranger="own")],
    "keys-to-prove": [Row(ALL, stranger="own")],
    # A wrapped key is its holder's alone.
    "key-file": [Row(roles(E), args=lambda w: {"keyid": w.cast.key("examiner").keyid})],
    "cases": [Row(roles(E, O, S, P, A, U), stranger="own")],
    "case": [Row(roles(E, O, S, P, A, U), args=of_case)],
    "authority-new": [Row(roles(E, S), args=of_case)],
    "case-report": [Row(roles(E, S, P), "post", args=of_case)],
    "intake": [Row(roles(E), args=of_case)],
    "intake-states": [Row(roles(E), args=of_case)],
    "victims": [Row(roles(E, S, A), args=of_case), Row(roles(E), "post", args=of_case)],
    "item": [Row(roles(E, O, S, P, U), args=of_item)],
    "item-open": [Row(roles(E), args=of_item), Row(roles(E), "post", args=of_item)],
    "item-report": [Row(roles(E, S, P), "post", args=of_item)],
    "transfers": [Row(roles(E, O, S, U), stranger="own")],
    "transfer": [Row(roles(E, O, S, U), args=lambda w: {"transfer": w.transfer.pk})],
    "transfer-reading": [Row(roles(E, O, S, U), args=lambda w: {"transfer": w.transfer.pk})],
    "derivative": [Row(roles(E, S), args=lambda w: {"derivative": w.derivative.pk})],
    "derivative-state": [Row(roles(E, S), args=lambda w: {"derivative": w.derivative.pk})],
    "derivative-download": [Row(roles(E, S), "post", args=lambda w: {"derivative": w.derivative.pk})],
    "reports": [Row(roles(E, S, P, U), stranger="own")],
    "report": [Row(roles(E, S, P, U), args=lambda w: {"report": w.report.pk})],
    "report-receipt": [Row(roles(E, S, P), args=lambda w: {"report": w.report.pk})],
    "report-download": [Row(roles(E, S, P), "post", args=lambda w: {"report": w.report.pk})],
}
# Open to everybody, and nothing of a case behind them.
OPEN_PAGES = {"log-on", "log-off"}

ADMIN: dict[str, list[Row]] = {
    "index": [Row(roles("admin", S, U), stranger="own")],
    "password_change": [Row(roles("admin", S, U), stranger="own")],
    "password_change_done": [Row(roles("admin", S, U), stranger="own")],
    "verification": [Row(roles(U), stranger="own")],
    "custody_transfer_changelist": [Row(roles(S), stranger="own")],
    "custody_transfer_change": [Row(roles(S), args=lambda w: {"object_id": str(w.transfer.pk)})],
    "evidence_case_changelist": [Row(roles(S), stranger="own")],
    "evidence_case_open": [Row(roles(S), stranger="own")],
    "evidence_case_change": [Row(roles(S), args=lambda w: {"object_id": str(w.case.pk)})],
    "custody_person_changelist": [Row(roles("admin"), stranger="own")],
    "custody_person_new": [Row(roles("admin"), stranger="own")],
    "custody_person_change": [Row(roles("admin"), args=lambda w: {"object_id": str(w.cast.examiner.uuid)})],
    "custody_signingkey_changelist": [Row(roles("admin"), stranger="own")],
    "passkeys": [Row(roles("admin"), stranger="own")],
    "together": [Row(roles("admin"), stranger="own")],
    "custody_signingkey_change": [Row(roles("admin"), args=lambda w: {"object_id": w.new_key})],
    "custody_entry_changelist": [Row(roles(U), stranger="own")],
    "custody_entry_change": [Row(roles(U), args=lambda w: {"object_id": "0"})],
    "custody_accesslog_changelist": [Row(roles(U), stranger="own")],
}
# Django's own addresses of the admin that lead nowhere here: nobody gets more than a refusal or a redirect.
ADMIN_DEAD = {"autocomplete", "jsi18n", "view_on_site", "app_list", "login", "logout"}
