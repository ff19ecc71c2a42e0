"""A vault and a key folder on a real disk."""

from pathlib import Path

import pytest

from evidence.vault.keys import CaseKeys
from evidence.vault.local import LocalVault


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(root: Path) -> LocalVault:
    return LocalVault(root)


@pytest.fixture
def case_keys(tmp_path: Path) -> CaseKeys:
    return CaseKeys(tmp_path / "case-keys")
