"""A hostile case: a folder with an attack, what must become of it, and its positive controls.

``case.toml`` is read strictly: a key that is not known, or a control that shows nothing, is
an error, for a case that is not read checks nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from tests.fakes import LIMITS, PUBLISHED
from verifier.run.interface import WALLS, Exited, Killed, OutputFlood, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.run.interface import Limits, Outcome

ROOT = Path(__file__).resolve().parent
FAMILIES = ("resources", "persistence", "secrets", "verdict", "network", "system", "across")
"""One folder each, in the order of the list of cases."""

RULES = ("grader", "submission", "printable", "server", "engine", "kernel", "secrecy", "fork")
"""What may stop an attack beside the walls.

``grader`` judges, ``submission`` refuses a file unread, ``printable`` shows text, ``server``
ends and cleans a run, ``engine`` and ``kernel`` refuse by themselves, ``secrecy`` means that
what is looked for is not there, ``fork`` that every run is a process of its own.
"""

How = Literal["without", "bare", "driver", "twin", "joined", "arrives"]
_PRELUDE = (ROOT / "prelude.py").read_text(encoding="utf-8")
_SCAN = (ROOT / "scan.py").read_text(encoding="utf-8")
_HALVES = "HALVES = []\n"
_LIMITS = tuple(LIMITS.__slots__)
_OUTCOMES = ("not_run", "server_died", "silent")
_VERDICTS = ("passed", "failed", "not_gradable")


class CaseError(ValueError):
    """A ``case.toml`` that does not say what it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be seen of one run."""

    outcome: str | None = None
    """As `name_of` names it; ``not_run``, ``server_died``, or ``silent``: no answer in time."""
    verdict: str | None = None
    start_here: str | None = None
    """The stage that the report names first."""
    stdout: tuple[str, ...] = ()
    """Each must occur."""
    not_stdout: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    not_stderr: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    """Each must occur in the report as text."""
    not_report: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """Kinds that the report must hold."""
    at_least: Mapping[str, int]
    """Numbers that the script prints as ``name= number``, with their least value."""
    attempts: Mapping[str, tuple[str, ...]]
    """What became of every attempt it made: one of these errnos, ``worked``, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The same script where something does not stand in its way: there the attack works."""

    how: How
    """``without`` walls in the server, ``bare`` of any server, in a ``driver`` process that
    holds a secret, as a harmless ``twin``, ``joined`` in one process with the probe, or the
    attacking bytes ``arrive``."""
    shows: str
    """What of it shows that the attack is real, in words."""
    without: tuple[str, ...] = ()
    """Walls that are left down."""
    host: Mapping[str, Any]
    """The engine's HostConfig, where it differs from production's."""
    neighbour: bool = False
    """With a network, and another container that listens in it."""
    wears_out: bool = False
    """Its leftovers cannot be removed in time: the server runs nothing more, and says why."""
    silent_for_s: float = 0.0
    """How long to wait for an answer that must not come."""
    within_s: float | None = None
    """How long the run may take, sweep and cleaning included."""
    leaves_process: bool = False
    """After the script's end, something of it runs on."""
    leaves_file: bool = False
    """After the run's end, something of it lies where the next would find it."""
    holds: str = "nothing"
    """The driver's secret: ``nothing``, ``reference``, ``victim``, ``descriptor``, ``pipe``."""
    edits: tuple[tuple[str, str], ...] = ()
    """How the twin differs."""
    arrives: tuple[str, ...] = ()
    """What arrives at the grader."""
    limits: Mapping[str, float]
    expect: Expectation

    @property
    def harms_its_place(self) -> bool:
        """Whether nothing else can run where it ran."""
        return (
            self.leaves_file
            or self.wears_out
            or self.leaves_process
            or self.expect.outcome in ("server_died", "silent")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One attack."""

    id: str
    """``family/name``."""
    title: str
    tries: str
    """What the attacker wants."""
    stopped_by: tuple[str, ...]
    """Walls, or `RULES`."""
    where: Literal["container", "learner_image"]
    """The warm container of many runs, or ``docker run labcheck``."""
    soak: bool
    """Too slow for every run of the suite."""
    prints_golden: bool
    """It prints golden values by itself, as any plagiarist can."""
    source: bytes
    victim: bytes | None
    """Run before it, in the same container: what it should learn nothing of."""
    probe: bytes | None
    """Run after it, in the same container: what it sees of the attack."""
    probe_sees: tuple[str, ...]
    limits: Limits
    wants_halves: bool
    """Whether the harness fills in what to look for, in halves."""
    expect: Expectation
    controls: tuple[Control, ...]

    def source_with(self, halves: Sequence[tuple[bytes, bytes]]) -> bytes:
        """Give the script with what it is to look for, never whole: it would find itself."""
        if not self.wants_halves:
            return self.source
        filled = f"HALVES = {list(halves)!r}\n"
        return self.source.replace(_HALVES.encode(), filled.encode())


def name_of(outcome: Outcome) -> str:
    """Name an outcome as ``case.toml`` does."""
    match outcome:
        case Exited():
            return f"exited {outcome.code}"
        case Killed():
            return f"killed {outcome.signal}"
        case TimedOut():
            return "timed_out"
        case OutputFlood():
            return f"output_flood {outcome.stream}"


def load_cases() -> tuple[Case, ...]:
    """Read every case, in the order of the families.

    Raises:
        CaseError: A folder is no case.
    """
    return tuple(
        load_case(folder)
        for family in FAMILIES
        for folder in sorted((ROOT / family).iterdir())
        if folder.is_dir() and folder.name != "__pycache__"
    )


def load_case(folder: Path) -> Case:
    """Read one case.

    Raises:
        CaseError: It is not as the README says.
    """
    name = f"{folder.parent.name}/{folder.name}"
    try:
        table = _Table(
            tomllib.loads((folder / "case.toml").read_text(encoding="utf-8")), place=name
        )
        text = (folder / "submission.py").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CaseError(f"{name}: {error}") from error
    stopped_by = table.strings("stopped_by")
    if not stopped_by or not set(stopped_by) <= {*WALLS, *RULES}:
        raise CaseError(f"{name}: stopped_by must name walls or rules: {stopped_by}")
    source = _source(text, table.table("source"))
    case = Case(
        id=name,
        title=table.text("title"),
        tries=table.text("tries"),
        stopped_by=stopped_by,
        where=table.choice("where", ("container", "learner_image"), default="container"),
        soak=table.flag("soak"),
        prints_golden=table.flag("prints_golden"),
        source=source,
        victim=_beside(folder, "victim.py"),
        probe=_beside(folder, "probe.py"),
        probe_sees=table.strings("probe_sees"),
        limits=limits_of(LIMITS, table.mapping("limits")),
        wants_halves=_HALVES.encode() in source,
        expect=_expectation(table.table("expect")),
        controls=tuple(_control(each) for each in table.tables("control")),
    )
    table.close()
    if case.expect.outcome is None or case.expect.verdict is None:
        raise CaseError(f"{name}: the outcome and the verdict must be said")
    if not case.controls:
        raise CaseError(f"{name}: without a control it may pass for the wrong reason")
    return case


def limits_of(limits: Limits, changes: Mapping[str, Any]) -> Limits:
    """Give limits with some of them changed."""
    return replace(limits, **changes)


class _Table:
    """A TOML table of which every key must be asked for."""

    def __init__(self, content: dict[str, Any], *, place: str) -> None:
        self._left = dict(content)
        self.place = place

    def text(self, key: str, *, default: str | None = None) -> str:
        found = self._take(key, default)
        if not isinstance(found, str):
            raise CaseError(f"{self.place}: {key} must be a string")
        return found

    def choice(self, key: str, names: tuple[str, ...], *, default: str | None = None) -> Any:  # noqa: ANN401 - one of the names
        found = self._take(key, default)
        if found is not None and found not in names:
            raise CaseError(f"{self.place}: {key} must be one of {', '.join(names)}")
        return found

    def flag(self, key: str) -> bool:
        found = self._take(key, default=False)
        if not isinstance(found, bool):
            raise CaseError(f"{self.place}: {key} must be true or false")
        return found

    def number(self, key: str) -> float:
        return float(self._take(key, 0.0))

    def strings(self, key: str) -> tuple[str, ...]:
        found = self._take(key, [])
        found = [found] if isinstance(found, str) else found
        if not all(isinstance(each, str) for each in found):
            raise CaseError(f"{self.place}: {key} must be strings")
        return tuple(found)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        return tuple((str(old), str(new)) for old, new in self._take(key, []))

    def mapping(self, key: str) -> dict[str, Any]:
        return dict(self._take(key, {}))

    def table(self, key: str) -> _Table:
        return _Table(self._take(key, {}), place=f"{self.place}: {key}")

    def tables(self, key: str) -> list[_Table]:
        found = self._take(key, [])
        return [
            _Table(each, place=f"{self.place}: {key} {number}")
            for number, each in enumerate(found, 1)
        ]

    def close(self) -> None:
        """See that nothing was left unread."""
        if self._left:
            raise CaseError(f"{self.place}: unknown {', '.join(sorted(self._left))}")

    def _take(self, key: str, default: Any) -> Any:  # noqa: ANN401 - TOML
        return self._left.pop(key, default)


def _beside(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return path.read_bytes() if path.exists() else None


def _source(text: str, table: _Table) -> bytes:
    """Give the bytes to hand in: what a text file in a repository cannot hold is made here."""
    for old, new in table.pairs("edits"):
        if old not in text:
            raise CaseError(f"{table.place}: the script has no {old!r}")
        text = text.replace(old, new)
    if table.flag("scan"):
        text = _SCAN + text
    if table.flag("prelude"):
        text = _PRELUDE + text
    if table.flag("published"):
        text = f'PUBLISHED = """\\\n{PUBLISHED.decode()}"""\n\n{text}'
    source = table.text("prefix", default="").encode() + text.encode()
    size = int(table.number("pad_to_bytes"))
    table.close()
    return source.ljust(size, b"#")


def _expectation(table: _Table) -> Expectation:
    found = Expectation(
        outcome=table.text("outcome", default="") or None,
        verdict=table.choice("verdict", _VERDICTS),
        start_here=table.text("start_here", default="") or None,
        stdout=table.strings("stdout"),
        not_stdout=table.strings("not_stdout"),
        stderr=table.strings("stderr"),
        not_stderr=table.strings("not_stderr"),
        report=table.strings("report"),
        not_report=table.strings("not_report"),
        findings=table.strings("findings"),
        at_least=table.mapping("at_least"),
        attempts={
            name: (result,) if isinstance(result, str) else tuple(result)
            for name, result in table.mapping("attempts").items()
        },
    )
    table.close()
    return found


def _control(table: _Table) -> Control:
    control = Control(
        how=table.choice("how", get_args(How)),
        shows=table.text("shows"),
        without=table.strings("without"),
        host=table.mapping("host"),
        neighbour=table.flag("neighbour"),
        wears_out=table.flag("wears_out"),
        silent_for_s=table.number("silent_for_s"),
        within_s=table.number("within_s") or None,
        leaves_process=table.flag("leaves_process"),
        leaves_file=table.flag("leaves_file"),
        holds=table.text("holds", default="nothing"),
        edits=table.pairs("edits"),
        arrives=table.strings("arrives"),
        limits=table.mapping("limits"),
        expect=_expectation(table.table("expect")),
    )
    table.close()
    if control.how not in get_args(How) or not set(control.without) <= set(WALLS):
        raise CaseError(f"{table.place}: how is missing, or without names no wall")
    if not set(control.limits) <= set(_LIMITS):
        raise CaseError(f"{table.place}: unknown limits")
    return control
