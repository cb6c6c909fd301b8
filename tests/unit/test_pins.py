"""The pins name what the locks lock, and say nothing that is not so."""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import Any

import docker
import pytest

from tests.fakes import CHECKOUT

LOCKS = ("docker/torch.lock", "docker/runtime.lock", "docker/course.lock", "docker/checker.lock")
SHIPPED = (*LOCKS, "requirements-dev.lock")


@pytest.fixture(scope="module")
def pins() -> dict[str, Any]:
    """Read docker/pins.toml."""
    return tomllib.loads((CHECKOUT / "docker" / "pins.toml").read_text(encoding="utf-8"))


def locked_versions(lock: str) -> dict[str, str]:
    """Read each name and its version from a lock file."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", text, flags=re.MULTILINE))


def test_pins_name_every_lock_of_the_images_by_its_content(pins: dict[str, Any]) -> None:
    """A changed lock changes pins.toml, and so the environment that reports and goldens name."""
    found = {lock: hashlib.sha256((CHECKOUT / lock).read_bytes()).hexdigest() for lock in LOCKS}

    assert pins["locks"] == found, "run `make lock`"


def test_pinned_versions_are_the_locked_ones(pins: dict[str, Any]) -> None:
    """What a person reads in the pins is what the image holds."""
    locked = locked_versions("docker/torch.lock") | locked_versions("docker/runtime.lock")
    of_course = locked_versions("docker/course.lock")
    found: dict[str, Any] = {name: locked.get(name) for name in ("torch", "numpy")}
    found |= {name: locked.get(name) for name in ("matplotlib", "tqdm")}
    found["course"] = {name: of_course.get(name) for name in ("pandas", "scikit-learn", "scipy")}

    assert pins["wheels"] == found


def test_torch_is_locked_to_one_wheel() -> None:
    """With a second hash, a CUDA build or another platform's could be taken without notice."""
    text = (CHECKOUT / "docker" / "torch.lock").read_text(encoding="utf-8")

    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) == 1


@pytest.mark.parametrize("lock", SHIPPED)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    """A package without a hash could be replaced on its way here."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]

    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", SHIPPED)
def test_locks_name_no_index_and_no_folder(lock: str) -> None:
    """Where packages come from is the business of the machine that installs them."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")

    assert (
        re.findall(r"^-.*|.*(?://|file:/|find-links|index-url).*", text, flags=re.MULTILINE) == []
    )


def test_locks_agree_where_they_name_the_same_package() -> None:
    """One development environment takes four of them, and a variant stands on the runtime."""
    versions: dict[str, set[str]] = {}
    for lock in SHIPPED:
        for name, version in locked_versions(lock).items():
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_runtime_holds_no_installer() -> None:
    """A submission that could install packages would not run in the pinned environment."""
    locked = locked_versions("docker/runtime.lock") | locked_versions("docker/course.lock")

    assert {"pip", "setuptools", "wheel"} & locked.keys() == set()


def test_folder_docker_does_not_hide_the_sdk() -> None:
    """With a Python file in docker/, `import docker` from the checkout could find that folder."""
    assert hasattr(docker, "from_env")
    assert list((CHECKOUT / "docker").rglob("*.py")) == []
