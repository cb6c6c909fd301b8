"""Write the figures of ``bench/results.json`` and its like into a file, between two comments.

Usage: ``python bench/table.py bench/README.md``; with ``--check`` nothing is written, and the exit
code is 1 where the text differs from the figures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import document

ROOT = Path(__file__).resolve().parent.parent
BEGIN = (
    "<!-- figures: written by `python bench/table.py bench/README.md`, from bench/results.json -->"
)
END = "<!-- end of figures -->"

_RATIOS = {
    "runs_vs_python": "walled runs, 2 jobs: times the throughput of `python submission.py`",
    "throughput_vs_python": (
        "complete grading, 2 jobs: times the throughput of `python submission.py`"
    ),
    "walls_vs_no_walls": "a walled run: times the time of one without walls",
    "cold_run_vs_python": (
        "`docker run labcheck FILE`: times the time of `python3 FILE` in the same image"
    ),
    "cpu_ms_per_clean_submission": "CPU of one clean walled run, ms",
    "right_stage": "held-out scripts that are sent to the right stage",
    "right_diagnosis": "held-out scripts that are told the right diagnosis first",
    "mistakes_right": "the lab's own mistakes that are",
    "styles_diagnosed": "right scripts that are told something",
    "diagnosis_cpu_ms": "CPU of one diagnosis, 95th percentile, ms",
    "diagnosis_wall_ms": "wall time of one diagnosis, 95th percentile, ms",
    "held_out_scripts": "held-out scripts",
    "held_out_diagnoses": "diagnoses among them",
}


_SHARES = frozenset({"right_stage", "right_diagnosis", "mistakes_right"})
"""Figures that are shown in percent."""
_GROUPS = ("stage", "exercise")


class NoMarkersError(Exception):
    """The file does not say where the figures belong."""


def main() -> int:
    """Write or compare; 1 where they differ, 2 where there is no place for them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="the Markdown file with the two comments")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results.json")
    parser.add_argument("--peers", type=Path, default=ROOT / "bench" / "peers" / "results.json")
    parser.add_argument(
        "--diagnosis", type=Path, default=ROOT / "bench" / "diagnosis" / "results.json"
    )
    arguments = parser.parse_args()
    figures = figures_text(
        document.read(arguments.results),
        peers=document.read(arguments.peers),
        diagnosis=document.read(arguments.diagnosis, schema="bench-diagnosis"),
    )
    before = arguments.file.read_text(encoding="utf-8")
    try:
        after = with_figures(before, figures)
    except NoMarkersError as error:
        print(f"{arguments.file}: {error}", file=sys.stderr)
        return 2
    if before == after:
        return 0
    if arguments.check:
        print(
            f"{arguments.file}: its figures are not those of {arguments.results.name}; "
            f"run `python bench/table.py {arguments.file}`",
            file=sys.stderr,
        )
        return 1
    arguments.file.write_text(after, encoding="utf-8")
    return 0


