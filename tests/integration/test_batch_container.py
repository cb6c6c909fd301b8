"""A batch in real containers, warm and fresh."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from tests.unit.batch.batches import TASK, configured, grade, rows, untimed
from verifier.run.container import ContainerRunner

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_container_left")]

RIGHT = (LAB_ROOT / "forward-backward" / "forward_backward_lab.py").read_text()


def test_batch_in_containers_is_the_same_warm_and_fresh(runtime_image: str, tmp_path: Path) -> None:
    """Two jobs, each with a container of its own; then a container for each submission."""
    folder = tmp_path / "class"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.py").write_text(RIGHT + f"# {number}\n")
    (folder / "wrong.py").write_text(RIGHT.replace("lr=0.5", "lr=0.05"))
    results = {}
    for fresh in (False, True):
        make_runner = partial(ContainerRunner, image=runtime_image, fresh=fresh)
        graded_by = configured(make_runner, image=runtime_image, jobs=2)
        results[fresh] = tmp_path / f"fresh-{fresh}"
        summary = grade([folder], results[fresh], graded_by)
        assert (summary.complete, summary.error, summary.jobs) == (True, None, 2)

    assert untimed(results[False]) == untimed(results[True])
    scores = {row["path"]: row["report"]["score"] for row in rows(results[False])}
    assert scores == {"0.py": 100, "1.py": 100, "2.py": 100, "3.py": 100, "wrong.py": 60}
    assert TASK.lab.id == rows(results[False])[0]["report"]["lab"]
