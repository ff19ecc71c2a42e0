"""Small secrets: only for their victim and field, short of clues, gone with the victim's key."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.sealed import (
    MAX_TEXT,
    SealedDamagedError,
    SealedKeys,
    SealedRefusedError,
    seal,
    unseal,
)
from evidence.vault.errors import (
    FolderUnsafeError,
    KeyDestroyedError,
    KeyMissingError,
    KeyRefusedError,
)

VICTIM = UUID("1f0f7f0a-55d2-4f2e-8d51-6c1f0a2f9f10")
NAME = "Анна-Мария O'Brien 王小明"


@pytest.fixture
def keyring(tmp_path: Path) -> SealedKeys:
    keyring = SealedKeys(tmp_path / "identities")
    keyring.ensure(VICTIM)
    return keyring


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        NAME,
        "x" * 5000,
        {},
        {"street": "Rue de l'Église 4", "since": 2019, "old": None, "of": [1, "b"]},
    ],
)
def test_a_secret_comes_back_as_it_was(keyring: SealedKeys, value: str | dict[str, object]) -> None:
    sealed = seal(value, keyring=keyring, victim=VICTIM, field="name")
    assert unseal(sealed, keyring=keyring, victim=VICTIM, field="name") == value


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(TEXT)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back(keyring: SealedKeys, text: str) -> None:
    sealed = seal(text, keyring=keyring, victim=VICTIM, field="name")
    assert unseal(sealed, keyring=keyring, victim=VICTIM, field="name") == text


def test_the_sealed_bytes_show_neither_text_nor_equality(keyring: SealedKeys) -> None:
    one, other = (seal(NAME, keyring=keyring, victim=VICTIM, field="name") for _ in range(2))
    assert one != other
    assert "Анна".encode() not in one


def test_names_of_usual_length_look_alike(keyring: SealedKeys) -> None:
    lengths = {len(seal("x" * n, keyring=keyring, victim=VICTIM, field="name")) for n in range(59)}
    assert lengths == {1 + 12 + 64 + 16}
    assert len(seal("x" * 59, keyring=keyring, victim=VICTIM, field="name")) == 1 + 12 + 128 + 16


def test_a_secret_opens_only_for_its_victim_and_field(keyring: SealedKeys) -> None:
    other = uuid4()
    keyring.ensure(other)
    sealed = seal(NAME, keyring=keyring, victim=VICTIM, field="name")
    for victim, field in ((other, "name"), (VICTIM, "alias")):
        with pytest.raises(SealedDamagedError) as error:
            unseal(sealed, keyring=keyring, victim=victim, field=field)
        assert (error.value.victim, error.value.field) == (victim, field)


def test_every_altered_or_missing_byte_is_noticed(keyring: SealedKeys) -> None:
    sealed = seal(NAME, keyring=keyring, victim=VICTIM, field="name")
    altered = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for wrong in (*altered, b"", sealed[:-1], sealed[:-64], sealed + b"\0", sealed + bytes(64)):
        with pytest.raises(SealedDamagedError):
            unseal(wrong, keyring=keyring, victim=VICTIM, field="name")


def test_destroying_the_victims_key_ends_that_victims_secrets_and_no_others(
    keyring: SealedKeys, tmp_path: Path
) -> None:
    other = uuid4()
    keyring.ensure(other)
    gone, kept = (seal(NAME, keyring=keyring, victim=v, field="name") for v in (VICTIM, other))
    wrapped = (tmp_path / "identities" / "victims" / f"{VICTIM}.key").read_bytes()
    keyring.destroy(VICTIM)
    for attempt in (
        lambda: unseal(gone, keyring=keyring, victim=VICTIM, field="name"),
        lambda: seal(NAME, keyring=keyring, victim=VICTIM, field="name"),
        lambda: keyring.ensure(VICTIM),
    ):
        with pytest.raises(KeyDestroyedError):
            attempt()
    files = [path for path in (tmp_path / "identities").rglob("*") if path.is_file()]
    assert not any(wrapped.strip() in path.read_bytes() for path in files)
    assert unseal(kept, keyring=keyring, victim=other, field="name") == NAME


def test_a_victim_without_key_seals_nothing(keyring: SealedKeys) -> None:
    with pytest.raises(KeyMissingError):
        seal(NAME, keyring=keyring, victim=uuid4(), field="name")


def test_a_lost_identity_key_is_not_replaced_by_a_new_one(keyring: SealedKeys, tmp_path: Path) -> None:
    (tmp_path / "identities" / "identity.key").unlink()
    with pytest.raises(KeyMissingError):
        keyring.ensure(uuid4())
    assert not (tmp_path / "identities" / "identity.key").exists()


def test_a_wrapped_key_moved_between_installations_is_refused(keyring: SealedKeys, tmp_path: Path) -> None:
    other = SealedKeys(tmp_path / "other")
    other.ensure(VICTIM)
    sealed = seal(NAME, keyring=keyring, victim=VICTIM, field="name")
    moved = (tmp_path / "identities" / "victims" / f"{VICTIM}.key").read_bytes()
    (tmp_path / "other" / "victims" / f"{VICTIM}.key").write_bytes(moved)
    with pytest.raises(KeyRefusedError):
        unseal(sealed, keyring=other, victim=VICTIM, field="name")


def test_ensuring_twice_keeps_the_first_key(keyring: SealedKeys, tmp_path: Path) -> None:
    sealed = seal(NAME, keyring=keyring, victim=VICTIM, field="name")
    keyring.ensure(VICTIM)
    again = SealedKeys(tmp_path / "identities")
    assert unseal(sealed, keyring=again, victim=VICTIM, field="name") == NAME


def test_key_files_are_for_the_owner_only(keyring: SealedKeys, tmp_path: Path) -> None:
    folder = tmp_path / "identities"
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.key")} == {0o600}
    folder.chmod(0o755)
    with pytest.raises(FolderUnsafeError):
        SealedKeys(folder)


@pytest.mark.parametrize(
    "value", ["x" * MAX_TEXT, "half \ud800 a pair", {"when": object()}, {"ratio": float("nan")}]
)
def test_what_cannot_be_kept_exactly_is_refused(keyring: SealedKeys, value: str | dict[str, object]) -> None:
    with pytest.raises(SealedRefusedError):
        seal(value, keyring=keyring, victim=VICTIM, field="name")


@pytest.mark.parametrize("field", ["", "a|b", "naïve", "x" * 129, "a\n"])
def test_a_field_name_that_could_be_taken_for_another_is_refused(keyring: SealedKeys, field: str) -> None:
    with pytest.raises(ValueError, match="cannot name a field"):
        seal(NAME, keyring=keyring, victim=VICTIM, field=field)