def with_figures(text: str, figures: str) -> str:
    """Replace what stands between the two comments.

    Raises:
        NoMarkersError: They are not there once each, in this order.
    """
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in between + after or END in before + after:
        raise NoMarkersError(f"it needs these two lines, once each:\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n{figures}\n{END}{after}"


def figures_text(
    results: dict[str, Any], *, peers: dict[str, Any], diagnosis: dict[str, Any]
) -> str:
    """Write all there is to say, as Markdown; benchmarks that were not run are left out."""
    parts = []
    if "rows" in results:
        parts += [_where(results), _rows(results["rows"]), _bounds(results["bounds"])]
        parts.append(_notes(results))
    if "peers" in peers:
        parts.append(_peers(peers))
    if "stdout" in results:
        parts.append(_stdout(results["stdout"]))
    if "held_out" in diagnosis:
        parts.append(_diagnosis(diagnosis))
    return "\n\n".join(parts) + "\n"


def _where(results: dict[str, Any]) -> str:
    machine = results["machine"]
    return (
        f"`make bench` on {results['date']}: {machine['cores']} cores ({machine['cpu']}), "
        f"{machine['memory_mb'] / 1000:.0f} GB, Linux {machine['kernel']}, "
        f"Docker {machine['engine']}, Python {machine['python']}, torch {machine['torch']}. "
        f"{results['rows']['walled_1']['submissions']} clean submissions; "
        f"{results['rows']['python']['submissions']} of them for the slow ways."
    )


def _rows(rows: dict[str, Any]) -> str:
    lines = [
        "| one submission | per second | p50 ms | p95 ms | CPU ms | of it the script | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows.values():
        cells = [
            row[key]
            for key in (
                "per_second",
                "wall_ms_p50",
                "wall_ms_p95",
                "cpu_ms",
                "child_cpu_ms",
                "peak_memory_mb",
            )
        ]
        lines.append(f"| {row['title']} | {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def _bounds(bounds: list[dict[str, Any]]) -> str:
    lines = ["| figure | measured | bound | |", "|---|---|---|---|"]
    for bound in bounds:
        show = _percent if bound["name"] in _SHARES else _cell
        limit = bound["least"] if bound["least"] is not None else bound["most"]
        sign = "≥" if bound["least"] is not None else "≤"
        words = _RATIOS.get(bound["name"], bound["name"])
        verdict = "holds" if bound["holds"] else "**broken**"
        bounded = f"{limit:.0%}" if bound["name"] in _SHARES else f"{limit:g}"
        lines.append(f"| {words} | {show(bound['measured'])} | {sign} {bounded} | {verdict} |")
    return "\n".join(lines)


def _notes(results: dict[str, Any]) -> str:
    moonshot = results["moonshot"]
    goal = "reached" if moonshot["reached"] else "not reached"
    text = (
        f"The aim beyond the bounds, {moonshot['target_cpu_ms']:g} ms of CPU a run, is {goal}: "
        f"{_cell(moonshot['cpu_ms'])} ms. CPU counts all that a run costs in its container "
        f"({results['cpu_source']})."
    )
    grading = results["grading"]
    if grading is not None:
        text += (
            f" Grading a folder has its first result after {grading['first_result_s']:.1f} s; "
            f"from then on {grading['steady_per_second']:.0f} a second."
        )
    return text


def _peers(peers: dict[str, Any]) -> str:
    count = peers["peers"][0]["submissions"]
    lines = [
        f"`make bench-peers` on {peers['date']}, each on the same {count} submissions:",
        "",
        "| tool | wall s | CPU s | agrees | to a script without `optimizer.step()` it says |",
        "|---|---|---|---|---|",
    ]
    for peer in peers["peers"]:
        says = next(iter(peer["says_to_wrong"]), {"says": "-"})["says"].replace("|", "\\|")
        lines.append(
            f"| {peer['name']} {peer['version']} | {peer['wall_s_p50']:.1f} "
            f"| {peer['cpu_s_p50']:.1f} | {peer['agrees']} of {peer['submissions']} | {says} |"
        )
    return "\n".join(lines)


def _stdout(stdout: dict[str, Any]) -> str:
    limits = stdout["limits"]
    slowest_s = max(each["seconds"][-1] for each in stdout["hostile"])
    steepest = max(each["exponent"] or 0.0 for each in stdout["hostile"])
    return (
        f"Reading output: 100 kB of normal output takes {stdout['normal_s'] * 1000:.0f} ms (bound "
        f"{limits['normal_s'] * 1000:.0f} ms); of {len(stdout['hostile'])} kinds of hostile "
        f"output, 1 MB takes {slowest_s * 1000:.0f} ms at most (bound "
        f"{limits['hostile_s'] * 1000:.0f} ms), and time grows with size to the power of "
        f"{steepest:.2f} at most (bound {limits['exponent']:g})."
    )


def _diagnosis(figures: dict[str, Any]) -> str:
    held_out, mistakes, cost = figures["held_out"], figures["mistakes"], figures["cost"]
    styles = figures["styles"]
    what = (
        f"`make bench-diagnosis` on {figures['date']}, in runner {figures['runner']}: "
        f"{held_out['scripts']} wrong scripts that were composed of mistakes and styles, "
        f"{len(held_out['by_diagnosis'])} diagnoses; "
        f"{held_out['left_out'].get('passed', 0)} more turned out to be right."
    )
    rows = [_shares(row[key], row) for key in _GROUPS for row in held_out[f"by_{key}"]]
    right = (
        f"Of {styles['scripts']} right scripts, {len(styles['diagnosed'])} were told something. "
        f"A failed submission pays {_spread(cost['diagnosis_cpu_ms'])} of CPU for its diagnosis, "
        f"and waits {_spread(cost['diagnosis_wall_ms'])} for it; "
        f"its first run takes {_spread(cost['first_run_ms'])}."
    )
    return "\n".join(
        [
            what,
            "",
            "| the mistake is in | scripts | right stage | right diagnosis first | told nothing |",
            "|---|---|---|---|---|",
            *rows,
            _shares("**all held-out scripts**", held_out),
            _shares("**the lab's own mistakes**", mistakes),
            "",
            right,
            "",
            _bounds(figures["bounds"]),
        ]
    )


def _shares(name: str, row: dict[str, Any]) -> str:
    shares = f"{_percent(row['stage_share'])} | {_percent(row['share'])}"
    return f"| {name} | {row['scripts']} | {shares} | {row['silent']} |"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _spread(spread: dict[str, float]) -> str:
    return (
        f"{_cell(spread['p50'])} ms (95th percentile {_cell(spread['p95'])}, "
        f"at most {_cell(spread['max'])})"
    )


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
