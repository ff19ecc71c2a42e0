"""A small server in memory, on a real socket, for the client's mechanics: uploads, drafts, receipts, faults.

It speaks the addresses of the API as far as the client uses them and keeps its log with custody.proof. It knows no
rules: what the real server refuses is tested at the real server. Faults are members that a test sets.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from custody.proof import digests, envelope, merkle, records
from custody.proof.checkpoint import Checkpoint
from custody.proof.note_keys import NoteSigner, sign_note
from custody.proof.policy import Policy, format_policy
from custody.proof.signatures import Algorithm, SigningKey

ORIGIN = "fake.invalid/log"
TOKEN = "token-of-the-fake"
PERSON = "3b7f2a52-8d53-4f6f-9f0e-1f1d3f0a7c11"
CASE = "0f8b5c9e-0f8e-4d28-8f1c-6c1a7f9f2b10"
AUTHORITY = "77e2c9aa-45c5-4bd0-9f27-2b8d6f4d3a55"
NOT_FOUND = 404, {"code": "not_found", "title": "Not found", "detail": "It was not found."}


@dataclass
class Upload:
    form: dict[str, Any]
    data: bytearray = field(default_factory=bytearray)
    state: str = "receiving"
    problem: str = ""
    polls: int = 0


class FakeServer:
    """The state, the faults and the running socket."""

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}
        self.drafts: dict[str, dict[str, Any]] = {}
        self.entries: list[bytes] = [b"genesis"]
        self.keys: dict[str, SigningKey] = {}
        self.log_key = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
        self.seen = records.NOTHING_SEEN
        self.chunk_bytes = 64 * 1024
        self.files: dict[str, bytes] = {}
        self.reports: dict[str, dict[str, Any]] = {}
        self.report_receipts: dict[str, str] = {}
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        # Faults
        self.cut_patch_after: list[int] = []
        self.patch_statuses: list[int] = []
        self.post_upload_status = 0
        self.alter_bytes: Callable[[bytearray], None] = lambda data: None
        self.alter_claims: Callable[[dict[str, Any]], None] = lambda claims: None
        self.alter_answer: Callable[[dict[str, Any]], None] = lambda answer: None
        self.stale_signatures = 0
        self.refuse_receipts = 0
        self.refuse_report_receipts = 0
        self.refuse_drafts = 0
        self.offset = 0
        self.polls_before_ready = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def stop(self) -> None:
        """Close the socket: nobody answers any more."""
        self._http.shutdown()
        self._http.server_close()

    def policy(self) -> str:
        """Give the log's policy."""
        return format_policy(Policy(logs=(self.log_key.public,)))

    # -- answers ---------------------------------------------------------------------------------------------

    def get(self, path: str) -> tuple[int, Any]:
        if path == "me/":
            return 200, {"person": PERSON, "name": "Test Examiner", "role": "examiner"}
        if path == "drafts/":
            return 200, [row for row in self.drafts.values() if "needs" in row]
        if path == "cases/":
            return 200, self._page([{"uuid": CASE, "number": "T-1", "title": "Test", "status": "open"}])
        if path == f"cases/{CASE}/authorities/":
            return 200, self._page([{"uuid": AUTHORITY, "reference": "W-1"}])
        if path == "ledger/policy/":
            return 200, self.policy()
        if path == "people/":
            return 200, self._page(
                [{"person": PERSON, "name": f"Person {n}", "role": "examiner"} for n in "123"]
            )
        if found := re.fullmatch(r"uploads/([^/]+)/", path):
            return self._upload(found[1])
        if found := re.fullmatch(r"receipts/(\d+)/", path):
            return self._receipt(int(found[1]))
        if found := re.fullmatch(r"reports/([^/]+)/receipt/", path):
            if self.refuse_report_receipts:
                self.refuse_report_receipts -= 1
                return 409, {"code": "not_ready", "title": "Not yet", "detail": "Not published yet."}
            return 200, self.report_receipts.get(found[1], "c2sp.org/tlog-proof@v1\n")
        if found := re.fullmatch(r"reports/([^/]+)/", path):
            return 200, self.reports[found[1]]
        return NOT_FOUND

    def _page(self, rows: list[Any]) -> dict[str, Any]:
        """Give one row a page, to make the client turn pages."""
        at = self.offset
        return {"results": rows[at : at + 1], "next": at + 1 if at + 1 < len(rows) else None}

    def delete(self, path: str) -> tuple[int, Any]:
        upload = self.uploads.get(path.removeprefix("uploads/").rstrip("/"))
        if upload is None:
            return NOT_FOUND
        upload.state = "cancelled"
        return 204, None

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        self.bodies.append(body)
        if path == "auth/token/":
            if body["password"] != "right":
                return 401, {"code": "log_on", "title": "No", "detail": "Name or password is wrong."}
            return 200, {"token": TOKEN, "expires": "2999-01-01T00:00:00Z"}
        if path == "uploads/":
            return self._make_upload(body)
        if path == "drafts/":
            return self._make_draft(body)
        if found := re.fullmatch(r"drafts/([^/]+)/sign/", path):
            return self._sign(found[1], body)
        if found := re.fullmatch(r"reports/([^/]+)/download/", path):
            return 200, {"url": f"{self.address}/files/{found[1]}"}
        return NOT_FOUND

    def _make_upload(self, form: dict[str, Any]) -> tuple[int, Any]:
        if self.post_upload_status:
            return self.post_upload_status, {"title": "Fault", "detail": "A fault that the test asked for."}
        if "\x00" in form["filename"] or form["exhibit_number"] == "refused":
            errors = {"exhibit_number": "This number is refused."}
            return 422, {"code": "invalid", "title": "Invalid", "detail": "Not so.", "errors": errors}
        name = str(uuid.uuid4())
        self.uploads[name] = Upload(form)
        return 201, self._shape(name)

    def _upload(self, name: str) -> tuple[int, Any]:
        upload = self.uploads.get(name)
        if upload is None:
            return NOT_FOUND
        if upload.state == "received":
            upload.polls += 1
            if upload.polls > self.polls_before_ready:
                upload.state = "ready_to_sign"
        return 200, self._shape(name)

    def _shape(self, name: str) -> dict[str, Any]:
        upload = self.uploads[name]
        wanted, known = upload.state == "receiving", upload.state in {"ready_to_sign", "sealed"}
        return {
            "id": name,
            "state": upload.state,
            "problem": upload.problem,
            "item": name if upload.state == "sealed" else None,
            "sha256": hashlib.sha256(upload.data).hexdigest() if known else "",
            "location": f"{self.address}/tus/{name}" if wanted else "",
            "chunk_bytes": self.chunk_bytes,
        }

    def _make_draft(self, order: dict[str, Any]) -> tuple[int, Any]:
        if self.refuse_drafts:
            self.refuse_drafts -= 1
            return 409, {"code": "not_ready", "title": "Not yet", "detail": "The bytes are being read again."}
        upload = self.uploads[order["params"]["upload"]]
        claims = intake_claims(upload)
        self.alter_claims(claims)
        openings = [records.make_opening(name, value) for name, value in claims.items()]
        payload = records.build(
            log=ORIGIN,
            type=records.RecordType(order["act"]),
            time=datetime.now(UTC),
            actor=order["keyid"],
            case=UUID(CASE),
            subjects=[records.Subject(UUID(order["params"]["upload"]), 1, records.NO_ENTRY)],
            seen=self.seen,
            openings=openings,
        )
        answer = {
            "id": str(uuid.uuid4()),
            "act": order["act"],
            "payload": digests.b64(payload),
            "payload_type": records.RECORD_PAYLOAD_TYPE,
            "openings": [
                {"field": row.field, "salt": digests.b64(row.salt), "value": row.value} for row in openings
            ],
            "summary": [],
        }
        self.drafts[answer["id"]] = {**answer, "upload": order["params"]["upload"]}
        self.alter_answer(answer)
        return 201, answer

    def _sign(self, name: str, body: dict[str, Any]) -> tuple[int, Any]:
        if self.stale_signatures:
            self.stale_signatures -= 1
            return 409, {"code": "stale", "title": "Stale", "detail": "Prepare it again."}
        draft = self.drafts.pop(name)
        payload = digests.unb64(draft["payload"])
        signature = envelope.Signature(body["keyid"], digests.unb64(body["signature"]))
        entry = envelope.seal(payload, [signature])
        envelope.verify_signatures(
            envelope.parse_entry(entry), {keyid: key.spki for keyid, key in self.keys.items()}
        )
        self.entries.append(entry)
        self.uploads[draft["upload"]].state = "sealed"
        index = len(self.entries) - 1
        return 200, {
            "entry": index,
            "leaf": digests.b64(digests.leaf_hash(entry)),
            "result": {"item": draft["upload"]},
            "receipt_url": f"/api/v1/receipts/{index}/",
        }

    def _receipt(self, index: int) -> tuple[int, Any]:
        if self.refuse_receipts:
            self.refuse_receipts -= 1
            return 409, {"code": "not_ready", "title": "Not yet", "detail": "Not published yet."}
        leaves = [digests.leaf_hash(entry) for entry in self.entries]
        proof = merkle.inclusion_proof(index, len(leaves), merkle.reader_of(leaves))
        note = sign_note(Checkpoint(ORIGIN, len(leaves), merkle.root(leaves)).text(), [self.log_key])
        hashes = "".join(digests.b64(step) + "\n" for step in proof)
        return 200, f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"


