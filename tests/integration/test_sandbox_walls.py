"""What a submission in a sandbox cannot do, with real child processes."""

from __future__ import annotations

import json
import os
import socket
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import system_calls
from tests.fakes import LIMITS
from tests.integration.kernel import DENIES_SIGNALS, DENIES_TCP
from verifier.errors import WallMissingError
from verifier.run.interface import WALLS
from verifier.run.sandbox import SandboxRunner
from verifier.sandbox import variables

if TYPE_CHECKING:
    from verifier.run.local import LocalRunner

pytestmark = pytest.mark.torch

DENIED_LINK = ("PermissionError", "OSError")  # another mount is another errno


def attempt(boxed: SandboxRunner, statement: str) -> str:
    """Run one statement boxed; return the name of what it raised, or ``nothing``."""
    lines = ["try:", f"    {statement}", "except BaseException as error:"]
    lines += ["    print(type(error).__name__)", "else:", "    print('nothing')"]
    return boxed.run("\n".join(lines).encode(), limits=LIMITS).stdout.decode().strip()


def test_hidden_files_cannot_be_read(boxed: SandboxRunner, lab: Path) -> None:
    """Golden values and solutions lie there."""
    golden = f"{lab}/golden/baseline.json"
    linked = f"__import__('os').symlink('{lab}', 'l'); open('l/golden/baseline.json')"

    assert attempt(boxed, f"open('{golden}')") == "PermissionError"
    assert attempt(boxed, f"__import__('os').listdir('{lab}')") == "PermissionError"
    assert attempt(boxed, f"__import__('os').link('{golden}', 'g')") in DENIED_LINK
    assert attempt(boxed, linked) == "PermissionError"


@pytest.mark.parametrize(
    "statement",
    [
        "open('/tmp/labcheck-was-here', 'w')",
        "open('/dev/shm/labcheck-was-here', 'w')",
        "open('/etc/passwd')",
        f"open('/proc/{os.getpid()}/environ')",
        "open(f'/proc/{__import__(\"os\").getppid()}/environ')",
        "open('/proc/1/cmdline')",
        "__import__('os').mkfifo('pipe')",
        "__import__('os').execv('/bin/ls', ['ls'])",
        "__import__('os').setuid(0) or __import__('os').chown('submission.py', 1, 1)",
    ],
)
def test_behind_landlock_the_rest_of_the_machine_is_denied(
    boxed: SandboxRunner, statement: str
) -> None:
    """Its folder is all it has."""
    assert attempt(boxed, statement) == "PermissionError"


def test_a_submission_has_no_say_over_the_server(boxed: SandboxRunner) -> None:
    """Another uid denies it, and so does a newer Landlock; signal 0 only asks."""
    statement = "__import__('os').kill(__import__('os').getppid(), 0)"
    denied = DENIES_SIGNALS or "uid" in boxed.run(b"", limits=LIMITS).tier.walls

    assert attempt(boxed, statement) == ("PermissionError" if denied else "nothing")


def test_a_submission_reaches_no_tcp_port(boxed: SandboxRunner) -> None:
    """An older Landlock cannot deny it: there, being refused shows that it was tried."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        statement = f"__import__('socket').create_connection({unheard.getsockname()!r})"
        name = attempt(boxed, statement)

    assert name == ("PermissionError" if DENIES_TCP else "ConnectionRefusedError")


def test_a_submission_reaches_no_abstract_socket(boxed: SandboxRunner) -> None:
    """They have no path, so no rule about files denies them."""
    name = f"\0labcheck-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        found = attempt(boxed, f"__import__('socket').socket(1).connect({name!r})")

    assert found == ("PermissionError" if DENIES_SIGNALS else "nothing")


def test_a_submission_finds_nothing_of_the_server(boxed: SandboxRunner) -> None:
    """Neither its variables nor a descriptor."""
    source = b"""
import json, os
fds = []
for fd in range(256):
    try:
        os.fstat(fd)
    except OSError:
        continue
    fds.append(fd)
