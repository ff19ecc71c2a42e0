"""The mirror: it recomputes a log from its files and cosigns what it recomputed, across restarts and crashes."""

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from custody.proof import merkle
from custody.proof.add_checkpoint import Request, parse_answer, parse_request, parse_size
from custody.proof.checkpoint import parse_note
from custody.proof.errors import MalformedError, PolicyError, SignatureError
from custody.proof.mirror.archive import Archive
from custody.proof.mirror.errors import RefusedError, SourceError, StateError
from custody.proof.mirror.server import make_server
from custody.proof.mirror.source import FolderSource, HttpSource, entries, leaves, open_source
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import add_signatures, verify_note
from custody.proof.policy import verify_checkpoint
from custody.proof.signatures import Algorithm
from tests.proof.published import MORNING, asking_for, cosigner, export, witness
from tests.proof.world import Story, T, World, story

COURT = cosigner()
COURT_PQ = cosigner(algorithm=Algorithm.ML_DSA_44)


@pytest.fixture
def told() -> Story:
    return story()


@pytest.fixture
def published(told: Story, tmp_path: Path) -> Path:
    return export(told.world, tmp_path / "log")


def more(world: World, count: int = 1) -> None:
    for _ in range(count):
        world.record(T.CASE_ASSIGN, world.sara)
    world.publish()


def test_a_head_that_was_recomputed_is_cosigned_with_every_key(
    told: Story, published: Path, tmp_path: Path
) -> None:
    one = witness(told.world, tmp_path / "state", published, keys=[COURT, COURT_PQ])
    made = one.follow(told.world.note)
    note = add_signatures(told.world.note, made)
    found = verify_note(parse_note(note), [COURT.public, COURT_PQ.public])
    assert [(each.key, each.time) for each in found] == [(COURT.public, MORNING), (COURT_PQ.public, MORNING)]
    assert verify_checkpoint(note, asking_for(told.world, COURT, COURT_PQ)) == told.world.checkpoint


def test_without_keys_it_mirrors_only(told: Story, published: Path, tmp_path: Path) -> None:
    one = witness(told.world, tmp_path / "state", published)
    assert one.follow(told.world.note) == ()
    assert one.size == told.world.checkpoint.size


def test_its_own_copy_is_the_log_again(told: Story, published: Path, tmp_path: Path) -> None:
    witness(told.world, tmp_path / "first", published, keys=[COURT]).follow(told.world.note)
    copy = tmp_path / "first" / "log"
    assert list(entries(FolderSource(copy), 0, told.world.checkpoint.size)) == told.world.entries
    second = witness(told.world, tmp_path / "second", copy, keys=[COURT_PQ])
    assert second.follow(told.world.note)


