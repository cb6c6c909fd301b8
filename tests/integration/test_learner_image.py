"""What a learner does with the image `labcheck`, and what a submission in it cannot do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import LAB_ROOT
from tests.integration.submissions import NO_UPDATE, REFERENCE
from verifier.errors import ExitCode
from verifier.lab.load import load_labs
from verifier.lab.revision import lab_revision

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_more")]


def _docker_run(*words: str, stdin: bytes = b"") -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        ["docker", "run", "--rm", *words],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = done.stdout.decode()
    report: dict[str, Any] = json.loads(text.splitlines()[0]) if text.startswith("{") else {}
    return done.returncode, report, text + done.stderr.decode()


def _hand_in(folder: Path) -> None:
    """Leave the reference where a container's root can read it even without rights over files."""
    script = folder / "submission.py"
    script.write_bytes(REFERENCE.read_bytes())
    script.chmod(0o644)
    folder.chmod(0o755)


def test_learner_hands_in_a_file_on_standard_input() -> None:
    """The first of the two ways in the README."""
    code, _, text = _docker_run("-i", "labcheck", "-", stdin=NO_UPDATE.encode())

    assert code == ExitCode.FAILED
    assert "failed, start here: update" in text


def test_learner_hands_in_a_mounted_file(tmp_path: Path) -> None:
    """The second way; a bare file name means grade."""
    _hand_in(tmp_path)
    code, _, text = _docker_run("-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py")

    assert code == ExitCode.PASSED
    assert "runner sandbox" in text


def test_file_that_is_not_there_shows_both_ways() -> None:
    """The learner forgot to mount the folder."""
    code, _, text = _docker_run("labcheck", "submission.py")

    assert code == ExitCode.USAGE
    assert "docker run --rm -i labcheck - < submission.py" in text
    assert '-v "$PWD:/work:ro"' in text


PROBE = b"""
import os
for name, path in {
    "golden": "/opt/labcheck/lib/verifier/_lab/forward-backward/golden/baseline.json",
    "signatures": "/opt/labcheck/lib/verifier/_lab/forward-backward/golden/mistakes.json",
    "manifest": "/opt/labcheck/lib/verifier/_lab/forward-backward/lab.toml",
    "stamp": "/opt/labcheck/stamp.json",
}.items():
    try:
        open(path).close()
        print(f"{name}= READ")
    except OSError as error:
        print(f"{name}= {type(error).__name__}")
try:
    os.listdir("/opt/labcheck")
    print("folder= READ")
except OSError as error:
    print(f"folder= {type(error).__name__}")
print(f"uid= {os.getuid()}")
"""
SECRETS = ("golden", "signatures", "manifest", "stamp", "folder")
DENIED = dict.fromkeys(SECRETS, "PermissionError")


def _probed(*flags: str) -> tuple[dict[str, Any], dict[str, Any]]:
    _, report, text = _docker_run(
        *flags, "-i", "labcheck", "grade", "--format", "json", "-", stdin=PROBE
    )
    assert report, text
    return {reading["key"]: reading["value"] for reading in report["record"]["readings"]}, report[
        "tier"
    ]


def test_solutions_in_the_image_are_denied_to_a_submission() -> None:
    """By uid and by Landlock."""
    seen, tier = _probed()
    uid = seen.pop("uid")

    assert seen == DENIED
    assert uid != 0
    assert {"container", "uid", "landlock"} <= set(tier["walls"])


def test_solutions_are_denied_under_the_users_own_hardening_and_the_lower_tier_is_named() -> None:
    """``--cap-drop ALL`` takes SETUID away: Landlock alone hides them then."""
    seen, tier = _probed("--network", "none", "--read-only", "--cap-drop", "ALL")

    assert seen == DENIED | {"uid": 0}
    assert "uid" in tier["missing"]
    assert "landlock" in tier["walls"]


FILL = b"""
import os
size = 0
try:
    for number in range(100):
        with open(f"f{number}", "wb") as file:
            size += file.write(bytes(8 << 20))
except OSError:
    pass
print("megabytes=", size >> 20)
print("inodes=", os.statvfs(".").f_files)
"""
IN_MEMORY = ("--tmpfs", "/slot:size=64m,nr_inodes=4096")


def _filled(*flags: str) -> tuple[dict[str, Any], list[str]]:
    words = (*flags, "-i", "labcheck", "grade", "--format", "json", "-")
    _, report, text = _docker_run(*words, stdin=FILL)
    assert report, text
    seen = {reading["key"]: reading["value"] for reading in report["record"]["readings"]}
    return seen, report["tier"]["missing"]


def test_a_slot_is_never_the_hosts_disk() -> None:
    """Shared memory bounds the bytes; that nothing bounds the files is said."""
    seen, missing = _filled()

    assert seen["megabytes"] <= 64
    assert "disk" in missing