def intake_claims(upload: Upload) -> dict[str, Any]:
    """State of an upload what the real server states."""
    form = upload.form
    texts = "description acquired_by acquired_where method tool tool_version write_blocker seal_number seal_condition"
    sheet = {name: form[name] for name in texts.split() if form.get(name)}
    acquired = datetime.fromisoformat(form["acquired_at"]).astimezone(UTC)
    sheet |= {"quantity": form["quantity"], "acquired_at": acquired.strftime("%Y-%m-%dT%H:%M:%SZ")}
    if form["source"]:
        sheet["source"] = form["source"]
    return {
        "exhibit": form["exhibit_number"],
        "sheet": sheet,
        "filename": form["filename"],
        "size": form["size"],
        "sha256": hashlib.sha256(upload.data).hexdigest(),
        "category": form["category"],
        "class": form["item_class"],
        "authority": {"authority": form["authority"], "kind": "search_warrant", "reference": "W-1"},
    }


class Handler(BaseHTTPRequestHandler):
    """One connection: addresses and bytes in, the fake's answers out."""

    fake: FakeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _answer(self, status: int, body: Any = None, **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(data)

    def _trusted(self) -> bool:
        return self.path.endswith("auth/token/") or self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def do_GET(self) -> None:
        self.fake.requests.append(("GET", self.path))
        if self.path.startswith("/files/"):
            data = self.fake.files[self.path.removeprefix("/files/")]
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        if not self._trusted():
            self._answer(401, {"title": "Log on", "detail": "Log on first."})
            return
        path, _, query = self.path.removeprefix("/api/v1/").partition("?")
        self.fake.offset = int(query.removeprefix("offset=") or 0) if query.startswith("offset=") else 0
        self._answer(*self.fake.get(path))

    def do_POST(self) -> None:
        self.fake.requests.append(("POST", self.path))
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        if not self._trusted():
            self._answer(401, {"title": "Log on", "detail": "Log on first."})
            return
        self._answer(*self.fake.post(self.path.removeprefix("/api/v1/"), body))

    def _tus(self) -> Upload | None:
        self.fake.requests.append((self.command, self.path))
        if "Authorization" in self.headers:
            self._answer(400, {"detail": "The token has no business here."})
            return None
        upload = self.fake.uploads.get(self.path.removeprefix("/tus/"))
        if upload is None or upload.state == "cancelled":
            self._answer(404)
            return None
        return upload

    def do_HEAD(self) -> None:
        if upload := self._tus():
            size = str(upload.form["size"])
            self._answer(200, None, Upload_Offset=str(len(upload.data)), Upload_Length=size)

    def do_DELETE(self) -> None:
        if self._trusted():
            self._answer(*self.fake.delete(self.path.removeprefix("/api/v1/")))

    def do_PATCH(self) -> None:
        upload = self._tus()
        if upload is None:
            self.close_connection = True
            return
        length = int(self.headers["Content-Length"])
        if self.fake.patch_statuses:
            self.rfile.read(length)
            self._answer(self.fake.patch_statuses.pop(0))
            return
        if int(self.headers["Upload-Offset"]) != len(upload.data):
            self.rfile.read(length)
            self._answer(409)
            return
        if self.fake.cut_patch_after:
            upload.data += self.rfile.read(min(length, self.fake.cut_patch_after.pop(0)))
            self.close_connection = True
            self.connection.close()
            return
        upload.data += self.rfile.read(length)
        if len(upload.data) == upload.form["size"]:
            self.fake.alter_bytes(upload.data)
            upload.state = "received"
        self._answer(204, None, Upload_Offset=str(len(upload.data)))


def _handler(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    return type("BoundHandler", (Handler,), {"fake": fake})
