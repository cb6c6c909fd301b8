"""A drift in words: as text for a terminal, as Markdown for a job's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.drift.drift import Status, worst
from verifier.output.value import numbers_in, printed_decimals, value_of
from verifier.printable import counted, printable
from verifier.report.markdown import cells, escaped, table, within_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.drift.drift import Drift, ReadingDrift, ScriptDrift
    from verifier.drift.observation import Observation

_HEADLINES = {
    Status.IDENTICAL: "nothing changed: every value prints the same",
    Status.BITS_DIFFER: "bits changed, but no reader would see it",
    Status.PRINTED_DIFFERS: "published numbers changed, within the labs' tolerance",
    Status.BEYOND_TOLERANCE: "published numbers changed beyond tolerance",
}
_SAME_BITS = "nothing changed: every value has the same bits"
_MAX_VALUES = 3
"""So many values of a script are shown, the worst first."""
_VALUE_CHARACTERS = 40
_NAME_CHARACTERS = 60
_MAX_ULPS = 100_000
"""Values further apart are no rounding of one another, and the number says nothing."""


def headline(drift: Drift) -> str:
    """Say in one line what came out, drift or not."""
    return f"{_versions(drift)}: {'; '.join(_said(drift)) or 'no script was run in both'}"


def _said(drift: Drift) -> Iterator[str]:
    ran = [script for script in drift.scripts if script.failure is None]
    failed = len(drift.scripts) - len(ran)
    if failed:
        yield counted(failed, "script does not run to its end", "scripts do not run to their end")
    if ran:
        status = worst(script.status for script in ran)
        known = status is Status.IDENTICAL and not _unknown_bits(drift)
        yield ("otherwise " if failed else "") + (_SAME_BITS if known else _HEADLINES[status])
    noisy = sum(script.noisy for script in ran)
    if noisy:
        yield counted(noisy, "script is not deterministic", "scripts are not deterministic")
    stale = sum(script.stale for script in ran)
    if stale:
        yield counted(stale, "golden record is stale", "golden records are stale")


def _unknown_bits(drift: Drift) -> int:
    """Count values of which both sides print the same decimals, and one does not tell the bits."""
    return sum(
        reading.status is Status.IDENTICAL
        and reading.baseline is not None
        and reading.candidate is not None
        and None in (reading.baseline.exact, reading.candidate.exact)
        and any(map(printed_decimals, numbers_in(value_of(reading.baseline.text))))
        for script in drift.scripts
        for reading in script.readings
    )


def drift_text(drift: Drift) -> str:
    """Write it for a terminal."""
    lines = [headline(drift), ""]
    lines += [f"  baseline   {_place(drift.baseline)}", f"  candidate  {_place(drift.candidate)}"]
    lines += [f"  differs    {change}" for change in drift.changes]
    for status in reversed(Status):
        lines += _group(drift, status)
    for title, sentences in remarks(drift):
        lines += ["", f"{title.lower()}:", *(f"  - {each}" for each in sentences)]
    return "\n".join(lines) + "\n"


def drift_markdown(drift: Drift) -> str:
    """Write it for a pull request or a job's summary; nothing in it is taken for markup."""
    sides = (("baseline", drift.baseline), ("candidate", drift.candidate))
    lines = [f"## {escaped(headline(drift))}", ""]
    lines += table(("", "torch", "CPU", "threads", "where"), (_side(*side) for side in sides))
    moved = [script for script in drift.scripts if script.moved]
    if moved:
        worst_first = sorted(moved, key=lambda each: -each.status.rank)
        lines += ["", *table(("script", "status", "values", "worst"), map(_row, worst_first))]
    lines += [
        "",
        f"{len(drift.scripts) - len(moved)} of {counted(len(drift.scripts), 'script')} identical.",
    ]
    for title, sentences in remarks(drift):
        lines += ["", f"**{title}**", "", *(f"- {escaped(each)}" for each in sentences)]
    return within_summary("\n".join(lines) + "\n")


def _side(name: str, side: Observation) -> str:
    where = side.environment
    return cells(name, *map(_known, (where.torch, where.cpu_capability, where.threads)), side.name)


def _row(script: ScriptDrift) -> str:
    return cells(script.name, script.status.value, moved_values(script), worst_value(script))


def _versions(drift: Drift) -> str:
    before, after = drift.baseline.environment.torch, drift.candidate.environment.torch
    if before == after:
        return f"torch {_known(before)} under another environment"
    return f"torch {_known(before)} → {_known(after)}"


def _known(value: str | int | None) -> str:
    return "unknown" if value is None else printable(str(value), limit=_NAME_CHARACTERS)


def _place(observation: Observation) -> str:
    where = observation.environment
    threads = "1 thread" if where.threads == 1 else f"{_known(where.threads)} threads"
    shown = printable(observation.name)
    return f"torch {_known(where.torch)}, CPU {_known(where.cpu_capability)}, {threads}  ({shown})"


