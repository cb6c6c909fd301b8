"""The sandbox and local runners, with real child processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, LIMITS
from verifier.errors import EnvironmentFailure, TorchMissingError, WallMissingError, WorkerError
from verifier.run import sandbox
from verifier.run.interface import WALLS, Exited, Killed, OutputFlood, RunResult, TimedOut
from verifier.run.local import LocalRunner
from verifier.run.sandbox import SandboxRunner
from verifier.sandbox import child, landlock, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.limits import Limits

pytestmark = pytest.mark.torch

DEAF = b"""
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(99)
"""
DENIED_LINK = ("PermissionError", "OSError")  # another mount is another errno
SHORT = replace(LIMITS, time_limit_s=1.0)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder that no submission may read."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "golden").mkdir()
    (folder / "golden" / "baseline.json").write_text("golden")
    return folder


@pytest.fixture(scope="module")
def boxed(lab: Path) -> Iterator[SandboxRunner]:
    """Start one server for the whole module: it must outlive all that is run in it."""
    with SandboxRunner(hide=[lab]) as runner:
        yield runner
        assert runner.run(b"print('still here')", limits=LIMITS).stdout == b"still here\n"


@pytest.fixture(scope="module")
def unboxed() -> Iterator[LocalRunner]:
    """Ask once what torch there is."""
    with LocalRunner() as runner:
        yield runner


@pytest.fixture(params=["boxed", "unboxed"])
def runner(request: pytest.FixtureRequest) -> SandboxRunner | LocalRunner:
    """Give each of the two."""
    found: SandboxRunner | LocalRunner = request.getfixturevalue(request.param)
    return found


def slots_left() -> set[Path]:
    """Find folders of runs."""
    places = [Path("/tmp"), Path("/dev/shm"), Path(tempfile.gettempdir())]
    return {path for place in places for path in place.glob("labcheck-*")}


def attempt(boxed: SandboxRunner, statement: str) -> str:
    """Run one statement boxed; return the name of what it raised, or ``nothing``."""
    lines = ["try:", f"    {statement}", "except BaseException as error:"]
    lines += ["    print(type(error).__name__)", "else:", "    print('nothing')"]
    return boxed.run("\n".join(lines).encode(), limits=LIMITS).stdout.decode().strip()


def assert_ends(pid: int) -> None:
    """Wait a moment for a process to be gone."""
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


def test_boxed_output_equals_unboxed_output(
    boxed: SandboxRunner, unboxed: LocalRunner, training: bytes
) -> None:
    """A wall that changes arithmetic would change verdicts."""
    inside, outside = (each.run(training, limits=LIMITS) for each in (boxed, unboxed))

    assert inside.stderr == b""
    assert inside.stdout == outside.stdout
    assert inside.outcome == Exited(code=0)
    assert replace(inside.environment, runner="local") == outside.environment


@pytest.mark.parametrize(
    ("source", "limits", "outcome"),
    [
        (b"", LIMITS, Exited(code=0)),
        (b"raise SystemExit(3)", LIMITS, Exited(code=3)),
        (b"1/0", LIMITS, Exited(code=1)),
        (b"def", LIMITS, Exited(code=1)),
        (b"import time\ntime.sleep(99)", SHORT, TimedOut()),
        (b"while True: pass", SHORT, TimedOut()),
        (DEAF, SHORT, TimedOut()),
        (b"while True: print('x' * 9999)", LIMITS, OutputFlood(stream="stdout")),
        (b"import os\nwhile True: os.write(2, b'x' * 65536)", LIMITS, OutputFlood(stream="stderr")),
        (b"import os\nos.kill(os.getpid(), 11)", LIMITS, Killed(signal=signal.SIGSEGV)),
        (b"open('big', 'wb').write(bytes(1 << 25))", LIMITS, Exited(code=1)),
    ],
)  # fmt: skip
def test_every_ending_is_its_outcome(
    runner: SandboxRunner | LocalRunner, source: bytes, limits: Limits, outcome: object
) -> None:
    """A script's own trouble is a value; no folder of it stays."""
    before = slots_left()
    result = runner.run(source, limits=limits)

    assert result.outcome == outcome
    assert result.wall_s < limits.time_limit_s + 2
    assert slots_left() <= before


def test_output_before_a_time_out_is_kept(runner: SandboxRunner | LocalRunner) -> None:
    """The last line is the best clue to where it hung."""
    result = runner.run(b"print('step 1', 'done')\nwhile True: pass", limits=SHORT)

    assert result.stdout == b"step 1 done\n"


def test_a_flood_keeps_as_much_as_the_limit(runner: SandboxRunner | LocalRunner) -> None:
    """The first bytes are kept, to the byte."""
    result = runner.run(
        b"while True: print('x' * 99)", limits=replace(LIMITS, stdout_limit_bytes=1000)
    )

    assert result.stdout == (b"x" * 99 + b"\n") * 10


