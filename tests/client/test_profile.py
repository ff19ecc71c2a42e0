"""The client's own folder: closed to others, whole or absent."""

import stat
from pathlib import Path

import pytest

from custody.client.errors import ProfileError
from custody.client.profile import Profile


def test_files_and_folder_are_for_the_owner_only(profile: Profile) -> None:
    path = profile.write("token.json", {"token": "t"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(profile.folder.stat().st_mode) == 0o700
    profile.write("uploads/x.json", {})
    assert stat.S_IMODE((profile.folder / "uploads").stat().st_mode) == 0o700


def test_a_token_that_others_can_read_is_not_used(profile: Profile) -> None:
    profile.write("token.json", {"token": "t"}).chmod(0o644)
    with pytest.raises(ProfileError, match="chmod 600"):
        profile.read("token.json")


def test_changing_one_member_keeps_the_others(profile: Profile) -> None:
    profile.write("settings.json", {"server": "s", "keyid": "old"})
    profile.change("settings.json", keyid="new")
    assert profile.read("settings.json") == {"server": "s", "keyid": "new"}


def test_damaged_files_are_told_and_absent_ones_are_empty(profile: Profile) -> None:
    assert profile.read("nothing.json") == {}
    path = profile.write("log.json", {})
    path.write_text("[1")
    with pytest.raises(ProfileError, match="cannot be read"):
        profile.read("log.json")
    path.write_text("[]")
    with pytest.raises(ProfileError, match="does not hold"):
        profile.read("log.json")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="cannot be made"):
        Profile(tmp_path / "file" / "below").write("x.json", {})
