"""The two images hold what they must, and nothing that a submission must not see."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from tests.integration.images import CHECKER, PINS, PINS_FILE, RUNTIME, find_image
from verifier.lab.load import load_labs

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

pytestmark = pytest.mark.engine

SITE = "/usr/local/lib/python3.11/dist-packages"
MAX_SIZE_BYTES = 950_000_000


def run(engine: DockerClient, image: Image, *command: str, user: str = "0") -> str:
    """Run one command in a throwaway container; what it says on stderr is kept in its place."""
    output: bytes = engine.containers.run(
        image,
        list(command[1:]),
        entrypoint=command[0],
        user=user,
        network_mode="none",
        remove=True,
        stderr=True,
    )
    return output.decode()


@pytest.fixture(scope="module")
def runtime_files(engine: DockerClient, runtime: Image) -> list[str]:
    """List every file of the runtime image, in any layer."""
    return run(engine, runtime, "/usr/bin/find", "/", "-xdev", "-type", "f").splitlines()


def test_learner_image_is_small_enough(checker: Image) -> None:
    """950 MB is what the project promises a learner's disk."""
    assert checker.attrs["Size"] <= MAX_SIZE_BYTES


def test_checker_stands_on_the_runtime_it_names(
    engine: DockerClient, runtime: Image, checker: Image
) -> None:
    """The stamp is what reports call the environment, so it has to be true."""
    stamp = json.loads(run(engine, checker, "/bin/cat", "/opt/labcheck/stamp.json"))

    assert stamp == {
        "runtime_image": runtime.id,
        "pins_sha256": hashlib.sha256(PINS_FILE.read_bytes()).hexdigest(),
    }
    layers = runtime.attrs["RootFS"]["Layers"]
    assert checker.attrs["RootFS"]["Layers"][: len(layers)] == layers


@pytest.mark.parametrize("name", [RUNTIME, CHECKER])
def test_labels_say_what_the_image_is(engine: DockerClient, name: str) -> None:
    """An image found on a disk must tell where it comes from."""
    labels = find_image(engine, name).labels

    assert labels["org.opencontainers.image.title"] == name
    assert labels["org.opencontainers.image.version"]
    assert labels["org.labcheck.pins-sha256"] == hashlib.sha256(PINS_FILE.read_bytes()).hexdigest()


def test_runtime_id_does_not_depend_on_the_commit(runtime: Image) -> None:
    """It stands in every golden, so it may change only with what is inside."""
    assert "org.opencontainers.image.revision" not in runtime.labels


def test_entrypoints(runtime: Image, checker: Image) -> None:
    """An init reaps what a submission leaves behind; the rest is the program."""
    assert runtime.attrs["Config"]["Entrypoint"] == [
        "/usr/bin/tini", "--", "/usr/bin/python3", "-I", "-m", "verifier.sandbox",
    ]  # fmt: skip
    assert checker.attrs["Config"]["Entrypoint"] == [
        "/usr/bin/tini", "--", "/usr/local/bin/labcheck",
    ]  # fmt: skip
    assert checker.attrs["Config"]["WorkingDir"] == "/work"
    assert not checker.attrs["Config"]["User"]


def test_runtime_holds_nothing_of_the_lab(runtime_files: list[str]) -> None:
    """References and goldens are solutions, and a submission runs here."""
    names = [
        path
        for path in runtime_files
        if path.startswith("/opt/") or "_lab" in path.rsplit("/", 1)[-1] or "/_lab/" in path
        if not path.startswith((f"{SITE}/torch/", f"{SITE}/numpy/", f"{SITE}/sympy/"))
    ]
    ours = [path for path in runtime_files if path.startswith(f"{SITE}/verifier/")]

    assert names == []
    assert ours
    assert [path for path in ours if not path.startswith(f"{SITE}/verifier/sandbox/")] == []


def test_runtime_holds_no_installer_and_no_wheel(runtime_files: list[str]) -> None:
    """What is not needed to run a lab is not there, in no layer."""
    assert [path for path in runtime_files if path.endswith(".whl")] == []
    assert [
        path for path in runtime_files if f"{SITE}/pip/" in path or f"{SITE}/setuptools/" in path
    ] == []
    assert [path for path in runtime_files if "/ensurepip/" in path] == []