def test_output_of_exactly_the_limit_is_no_flood(runner: SandboxRunner | LocalRunner) -> None:
    """The bound is inclusive."""
    result = runner.run(b"print('x' * 99)", limits=replace(LIMITS, stdout_limit_bytes=100))

    assert result.outcome == Exited(code=0)
    assert len(result.stdout) == 100


def test_a_megabyte_of_stderr_blocks_nothing_and_its_end_is_kept(
    runner: SandboxRunner | LocalRunner,
) -> None:
    """Both pipes are drained together; the traceback is at the end."""
    source = b"import sys\nsys.stderr.write('x' * (1 << 20))\nprint('on')\nsys.stderr.write('end')"
    result = runner.run(source, limits=LIMITS)

    assert (result.outcome, result.stdout) == (Exited(code=0), b"on\n")
    assert result.stderr == b"x" * (LIMITS.stderr_limit_bytes - 3) + b"end"


def test_output_that_is_no_utf8_arrives_as_it_is(runner: SandboxRunner | LocalRunner) -> None:
    """Bytes are judged later; here they only travel."""
    result = runner.run(b"import os\nos.write(1, bytes(range(256)))\nprint('\\xe9')", limits=LIMITS)

    assert result.stdout == bytes(range(256)) + "\xe9\n".encode()


def test_a_traceback_names_the_script_and_no_folder(runner: SandboxRunner | LocalRunner) -> None:
    """Whose folder it ran in says nothing to a learner, and changes from run to run."""
    result = runner.run(b"def f(): return {}['w']\nf()", limits=LIMITS)

    assert b'  File "submission.py", line 2, in <module>\n' in result.stderr
    assert b"labcheck-" not in result.stderr


@pytest.mark.parametrize(
    "source",
    [b"x = []\nwhile True: x.append(bytearray(1 << 24))", b"import torch\ntorch.empty(10**12)"],
)
def test_too_much_memory_is_the_scripts_own_error(
    runner: SandboxRunner | LocalRunner, source: bytes
) -> None:
    """The allocation fails, so the learner sees in which line."""
    result = runner.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert result.outcome == Exited(code=1)
    assert b"MemoryError" in result.stderr or b"can't allocate memory" in result.stderr


def test_memory_inside_the_limit_can_be_had(boxed: SandboxRunner) -> None:
    """What importing torch takes is not the script's."""
    source = b"import torch\ntorch.optim.Adam([torch.ones(1 << 25, requires_grad=True)])\nprint(1)"
    result = boxed.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert (result.outcome, result.stdout) == (Exited(code=0), b"1\n")


def test_a_script_can_save_and_load_in_its_folder(boxed: SandboxRunner) -> None:
    """Saving a model is part of lessons; the folder is writable, and empty at the start."""
    source = (
        b"import os, tempfile, torch\nprint(os.listdir())\n"
        b"torch.save(torch.ones(2), 'm.pt')\nprint(torch.load('m.pt').tolist())\n"
        b"os.mkdir('a')\nos.rename('m.pt', 'a/m.pt')\ntempfile.TemporaryFile().close()\n"
    )
    for _ in range(2):
        result = boxed.run(source, limits=LIMITS)

        assert (result.stdout, result.stderr) == (b"['submission.py']\n[1.0, 1.0]\n", b"")


def test_what_a_script_leaves_is_removed_however_deep_or_locked(boxed: SandboxRunner) -> None:
    """Cleaning follows no link and needs neither recursion nor rights on the leftovers."""
    source = b"""
import os
os.mkdir("locked"); open("locked/in", "w").close(); os.chmod("locked", 0)
os.mkdir("ro"); os.mkdir("ro/sub"); open("ro/sub/in", "w").close(); os.chmod("ro", 0o500)
os.symlink("/etc", "etc"); os.symlink("/etc", "ro2"); os.mkdir(".moved-1")
for _ in range(2000):
    os.mkdir("d"); os.chdir("d")
os.chmod("/proc/self/cwd" if False else ".", 0)
print("done")
"""
    before = slots_left()
    result = boxed.run(source, limits=LIMITS)

    assert result.stdout == b"done\n"
    assert slots_left() <= before
    assert Path("/etc/passwd").exists()


