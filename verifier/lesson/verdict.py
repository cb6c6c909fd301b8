"""Each block of a page, run and compared: does the page still tell the truth, and if not, why?"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, assert_never

from verifier.lesson.cache import Cache
from verifier.lesson.chain import gone_on_from
from verifier.lesson.comparison import compared, is_other_digits, unified
from verifier.printable import last_line, printable
from verifier.run.interface import Exited, Killed, Limits, OutputFlood, TimedOut

if TYPE_CHECKING:
    from verifier.lesson.comparison import Comparison
    from verifier.lesson.page import Output, Page, Script
    from verifier.run.interface import Runner, RunResult

Status = Literal[
    "same", "within_tolerance", "differs", "needs_block_above", "needs_package",
    "machine_dependent", "no_output", "skipped",
]  # fmt: skip
UNTRUE: frozenset[Status] = frozenset({"differs", "needs_block_above"})
"""What an author has to mend."""

LIMITS = Limits(
    time_limit_s=30.0,
    memory_limit_bytes=1 << 30,
    stdout_limit_bytes=1 << 20,
    stderr_limit_bytes=1 << 16,
    file_limit_bytes=1 << 24,
)
MAX_SOURCE_BYTES = 1024 * 1024
"""A page whose scripts together are longer is not run: some may have to run together."""

NO_CACHE = Cache(None, where=())
_STALE = "the page is stale: each run prints the same, and it is not this"
_NO_MODULE = re.compile(rb"^ModuleNotFoundError: No module named '(\w{1,80})'", re.MULTILINE)
"""Without a dot: of a part that is missing, the package is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one block."""

    script: Script
    status: Status
    why: str = ""
    """A sentence without a full stop; empty where the status says all."""
    diff: tuple[str, ...] = ()
    printed: str = ""
    """What it prints, where the page's output could be that: as two runs of it agree, unless it is
    what the page shows; empty where there is none."""
    is_cached: bool = False
    """Whether it was not run, for it held not long ago."""
    may_be_setting: bool = False
    """Whether only decimals differ, and nothing says why: another CPU may print the page's."""


def judge(script: Script, page: Page, *, runner: Runner, cache: Cache = NO_CACHE) -> Verdict:
    """Run one script of a page, and compare what it prints.

    Args:
        script: Of the page.
        page: Whose other scripts may have to run before it.
        runner: Where it runs.
        cache: What held of late, and is not run; what holds now is noted there.
    Raises:
        EnvironmentFailure: The machine is at fault.
    """
    if script.skipped:
        return Verdict(script=script, status="skipped", why=script.skipped)
    if script.output is None:
        return Verdict(script=script, status="no_output")
    if script.needs:
        why = f"its mark says that it needs {printable(script.needs, limit=80)}"
        return Verdict(script=script, status="needs_package", why=why)
    if page.source_bytes > MAX_SOURCE_BYTES:
        why = f"the scripts of the page are longer than {MAX_SOURCE_BYTES} bytes together"
        return Verdict(script=script, status="skipped", why=why)
    return _Judge(script, script.output, page, runner, cache).verdict()


def judge_under(verdict: Verdict, page: Page, *, runner: Runner, setting: str) -> Verdict:
    """Look whether another setting of the CPU prints what the page shows.

    Args:
        verdict: That a block differs.
        page: On which it stands.
        runner: Under that setting.
        setting: Its name.
    """
    if verdict.script.output is None:
        return verdict
    if not _Judge(verdict.script, verdict.script.output, page, runner, NO_CACHE).is_same():
        return verdict
    why = f"with {setting} it prints just this: its digits depend on the machine; show fewer"
    return replace(verdict, why=why, may_be_setting=False)


