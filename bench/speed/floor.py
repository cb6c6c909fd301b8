"""The floor: the warmed fork server with no walls at all, in the same container.

Not run as a file: its text is handed to ``python -I -c`` in a container of the runtime image. It
speaks the sandbox server's protocol, so that the client's part costs the same. A child per source
takes its pipes and becomes the script; nothing confines, ends or cleans up after it. Only
for the submissions of this benchmark.

Given ``hot N``, it runs one source N times in one process, without a fork, and prints the
milliseconds of each: the physical limit.
"""

from __future__ import annotations

import linecache
import os
import sys
import tempfile
import time

from verifier.sandbox import script, variables, wire
from verifier.sandbox.pump import Pump
from verifier.sandbox.warm import description, memory, warmup

_READ_BYTES = 65536
_SCRIPT_PATH = "/slot/submission.py"
_AGAIN = "again"
_NO_LIMIT = 1 << 20  # bytes, and seconds: far beyond what the benchmark prints or takes


def load() -> wire.Frame:
    """Load torch, warm it, and lay its memory out, all as the fork server does."""
    tempfile.tempdir = "/tmp"  # noqa: S108 - named, not used
    memory.pause_collections()
    environment: wire.Frame = description.describe()
    warmup.warm_up()
    linecache.getlines(script.__file__)  # as the fork server: torch reads its callers' lines
    memory.freeze()
    memory.gather()
    return environment


def serve(writer: int) -> bytes | None:
    """Say hello; then fork for one source after another, until the input ends.

    Returns:
        In a child, the source: run further up, for torch notes the stack when it is seeded.
    """
    environment = load()
    hello = {
        "type": "hello",
        "protocol": wire.PROTOCOL,
        "environment": environment,
        "walls": [],
        "missing": [],
    }
    _write(writer, wire.encode(hello))
    buffer = wire.FrameBuffer()
    while True:
        while (frame := buffer.next_frame()) is None:
            data = os.read(0, _READ_BYTES)
            if not data:
                return None
            buffer.feed(data)
        answer = _answer(frame)
        if isinstance(answer, bytes):
            return answer
        _write(writer, wire.encode(answer))


def _answer(frame: wire.Frame) -> wire.Frame | bytes:
    """Fork, and wait for the child's end; in the child, give the source."""
    source = wire.text_to_bytes(frame["source"])
    started_at = time.monotonic()
    stdout, stdout_end = os.pipe()
    stderr, stderr_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(stdout_end, 1)
        os.dup2(stderr_end, 2)
        return source
    os.close(stdout_end)
    os.close(stderr_end)
    pump = Pump(
        stdout=stdout,
        stderr=stderr,
        stdout_limit_bytes=_NO_LIMIT,
        stderr_limit_bytes=_NO_LIMIT,
    )
    process = os.pidfd_open(pid)
    pump.run(process=process, deadline=started_at + _NO_LIMIT)
    pump.close()
    os.close(process)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    ended = {"kind": "exited", "code": code} if code >= 0 else {"kind": "killed", "signal": -code}
    return {
        "type": "result",
        "id": frame["id"],
        "outcome": ended,
        "stdout": wire.bytes_to_text(pump.stdout.kept()),
        "stderr": wire.bytes_to_text(pump.stderr.kept()),
        "trace": "",
        "rerun": None,
        "wall_s": time.monotonic() - started_at,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "walls": [],
        "missing": [],
    }


def _write(writer: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(writer, left) :]


def run_hot(count: int) -> None:
    """Run the source on standard input over and over in this process; print what each took."""
    load()
    source = sys.stdin.buffer.read()
    shown = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    taken_ms = []
    for _ in range(count):
        started_at = time.perf_counter()
        code = compile(source, _SCRIPT_PATH, "exec", dont_inherit=True)
        exec(code, {"__name__": "__main__"})  # noqa: S102 - as a child does, without the fork
        taken_ms.append((time.perf_counter() - started_at) * 1000)
    _write(shown, " ".join(f"{each:.4f}" for each in taken_ms).encode())


def main() -> None:
    """Start again with the fork server's environment, then serve, or run hot."""
    if sys.argv[-1] != _AGAIN:
        # The fork server's variables, which -I would have Python ignore; the allocator reads one.
        kept = [argument for argument in sys.orig_argv[1:] if argument != "-I"]
        command = [sys.executable, *kept, _AGAIN]
        os.execve(sys.executable, command, variables.of_fork_server())  # noqa: S606 - itself
    if sys.argv[1] == "hot":
        run_hot(int(sys.argv[2]))
        return
    writer = os.dup(1)
    os.dup2(2, 1)
    source = serve(writer)
    if source is not None:
        status = 1
        try:
            status = script.run_as_main(source, path=_SCRIPT_PATH)
        finally:
            os._exit(status)


if __name__ == "__main__":
    main()