def test_a_daemon_that_holds_the_pipes_does_not_outlive_the_run(boxed: SandboxRunner) -> None:
    """The run ends with the script's process; whatever it started ends with it."""
    source = b"""
import os, signal, sys, time
try:
    first = os.fork()
except OSError:
    print(os.getpid()); sys.exit()
if first == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(os.getpid()); time.sleep(99)
    os._exit(0)
time.sleep(0.3)
"""
    result = boxed.run(source, limits=LIMITS)

    assert result.outcome == Exited(code=0)
    assert result.wall_s < 5
    assert_ends(int(result.stdout))


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
        "__import__('os').kill(__import__('os').getppid(), 9)",
        "__import__('os').setuid(0) or __import__('os').chown('submission.py', 1, 1)",
        "__import__('socket').create_connection(('127.0.0.1', 9))",
    ],
)
def test_behind_landlock_the_rest_of_the_machine_is_denied(
    boxed: SandboxRunner, statement: str
) -> None:
    """Its folder is all it has, and it has no say over other processes."""
    assert landlock.abi() >= 6, "this kernel lacks the Landlock this test is about"
    assert attempt(boxed, statement) == "PermissionError"


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
    assert names == sorted(child.environment("/slot"))


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


def test_after_an_interrupt_the_next_run_gets_a_new_server(lab: Path) -> None:
    """Ctrl-C in the middle of a conversation must not make the next answer a stale one."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = slots_left()
    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        with SandboxRunner() as runner:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with pytest.raises(KeyboardInterrupt):
                runner.run(b"while True: pass", limits=LIMITS)
            assert slots_left() <= before
            assert runner.run(b"print(2)", limits=LIMITS).stdout == b"2\n"
    finally:
        signal.signal(signal.SIGALRM, old)


def test_a_killed_client_takes_server_and_script_with_it() -> None:
    """Nobody is left to stop them."""
    before = slots_left()
    client = f"""
import sys; sys.path.insert(0, {str(CHECKOUT)!r})
from tests.fakes import LIMITS
from verifier.run.sandbox import SandboxRunner
with SandboxRunner() as runner:
    print(runner._server._process.pid, flush=True)
    runner.run(b"while True: pass", limits=LIMITS)
"""
    with subprocess.Popen([sys.executable, "-c", client], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        server = int(process.stdout.readline())
        deadline = time.monotonic() + 20
        while slots_left() <= before and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
    assert_ends(server)

    assert slots_left() <= before


def test_the_server_outlives_a_bad_request_and_ends_after_what_is_no_frame() -> None:
    """It says what was wrong; after bytes that are no frame nobody knows where the next begins."""
    with SandboxRunner() as runner:
        server = runner._server
        assert server is not None
        stream = server.conversation._stream
        deadline = time.monotonic() + 20
        stream.write(wire.encode({"type": "run"}), deadline=deadline)
        assert b'"kind":"request"' in stream.read(deadline=deadline)
        stream.write(b"\xff" * 100, deadline=deadline)
        assert b'"kind":"request"' in stream.read(deadline=deadline)

        assert stream.read(deadline=deadline) == b""
        with pytest.raises(WorkerError):
            runner.run(b"", limits=LIMITS)
        assert runner.run(b"print(1)", limits=LIMITS).stdout == b"1\n"


def test_a_server_without_torch_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The remedy is an installation, not another try."""
    (tmp_path / "torch.py").write_text("raise ImportError")
    serve = f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
    monkeypatch.setattr(sandbox, "_SERVE", serve + sandbox._SERVE.replace("insert(0,", "append("))

    with pytest.raises(TorchMissingError):
        SandboxRunner().__enter__()


def test_a_server_that_dies_at_once_is_a_worker_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are shown."""
    monkeypatch.setattr(sandbox, "_SERVE", "raise SystemExit('no such luck')")

    with pytest.raises(WorkerError, match="no such luck"):
        SandboxRunner().__enter__()


def test_an_interpreter_that_does_not_start_is_a_worker_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both runners that start one."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")

    with pytest.raises(WorkerError):
        SandboxRunner().__enter__()
    with pytest.raises(WorkerError):
        LocalRunner().__enter__()


def test_the_stamp_names_image_and_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image cannot know its own id, so the build leaves the runtime's in it."""
    stamp = tmp_path / "stamp.json"
    stamp.write_text('{"runtime_image": "sha256:1", "pins_sha256": "2"}')
    monkeypatch.setenv(sandbox.STAMP_VARIABLE, str(stamp))
    with SandboxRunner() as runner:
        result: RunResult = runner.run(b"", limits=LIMITS)

    assert (result.environment.image, result.environment.pins_sha256) == ("sha256:1", "2")
    assert "container" in result.tier.walls


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runtime_image": 1, "pins_sha256": "2"}'])
def test_a_stamp_that_cannot_be_read_is_an_environment_failure(tmp_path: Path, text: str) -> None:
    """A wrong provenance is worse than none."""
    stamp = tmp_path / "stamp.json"
    stamp.write_text(text)

    with pytest.raises(EnvironmentFailure, match="stamp"):
        SandboxRunner(stamp=stamp).__enter__()