def test_a_log_that_grows_is_followed_step_by_step_and_after_restarts(told: Story, tmp_path: Path) -> None:
    world = told.world
    for count in (1, 30, 250, 3, 300):  # over the edges of tiles
        more(world, count)
        one = witness(world, tmp_path / "state", export(world, tmp_path / "log"), keys=[COURT])
        one.follow(world.note)
        assert one.size == world.checkpoint.size
    copy = FolderSource(tmp_path / "state" / "log")
    assert list(entries(copy, 0, world.checkpoint.size)) == world.entries
    assert list(leaves(copy, 0, world.checkpoint.size)) == world.leaves()
    partial_tiles = {path.name for path in (tmp_path / "state" / "log").rglob("*.p/*")}
    assert partial_tiles == {str(world.checkpoint.size % 256), str(world.checkpoint.size // 256)}


def test_a_crash_before_the_head_is_remembered_changes_nothing(
    told: Story, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, state = told.world, tmp_path / "state"
    witness(world, state, published, keys=[COURT]).follow(world.note)
    before = world.checkpoint.size
    more(world, 300)
    export(world, published)
    one = witness(world, state, published, keys=[COURT])

    def crash(self: Archive, note: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "accept", crash)
        with pytest.raises(KeyboardInterrupt):
            one.follow(world.note)
    again = witness(world, state, published, keys=[COURT])
    assert again.size == before
    assert again.follow(world.note)
    assert again.size == world.checkpoint.size


def test_a_damaged_copy_of_its_own_stops_it(told: Story, published: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    witness(told.world, state, published).follow(told.world.note)
    (tile,) = (state / "log" / "tile" / "entries").rglob("000.p/*")
    data = bytearray(tile.read_bytes())
    data[100] ^= 1
    tile.write_bytes(data)
    with pytest.raises(StateError, match="damaged"):
        witness(told.world, state, published)


def test_two_mirrors_cannot_share_a_folder(tmp_path: Path) -> None:
    with (
        Archive(tmp_path).held(),
        pytest.raises(StateError, match="Another mirror"),
        Archive(tmp_path).held(),
    ):
        pass


def test_a_head_without_map_head_is_refused(told: Story, tmp_path: Path) -> None:
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara)
    world.sign_head()
    one = witness(world, tmp_path / "state", export(world, tmp_path / "log"), keys=[COURT])
    with pytest.raises(RefusedError, match="not a map head"):
        one.follow(world.note)
    assert one.size == 0


def test_another_genesis_than_the_pinned_one_is_refused(told: Story, published: Path, tmp_path: Path) -> None:
    other = World()
    other.log_key, other.signer = told.world.log_key, told.world.signer
    one = witness(told.world, tmp_path / "state", published, policy=other.policy)
    with pytest.raises(RefusedError, match="another log"):
        one.follow(told.world.note)


def test_a_head_of_another_key_or_another_log_is_not_judged(
    told: Story, published: Path, tmp_path: Path
) -> None:
    one = witness(told.world, tmp_path / "state", published)
    with pytest.raises(SignatureError):
        one.follow(World().note)
    with pytest.raises(PolicyError):
        one.follow(told.world.note.replace("evidence.test", "elsewhere.test"))


def test_a_source_that_ends_too_early_says_nothing_about_the_log(
    told: Story, published: Path, tmp_path: Path
) -> None:
    one = witness(told.world, tmp_path / "state", published, keys=[COURT])
    (tile,) = (published / "tile" / "entries").rglob("000.p/*")
    data = tile.read_bytes()
    tile.unlink()
    with pytest.raises(SourceError):
        one.follow(told.world.note)
    tile.write_bytes(data)
    assert one.follow(told.world.note)


# -- erased entries ------------------------------------------------------------------------------------------


def erase(told: Story, index: int) -> None:
    told.world.erase(told.world.sara, index)
    told.world.publish()


def test_erased_entries_are_replayed_by_the_keys_that_the_order_names(told: Story, tmp_path: Path) -> None:
    erase(told, told.accept)
    published = export(told.world, tmp_path / "log", withheld={told.accept})
    one = witness(told.world, tmp_path / "state", published, keys=[COURT])
    assert one.follow(told.world.note)
    more(told.world)
    export(told.world, published, withheld={told.accept})
    again = witness(told.world, tmp_path / "state", published, keys=[COURT])  # replays its own copy
    assert again.follow(told.world.note)


def test_a_mirror_forgets_the_bytes_that_an_order_erases(
    told: Story, published: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    secret = told.world.entries[told.accept]
    witness(told.world, state, published, keys=[COURT]).follow(told.world.note)
    assert any(secret in path.read_bytes() for path in (state / "log").rglob("*") if path.is_file())
    erase(told, told.accept)
    export(told.world, published, withheld={told.accept})
    one = witness(told.world, state, published, keys=[COURT])
    assert one.follow(told.world.note)
    assert not any(secret in path.read_bytes() for path in (state / "log").rglob("*") if path.is_file())
    assert witness(told.world, state, published).size == told.world.checkpoint.size


def test_an_entry_withheld_without_an_order_is_refused(told: Story, tmp_path: Path) -> None:
    published = export(told.world, tmp_path / "log", withheld={told.accept})
    with pytest.raises(RefusedError, match="no order"):
        witness(told.world, tmp_path / "state", published).follow(told.world.note)


# -- add-checkpoint ------------------------------------------------------------------------------------------


def request(world: World, old: int) -> Request:
    read = merkle.reader_of(world.leaves())
    proof = merkle.consistency_proof(old, world.checkpoint.size, read) if old else []
    return Request(old, tuple(proof), world.note)


def test_a_request_is_read_back() -> None:
    asked = request(story().world, 3)
    assert parse_request(asked.text()) == asked
    assert parse_size("0\n") == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("old 3", "old 03"),
        lambda text: text.replace("old 3", "old -3"),
        lambda text: text.replace("old 3", "old three"),
        lambda text: text.replace("old 3\n", ""),
        lambda text: text.replace("old 3\n", "old 3\nAAAA\n"),
        lambda text: text.replace("old 3\n", "old 3\n" + "A" * 43 + "=\n" * 64),
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: "x" * 1_000_000 + text,
        lambda text: "",
    ],
)
def test_other_texts_are_no_request(change: "object") -> None:
    text = change(request(story().world, 3).text())  # type: ignore[operator]
    with pytest.raises(MalformedError):
        parse_request(text)


@pytest.mark.parametrize("text", ["", "1", "01\n", "-1\n", "1\n\n", "one\n"])
def test_other_texts_are_no_size(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_size(text)


class Served:
    """A witness behind its HTTP address."""

    def __init__(self, one: Witness) -> None:
        self.server = make_server(one, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def post(self, body: str, path: str = "/add-checkpoint") -> tuple[int, str, str]:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", body.encode(), timeout=20) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.fixture
def served(told: Story, published: Path, tmp_path: Path) -> Iterator[Served]:
    made = Served(witness(told.world, tmp_path / "state", published, keys=[COURT]))
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_add_checkpoint_answers_as_the_specification_says(
    told: Story, published: Path, served: Served
) -> None:
    world = told.world
    status, kind, text = served.post(request(world, 0).text())
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    (made,) = parse_answer(text, world.note)
    assert made.name == "court.test/witness"
    first = world.checkpoint.size
    assert served.post(request(world, 0).text()) == (409, "text/x.tlog.size", f"{first}\n")
    again = Request(first, (), world.note)
    assert served.post(again.text())[0] == 200
    more(world, 5)
    export(world, published)
    assert served.post(request(world, 2).text()) == (409, "text/x.tlog.size", f"{first}\n")
    wrong = Request(first, (bytes(32), *request(world, first).proof), world.note)
    assert served.post(wrong.text())[0] == 422
    assert served.post(request(world, first).text())[0] == 200
    assert served.post(Request(world.checkpoint.size + 1, (), world.note).text())[0] == 400
    assert served.post("nothing")[0] == 400
    assert served.post(request(World(), 0).text())[0] == 403
    elsewhere = Request(0, (), world.note.replace("evidence.test", "elsewhere.test"))
    assert served.post(elsewhere.text())[0] == 404
    assert served.post(request(world, 0).text(), path="/other")[0] == 404


@pytest.mark.parametrize("length", ["1000000", "-1", "many", None])
def test_a_request_that_is_too_long_is_not_read(served: Served, length: str | None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.server.server_address[1], timeout=20)
    connection.putrequest("POST", "/add-checkpoint")
    if length is not None:
        connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_log_that_cannot_be_read_now_is_asked_to_come_again(
    told: Story, published: Path, served: Served
) -> None:
    more(told.world)  # not yet in the folder
    assert served.post(request(told.world, 0).text())[0] == 503
    export(told.world, published)
    assert served.post(request(told.world, 0).text())[0] == 200


def test_the_log_is_read_over_http_as_from_a_folder(told: Story, published: Path, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(published))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = open_source(f"http://127.0.0.1:{server.server_address[1]}/")
        assert witness(told.world, tmp_path / "state", source, keys=[COURT]).follow(told.world.note)
        with pytest.raises(SourceError, match="404"):
            source.fetch("tile/0/999", 10)
        with pytest.raises(SourceError, match="more than"):
            source.fetch("checkpoint", 10)
        server.shutdown()
    with pytest.raises(SourceError, match="does not answer"):
        source.fetch("checkpoint", 10_000)


@pytest.mark.parametrize("url", ["ftp://x/", "https://", "http://x/?y", "file:///etc"])
def test_only_addresses_of_logs_are_fetched(url: str) -> None:
    with pytest.raises(SourceError):
        HttpSource(url)