print(json.dumps([fds, sorted(os.environ), os.read(0, 1).decode()]))
"""
    os.environ["LABCHECK_TEST_VARIABLE"] = "x"
    try:
        with SandboxRunner() as fresh:
            result = fresh.run(source, limits=LIMITS)
    finally:
        del os.environ["LABCHECK_TEST_VARIABLE"]
    fds, names, read = json.loads(result.stdout)

    assert (fds, read) == ([0, 1, 2], "")
    assert names == sorted(variables.of_run("/slot"))


def test_the_tier_names_every_wall_once(boxed: SandboxRunner, unboxed: LocalRunner) -> None:
    """A report must not claim a wall that does not stand."""
    for runner in (boxed, unboxed):
        tier = runner.run(b"", limits=LIMITS).tier

        assert sorted(tier.walls + tier.missing) == sorted(WALLS)
        assert "container" in tier.missing
    assert unboxed.run(b"", limits=LIMITS).tier.walls == ("rlimits", "wall_time", "output_caps")


def test_without_another_uid_landlock_hides_the_lab(lab: Path) -> None:
    """The lower tier of `--cap-drop ALL`: it runs and names what is missing."""
    with SandboxRunner(hide=[lab], without=["uid"]) as runner:
        result = runner.run(f"open('{lab}/golden/baseline.json')".encode(), limits=LIMITS)

    assert b"PermissionError" in result.stderr
    assert "uid" in result.tier.missing
    assert "landlock" in result.tier.walls


def test_where_nothing_hides_the_lab_nothing_is_run(lab: Path) -> None:
    """Better no verdict than a solution given away."""
    with pytest.raises(WallMissingError, match=r"baseline\.json"):
        SandboxRunner(hide=[lab], without=["uid", "landlock"]).__enter__()


def test_without_walls_but_nothing_to_hide_it_runs() -> None:
    """A positive control: without the walls, what they deny works."""
    with SandboxRunner(without=["uid", "landlock"]) as runner:
        result = runner.run(b"print(open('/etc/passwd').read(5))", limits=LIMITS)

    assert result.stdout == b"root:\n"


def test_a_hidden_folder_inside_the_packages_is_hidden_and_they_are_not() -> None:
    """An installed labcheck keeps its lab beside torch."""
    secret = Path(sysconfig.get_path("purelib"), "torch", "utils", "benchmark")
    assert secret.is_dir()
    source = f"import torch\nprint('imported')\nopen('{secret}/__init__.py')"
    with SandboxRunner(hide=[secret], without=["uid"]) as runner:
        result = runner.run(source.encode(), limits=LIMITS)

    assert result.stdout == b"imported\n"
    assert b"PermissionError" in result.stderr


@pytest.mark.parametrize("without", [(), ("uid",)])
def test_every_call_that_the_table_refuses_fails_as_it_says(without: tuple[str, ...]) -> None:
    """The numbers of the table are this kernel's; a wrong one would refuse nothing of the kind."""
    with SandboxRunner(without=without) as runner:
        result = runner.run(system_calls.probe(shared_uid="uid" in without), limits=LIMITS)

    assert (result.stdout, result.stderr) == (b"done\n", b"")
    assert "seccomp" in result.tier.walls


def test_a_run_may_signal_and_limit_itself_only(boxed: SandboxRunner) -> None:
    """By pid, as no uid of its own may stand between it and the grader's processes."""
    script = b"""
import os, resource, signal
for action in (
    lambda: os.kill(os.getpid(), 0),
    lambda: resource.prlimit(0, resource.RLIMIT_CORE),
    lambda: os.kill(os.getppid(), 0),
    lambda: os.kill(-1, 0),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
):
    try:
        action()
        print("done")
    except PermissionError:
        print("refused")
"""
    result = boxed.run(script, limits=LIMITS)

    assert result.stdout.split() == [b"done"] * 2 + [b"refused"] * 3


def test_without_its_filter_the_tier_says_so() -> None:
    """The control of the two tests above: a socket can be had."""
    with SandboxRunner(without=["seccomp"]) as runner:
        result = runner.run(b"import socket; socket.socket(); print('had')", limits=LIMITS)

    assert result.stdout == b"had\n"
    assert "seccomp" in result.tier.missing