def _group(drift: Drift, status: Status) -> Iterator[str]:
    found = [script for script in drift.scripts if script.status is status]
    if not found:
        return
    yield ""
    if status is Status.IDENTICAL:
        yield f"{status.value}: {len(found)} of {counted(len(drift.scripts), 'script')}"
        return
    yield f"{status.value}:"
    for script in found:
        yield f"  {script.name}: {moved_values(script)}"
        for reading in _worst_readings(script)[:_MAX_VALUES]:
            yield f"    {_moved(reading)}"


def moved_values(script: ScriptDrift) -> str:
    """Say how many of a script's values moved, or why it cannot be compared."""
    if script.failure is not None:
        return printable(script.failure)
    return f"{len(script.moved_readings)} of {counted(len(script.readings), 'value')}"


def _worst_readings(script: ScriptDrift) -> list[ReadingDrift]:
    return sorted(script.moved_readings, key=lambda each: (-each.status.rank, -(each.ulps or 0)))


def worst_value(script: ScriptDrift) -> str:
    """Say what became of the value that moved most; nothing where none did."""
    found = _worst_readings(script)
    return _moved(found[0]) if found else ""


def _moved(reading: ReadingDrift) -> str:
    before, after = reading.baseline, reading.candidate
    known = reading.ulps is not None and reading.ulps <= _MAX_ULPS
    ulps = f", {reading.ulps} ULP" if known else ""
    if before is None or after is None:
        return f"{reading.name}: printed in one of the two only"
    if before.text == after.text:
        return f"{reading.name}: {_short(before.text)} in both{ulps}"
    moved = "" if reading.difference is None else f", by {reading.difference}"
    allowed = "" if reading.allowed is None else f" (allowed {reading.allowed})"
    return f"{reading.name}: {_short(before.text)} → {_short(after.text)}{moved}{allowed}{ulps}"


def _short(text: str) -> str:
    return printable(text, limit=_VALUE_CHARACTERS)


def remarks(drift: Drift) -> list[tuple[str, Sequence[str]]]:
    """Give what there is to say besides the values, by title; of nothing there is no title."""
    said = (("Why", drift.causes), ("Not drift", troubles(drift)), ("Also", extras(drift)))
    return [(title, sentences) for title, sentences in said if sentences]


def troubles(drift: Drift) -> list[str]:
    """Say what is wrong with the labs themselves, with any torch."""
    return [trouble for script in drift.scripts for trouble in troubles_of(script)]


def troubles_of(script: ScriptDrift) -> Iterator[str]:
    """Say what is wrong with one script: it is not deterministic, or its golden record is stale."""
    noisy = [each for each in script.readings if each.noisy]
    if noisy:
        names = _names([each.name for each in noisy])
        differ = "differs" if len(noisy) == 1 else "differ"
        yield (
            f"{script.name} is not deterministic: {names} {differ} between two runs in the same "
            f"environment ({script.noise.value}); seed all that it draws"
        )
    if script.stale:
        old = next(each for each in script.readings if each.stale)
        now = "nothing" if old.baseline is None else _short(old.baseline.text)
        yield (
            f"{script.name} has a stale golden record: {old.name} is {_short(old.golden or '')}"
            f" there, and {now} from the torch that it names; "
            "run `labcheck golden diff`"
        )


def extras(drift: Drift) -> list[str]:
    """Say what else changed (time, memory, warnings), and which values could not be compared."""
    ratios = [f"start {drift.start_ratio:.2f}"] if drift.start_ratio else []
    for name, values in (
        ("run time", [each.run_time_ratio for each in drift.scripts]),
        ("peak memory", [each.peak_memory_ratio for each in drift.scripts]),
    ):
        known = sorted(value for value in values if value is not None)
        if known:
            ratios.append(f"{name} {known[len(known) // 2]:.2f} (at most {known[-1]:.2f})")
    found = [f"candidate / baseline: {', '.join(ratios)}"] if ratios else []
    counts: dict[str, int] = {}
    for script in drift.scripts:
        for category, more in script.new_warnings.items():
            counts[category] = counts.get(category, 0) + more
    if counts:
        listed = ", ".join(f"{category} ({more})" for category, more in sorted(counts.items()))
        found.append(f"new warnings: {listed}")
    unknown = _unknown_bits(drift)
    if unknown:
        number = counted(unknown, "value", "values")
        found.append(f"of {number} only the printed text is known, not the bits")
    left_out = _left_out(drift)
    if left_out:
        found.append(f"not compared, for one of the two did not run it: {_names(left_out)}")
    return found


def _left_out(drift: Drift) -> list[str]:
    before, after = (
        [printable(f"{script.lab}/{script.exercise}") for script in side.scripts]
        for side in (drift.baseline, drift.candidate)
    )
    return [
        *(name for name in before if name not in after),
        *(name for name in after if name not in before),
    ]


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MAX_VALUES
    return ", ".join(names[:_MAX_VALUES]) + (f" and {more} more" if more > 0 else "")
