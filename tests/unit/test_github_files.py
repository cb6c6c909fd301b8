"""The files that GitHub and Renovate read: no script of them holds a stranger's text."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTION = CHECKOUT / "action.yml"
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
UPGRADE = CHECKOUT / ".github" / "workflows" / "torch-upgrade.yml"


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(path)
    return document


def _steps(path: Path) -> Iterator[dict[str, Any]]:
    document = _read(path)
    yield from document.get("runs", {}).get("steps", [])
    for job in document.get("jobs", {}).values():
        yield from job["steps"]


def _script(name: str) -> str:
    return (CHECKOUT / "scripts" / name).read_text()


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_no_expression_stands_in_a_script(path: Path) -> None:
    """A branch called ``$(id)`` would be run; a variable of that name's value is not."""
    scripts = [step["run"] for step in _steps(path) if "run" in step]

    assert scripts
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_actions_of_others_have_a_version_and_leave_no_token(path: Path) -> None:
    """A branch's name could mean anything tomorrow."""
    used = [step for step in _steps(path) if "uses" in step]

    assert used
    for step in used:
        assert re.fullmatch(r"actions/[a-z-]+@(v[0-9]+|[0-9a-f]{40})", step["uses"])
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_the_repository_and_no_more(path: Path) -> None:
    """Pull requests of strangers run it, with their own scripts."""
    document = _read(path)

    assert document["permissions"] == {"contents": "read"}
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(document["on"])
    assert document["concurrency"]["cancel-in-progress"] is True
    for job in document["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60


def test_the_gate_runs_where_the_pin_moves() -> None:
    """The pin and its lock, and by hand."""
    triggers = _read(UPGRADE)["on"]
    paths = triggers["pull_request"]["paths"]

    assert set(triggers) == {"pull_request", "workflow_dispatch"}
    assert all((CHECKOUT / path).is_file() for path in paths)
    assert set(paths) == {"docker/pins.toml", "docker/torch.lock"}


@pytest.mark.parametrize(
    ("path", "script", "prefix", "elsewhere"),
    [
        (ACTION, "github-grade.sh", "GRADE", {"GRADE_RESULTS"}),
        (
            UPGRADE,
            "github-upgrade.sh",
            "UPGRADE",
            {"UPGRADE_HEAD", "UPGRADE_RESULTS", "UPGRADE_LABCHECK"},
        ),
    ],
)
def test_the_script_reads_the_variables_that_it_is_given(
    path: Path, script: str, prefix: str, elsewhere: set[str]
) -> None:
    """A variable that nobody reads is an input that does nothing."""
    given = {name for step in _steps(path) for name in step.get("env", {})}
    read = set(re.findall(rf"\$\{{({prefix}_[A-Z_]+)", _script(script)))

    assert given == read - elsewhere
    assert elsewhere <= read


def test_every_input_is_used_and_every_output_is_set() -> None:
    """Both ways: none is promised in vain, none is used without being one."""
    document = _read(ACTION)
    text = ACTION.read_text()
    outputs = document["outputs"]

    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(document["inputs"])
    assert set(re.findall(r"steps\.grade\.outputs\.([a-z-]+)", text)) == set(outputs)
    scripts = _script("github-grade.sh") + _script("github.sh")
    for name in outputs:
        assert f'"{name}=$' in scripts or f"set_output {name} " in scripts


def test_renovate_finds_the_pin_and_leaves_its_build() -> None:
    """It changes what it captured, and the rest of the match stays."""
    (manager,) = json.loads((CHECKOUT / "renovate.json").read_text())["customManagers"]
    (pattern,) = (each.replace("(?<", "(?P<") for each in manager["matchStrings"])
    (file,) = (each.strip("/") for each in manager["managerFilePatterns"])
    text = (CHECKOUT / "docker" / "pins.toml").read_text()
    (found,) = re.finditer(pattern, text)
    start, end = found.span("currentValue")
    raised = tomllib.loads(f"{text[:start]}9.8.7{text[end:]}")
    pins = tomllib.loads(text)
    release, _, build = pins["wheels"]["torch"].partition("+")

    assert re.search(file, "docker/pins.toml")
    assert found["currentValue"] == release
    assert raised == {**pins, "wheels": {**pins["wheels"], "torch": f"9.8.7+{build}"}}


def test_renovate_touches_nothing_else_and_merges_nothing() -> None:
    """A lock is written by `make lock`, and a person decides."""
    settings = json.loads((CHECKOUT / "renovate.json").read_text())
    (rule,) = settings["packageRules"]
    allowed = re.compile(rule["allowedVersions"].strip("/"))

    assert settings["enabledManagers"] == ["custom.regex"]
    assert rule["automerge"] is False
    assert allowed.search("2.14.1")
    assert not any(map(allowed.search, ("2.15.0rc1", "2.14.1.post1", "2.14", "2.14.1+cu130")))