def test_layers_hold_nothing_that_a_later_one_deletes(
    engine: DockerClient, runtime: Image, checker: Image
) -> None:
    """A wheel installed and then removed in the next layer would still be downloaded."""
    built = int(run(engine, checker, "/bin/sh", "-c", "du -xsb / 2>/dev/null | cut -f1"))

    # Folders count in du and not in the engine's sum, so the engine's is never the larger one.
    assert checker.attrs["Size"] <= built
    assert runtime.attrs["Size"] < checker.attrs["Size"]


def test_torch_and_numpy_import_without_a_word(engine: DockerClient, runtime: Image) -> None:
    """Without numpy torch warns on stderr, which learners would take for their own mistake."""
    script = "import torch, numpy, torch.testing; print(torch.__version__, numpy.__version__)"
    output = run(engine, runtime, "/usr/bin/python3", "-I", "-c", script, user="12345")

    assert output.split() == [PINS["wheels"]["torch"], PINS["wheels"]["numpy"]]


def test_every_module_is_compiled(engine: DockerClient, runtime: Image) -> None:
    """Without .pyc files a first import takes seven seconds instead of two."""
    script = (
        "import sys, os, torch, numpy, json, verifier.sandbox\n"
        "specs = [getattr(module, '__spec__', None) for module in list(sys.modules.values())]\n"
        "cached = [getattr(spec, 'cached', None) for spec in specs]\n"
        "cached = [path for path in cached if isinstance(path, str)]\n"
        "print(len(cached) > 500, [path for path in cached if not os.path.exists(path)])"
    )
    output = run(engine, runtime, "/usr/bin/python3", "-I", "-c", script)

    assert output.strip() == "True []"


def test_solutions_lie_in_a_folder_that_only_root_can_enter(
    engine: DockerClient, checker: Image
) -> None:
    """Another uid is the wall that hides them from a submission."""
    mode = run(engine, checker, "/usr/bin/stat", "-c", "%a %u %g", "/opt/labcheck")
    seen = run(engine, checker, "/bin/sh", "-c", "ls /opt/labcheck || echo hidden", user="12345")

    assert mode.split() == ["700", "0", "0"]
    assert "hidden" in seen.split()


def test_learner_image_holds_no_solution(engine: DockerClient, checker: Image) -> None:
    """Whoever starts it with another entry point reads all of it: neither files nor their text."""
    lessons = [lab for lab in load_labs(LAB_ROOT).values() if lab.kind == "lesson"]
    scripts = [each.script for lab in lessons for each in lab.exercises.values()]
    lines = {line for script in scripts for line in script.read_text().splitlines()}
    telling = sorted(line.strip() for line in lines if re.search(r"print\(.*(round|tolist)", line))
    names = "|".join(re.escape(script.name) for script in scripts)
    found = run(
        engine, checker, "/bin/sh", "-c",
        f"find / -xdev -type f | grep -E '/({names})$';"
        "grep -rlF -f /dev/stdin /opt /usr/local/bin /work <<'LINES' || echo none\n"
        + "\n".join(telling) + "\nLINES\n",
    )  # fmt: skip

    assert len(telling) > len(scripts)
    assert found.split() == ["none"]


@pytest.mark.parametrize("name", [RUNTIME, CHECKER])
def test_no_file_is_writable_by_others_or_set_uid(engine: DockerClient, name: str) -> None:
    """A submission finds no place to leave something, but the two for temporary files."""
    found = run(
        engine, find_image(engine, name), "/bin/sh", "-c",
        r"find / -xdev \( -perm /6000 -o -perm -0002 \) ! -type l ! -type c",
    )  # fmt: skip

    assert sorted(found.split()) == ["/tmp", "/var/tmp"]


def test_learner_image_answers_help(engine: DockerClient, checker: Image) -> None:
    """The launcher finds the checker's own packages, not the runtime's."""
    assert "Usage: labcheck" in run(engine, checker, "/usr/local/bin/labcheck", "--help")
