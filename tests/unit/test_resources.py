"""Labs, schemas and pins are found in a checkout, in a wheel, and where the user says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LAB_ROOT
from verifier import resources
from verifier.errors import BadDataError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABCHECK_LAB", raising=False)


def _make_labs(folder: Path) -> Path:
    (folder / "some-lab").mkdir(parents=True)
    (folder / "some-lab" / "lab.toml").touch()
    return folder


def test_folder_of_canaries_alone_holds_labs(tmp_path: Path) -> None:
    """A folder may be there for them only."""
    _make_labs(tmp_path / "canary")

    assert resources.lab_root(tmp_path) == tmp_path


def test_given_folder_wins_over_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands on the command line is the latest word."""
    given, named = _make_labs(tmp_path / "given"), _make_labs(tmp_path / "named")
    monkeypatch.setenv("LABCHECK_LAB", str(named))

    assert resources.lab_root(given) == given
    assert resources.lab_root(None) == named


@pytest.mark.parametrize("inside", [".", "a/b"])
def test_folder_in_or_above_the_working_directory_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    """What is graded can bring a folder lab/ of its own, with goldens and tolerances to suit it."""
    labs = _make_labs(tmp_path / "lab")
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / inside)

    assert resources.lab_root(None) == LAB_ROOT
    assert resources.passed_over(None, root=LAB_ROOT) == labs
    assert resources.passed_over(labs, root=labs) is None


def test_link_to_the_own_labs_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said of another folder where it is the same one."""
    (tmp_path / "lab").symlink_to(LAB_ROOT)
    monkeypatch.chdir(tmp_path)

    assert resources.passed_over(None, root=LAB_ROOT) is None


def test_copy_in_the_wheel_is_found_before_what_lies_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an installed package lie other people's: one may be called lab."""
    built_in = _make_labs(tmp_path / "package" / "_lab")
    _make_labs(tmp_path / "lab")
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")
    monkeypatch.setattr(resources, "CHECKOUT", tmp_path)

    assert resources.lab_root(None) == built_in


def test_named_folder_without_labs_is_an_error(tmp_path: Path) -> None:
    """Falling back silently would judge against other goldens than the user named."""
    with pytest.raises(BadDataError, match="there is no lab under"):
        resources.lab_root(tmp_path)


def test_nothing_found_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to name one."""
    monkeypatch.setattr(resources, "PACKAGE", tmp_path)
    monkeypatch.setattr(resources, "CHECKOUT", tmp_path)

    with pytest.raises(BadDataError, match="no lab was found"):
        resources.lab_root(None)
    with pytest.raises(BadDataError, match="has no schemas"):
        resources.schema_folder()


def test_unreadable_folder_above_is_not_spoken_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's lab/ above the working directory must not stop the command."""

    def deny(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "glob", deny)
    assert resources.passed_over(None, root=LAB_ROOT) is None
    with pytest.raises(BadDataError, match="no lab was found"):
        resources.lab_root(None)


def test_pins_digest_is_of_the_file() -> None:
    """Anybody can check it with sha256sum."""
    content = (CHECKOUT / "docker" / "pins.toml").read_bytes()

    assert resources.pins_sha256() == hashlib.sha256(content).hexdigest()


def test_lock_of_an_editor_is_no_part_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a link to nowhere, called like a module."""
    (tmp_path / "a.py").write_text("x = 1")
    monkeypatch.setattr(resources, "PACKAGE", tmp_path)
    digest = resources.package_sha256.__wrapped__
    before = digest()
    (tmp_path / ".#a.py").symlink_to("someone@somewhere.1:2")
    (tmp_path / "b.py").mkdir()

    assert digest() == before