def test_a_tmpfs_of_the_users_own_bounds_a_slot() -> None:
    """The README's and the action's own lines bring it."""
    seen, missing = _filled(*IN_MEMORY)

    assert seen["inodes"] == 4096
    assert seen["megabytes"] <= 64
    assert "disk" not in missing


HOG = """
import time
end = time.monotonic() + 4
number = 0
while time.monotonic() < end:
    try:
        with open(f"f{number}", "wb") as file:
            file.write(bytes(8 << 20))
        number += 1
    except OSError:
        time.sleep(0.05)
"""
MODEST = """
import os
with open("mine", "wb") as file:
    file.write(bytes(12 << 20))
print("wrote=", os.path.getsize("mine"))
"""


@pytest.mark.parametrize("flags", [("--read-only",), ("--read-only", "--cap-drop", "ALL")])
def test_a_run_starves_no_other_beside_it(flags: tuple[str, ...], tmp_path: Path) -> None:
    """Two servers share one /dev/shm: their runs take turns there."""
    for number in range(4):
        (tmp_path / f"modest{number}.py").write_text(MODEST, encoding="utf-8")
    (tmp_path / "hog.py").write_text(HOG, encoding="utf-8")
    tmp_path.chmod(0o755)
    _, _, text = _docker_run(
        *(*flags, "-v", f"{tmp_path}:/work:ro", "labcheck", "grade", ".", "--jobs", "2"),
        *("--results", "/dev/shm/results", "--format", "json"),
    )
    reports = [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    assert len(reports) == 5
    assert sum("12582912" in json.dumps(report["record"]) for report in reports) == 4


def test_reference_passes_under_the_users_own_hardening(tmp_path: Path) -> None:
    """Both ways of handing in still work with fewer rights."""
    flags = ("--network", "none", "--read-only", "--cap-drop", "ALL")
    _hand_in(tmp_path)

    assert (
        _docker_run(*flags, "-i", "labcheck", "-", stdin=REFERENCE.read_bytes())[0]
        == ExitCode.PASSED
    )
    assert (
        _docker_run(*flags, "-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py")[0]
        == ExitCode.PASSED
    )


def test_private_file_of_another_user_gets_a_message_under_cap_drop(tmp_path: Path) -> None:
    """Root without DAC_OVERRIDE may not read it."""
    script = tmp_path / "submission.py"
    script.write_bytes(b"print(1)\n")
    script.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(script, 12345)
    tmp_path.chmod(0o755)
    code, _, text = _docker_run(
        "--cap-drop", "ALL", "-v", f"{tmp_path}:/work:ro", "labcheck", "submission.py"
    )

    assert code == ExitCode.NOT_GRADABLE
    assert f"belongs to uid {script.stat().st_uid}" in text


def test_an_author_verifies_in_the_image_with_labs_of_their_own() -> None:
    """Its own have no references, and that is said."""
    mounted = ("-v", f"{LAB_ROOT}:/lab:ro", "labcheck", "verify", "--lab-root", "/lab")
    code, _, text = _docker_run(*mounted)
    assert (code, "passed (100 of 100 points)" in text) == (ExitCode.PASSED, True)

    code, _, text = _docker_run("labcheck", "verify")
    assert (code, "an image for learners has none" in text) == (ExitCode.BAD_DATA, True)


def test_image_holds_no_lesson_with_its_solution() -> None:
    """Neither a reference nor the page that shows it: whoever starts the image can read it all."""
    listing = (
        "from pathlib import Path; "
        "print(*(path for path in Path('/opt/labcheck/lib/verifier/_lab').rglob('*') "
        "if path.suffix in {'.py', '.md'} and 'canary' not in path.parts))"
    )
    code, _, text = _docker_run("--entrypoint", "python3", "labcheck", "-Ic", listing)

    assert (code, text.strip()) == (0, "")


def test_lab_of_the_checkout_is_the_one_in_the_image() -> None:
    """An image built from another tree would judge by other goldens; it has the same revision."""
    _, report, _ = _docker_run(
        "-i", "labcheck", "grade", "--format", "json", "-", stdin=NO_UPDATE.encode()
    )
    assert report["lab_revision"] == lab_revision(load_labs(LAB_ROOT)["forward-backward"])

    _, _, text = _docker_run("labcheck", "golden", "show")
    golden = json.loads(
        load_labs(LAB_ROOT)["forward-backward"].exercise("baseline").golden.read_text()
    )

    assert golden["provenance"]["runtime_image"] in text


def test_image_started_as_another_user_says_how_to_start_it() -> None:
    """Its own code is hidden from all but root."""
    code, _, text = _docker_run("--user", "1234", "-i", "labcheck", "-", stdin=b"print(1)\n")

    assert code == ExitCode.ENVIRONMENT
    assert "starts as root, and drops to another uid for every run\n  → leave --user out" in text


def test_doctor_inside_the_image_looks_for_no_engine() -> None:
    """There is none to find."""
    code, _, text = _docker_run("labcheck", "doctor")

    assert (code, "✗" in text) == (ExitCode.PASSED, False)
