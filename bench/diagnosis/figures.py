"""The figures of the diagnoses, as tables on standard output."""

from __future__ import annotations

from typing import Any

SHOWN = 60
"""Misses that are printed; the file has all of them."""


def show(figures: dict[str, Any]) -> None:
    """Print tables, misses, and what became of the bounds."""
    for title in ("held_out", "mistakes"):
        group = figures[title]
        if group["scripts"]:
            print(
                f"{title.replace('_', ' '):28}{'scripts':>9}{'stage':>9}{'right':>9}{'silent':>9}"
            )
            for key in ("stage", "exercise"):
                for row in group[f"by_{key}"]:
                    _row(row[key], row)
            _row("all", group)
            _misses(group["misses"])
    if figures["held_out"]["left_out"]:
        print(f"left out: {figures['held_out']['left_out']}")
    print(
        f"right scripts: {figures['styles']['scripts']}, of them told something: "
        f"{', '.join(figures['styles']['diagnosed']) or 'none'}"
    )
    for name, spread in figures["cost"].items():
        if isinstance(spread, dict):
            cells = "".join(f"  {key} {value:.2f}" for key, value in spread.items())
            print(f"{name:28}{cells}")
    for bound, outcome in ((each["name"], each) for each in figures["bounds"]):
        verdict = "holds" if outcome["holds"] else "BROKEN"
        limit = (
            f">= {outcome['least']}" if outcome["least"] is not None else f"<= {outcome['most']}"
        )
        print(f"{bound:28}{outcome['measured']:>9.4g}  {limit:10} {verdict}")
    print(f"{figures['seconds']:.0f} s in runner {figures['runner']}")


def _row(name: str, row: dict[str, Any]) -> None:
    cells = "".join(
        f"{'-' if row[key] is None else format(row[key], '.1%'):>9}"
        for key in ("stage_share", "share")
    )
    print(f"  {name:26}{row['scripts']:>9}{cells}{row['silent']:>9}")


def _misses(rows: list[dict[str, Any]]) -> None:
    for row in rows[:SHOWN]:
        told = ", ".join(each["id"] for each in row["told"]) or "nothing"
        print(f"    {row['name']}: {row['expected']['id']} was due, told {told}")
    if len(rows) > SHOWN:
        print(f"    and {len(rows) - SHOWN} more")