class _Judge:
    def __init__(
        self, script: Script, output: Output, page: Page, runner: Runner, cache: Cache
    ) -> None:
        self._script = script
        self._output = output
        self._runner = runner
        self._cache = cache
        self._above = page.scripts[: script.index - 1]

    def is_same(self) -> bool:
        """Run it as the page has it, and tell whether it prints what is shown."""
        result, printed = self._once()
        return not _crashed(result) and self._compared(printed).likeness == "same"

    def verdict(self) -> Verdict:
        before = self._chain() if self._script.continues else ""
        key = self._cache.key(
            source=self._followed(before) if self._script.continues else self._script.text,
            shown=self._output.text,
            ignore=self._script.ignore,
        )
        if not self._script.is_example and self._cache.has(key):
            printed = self._output.text
            return Verdict(script=self._script, status="same", printed=printed, is_cached=True)
        result, printed = self._once()
        missing = _NO_MODULE.search(result.stderr) if _crashed(result) else None
        if missing:
            why = f"{missing[1].decode()} is not installed"
            return self._verdict("needs_package", why=why)
        if self._script.is_example:
            return self._verdict("machine_dependent", why="the page calls it an example")
        found = self._compared(printed)
        if not _crashed(result) and found.likeness != "differs":
            if found.likeness == "same":
                self._cache.keep(key)
            is_settled = found.likeness == "same" or self._is_printed_again(printed)
            return replace(
                self._verdict(found.likeness, why=found.detail),
                diff=() if found.likeness == "same" else self._diff(printed),
                printed=printed if is_settled else "",
            )
        return self._explained(result, printed)

    def _explained(self, result: RunResult, printed: str) -> Verdict:
        if not self._script.continues and self._above and self._is_by_block_above():
            return self._verdict(
                "needs_block_above",
                why="alone it does not print this; after the blocks above it does: say so on the "
                "page, or mark it `labcheck: continues`",
            )
        trouble, settled = _trouble(result), ""
        if not trouble and not self._is_printed_again(printed):
            trouble = "two runs of it print differently: a value in it is not deterministic"
        elif not trouble:
            trouble, settled = self._cause(), printed
        return Verdict(
            script=self._script,
            status="differs",
            why=trouble,
            diff=self._diff(printed),
            printed=settled,
            may_be_setting=trouble == _STALE and is_other_digits(self._output.text, printed),
        )

    def _diff(self, printed: str) -> tuple[str, ...]:
        return unified(self._output.text, printed, first_line=self._output.text_line)

    def _is_by_block_above(self) -> bool:
        result, after = self._after("\n".join(each.text for each in self._above))
        if _crashed(result):
            result, after = self._after(self._above[-1].text)
        whole = _text(result.stdout).replace(_divider(self._script) + "\n", "")
        return not _crashed(result) and any(
            self._compared(each).likeness != "differs" for each in (after, whole)
        )

    def _is_printed_again(self, printed: str) -> bool:
        result, again = self._once()
        likeness = compared(printed, again, ignore=self._script.ignore).likeness
        return not _crashed(result) and likeness == "same"

    def _once(self) -> tuple[RunResult, str]:
        """Run the script; give what it printed itself, too."""
        if self._script.continues:
            return self._after(self._chain())
        result = self._run(self._script.text)
        return result, _text(result.stdout)

    def _cause(self) -> str:
        """Say why each run prints other text, as far as more runs tell."""
        chain = self._chain() + "\n" if self._script.continues else ""
        twice, after = self._after(chain + self._script.text)
        if not _crashed(twice) and self._compared(after).likeness != "differs":
            return "this is what it prints when it is run twice: a state was left from a first run"
        return _STALE

    def _chain(self) -> str:
        """Give the sources of the blocks that this one goes on from."""
        return "\n".join(each.text for each in gone_on_from(self._script, self._above))

    def _after(self, before: str) -> tuple[RunResult, str]:
        """Run the script after others in one process; give what it printed itself, too."""
        result = self._run(self._followed(before))
        return result, _text(result.stdout).rpartition(_divider(self._script) + "\n")[2]

    def _followed(self, before: str) -> str:
        divider = _divider(self._script)
        return f"{before}\nprint({divider!r}, flush=True)\n{self._script.text}"

    def _run(self, source: str) -> RunResult:
        return self._runner.run(source.encode("utf-8", "replace"), limits=LIMITS)

    def _compared(self, printed: str) -> Comparison:
        return compared(self._output.text, printed, ignore=self._script.ignore)

    def _verdict(self, status: Status, *, why: str) -> Verdict:
        return Verdict(script=self._script, status=status, why=why)


def _divider(script: Script) -> str:
    return "labcheck " + hashlib.sha256(script.text.encode("utf-8", "replace")).hexdigest()


def _text(stdout: bytes) -> str:
    return stdout.decode("utf-8", "replace")


def _crashed(result: RunResult) -> bool:
    return result.outcome != Exited(code=0)


def _trouble(result: RunResult) -> str:
    match result.outcome:
        case Exited(code=0):
            return ""
        case Exited(code=code):
            said = last_line(_text(result.stderr), limit=200)
            return f"it ends with status {code}: {said}" if said else f"it ends with status {code}"
        case Killed(signal=signal):
            return f"it was ended by signal {signal}"
        case TimedOut():
            return f"it was still running after {LIMITS.time_limit_s:g} s"
        case OutputFlood():
            return f"it prints more than {LIMITS.stdout_limit_bytes} bytes"
        case _:
            assert_never(result.outcome)
