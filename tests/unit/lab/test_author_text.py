"""What an author wrote is a stranger's text: it reaches no terminal and no page as it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier import cli

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN = {"escape": "\\u001b[2J", "bell": "\\u0007", "bidirectional": "\\u202e", "del": "\\u007f"}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=list(HIDDEN))
@pytest.mark.parametrize("command", [["lab", "list"], ["lab", "show"], ["explain", "loss"]])
def test_text_of_a_lab_is_shown_without_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], hidden: str
) -> None:
    """A lab from elsewhere cannot move the cursor of whoever looks at it."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(LAB_ROOT / "forward-backward", folder)
    for name in ("lab.toml", "diagnoses.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(
            text.replace('title = "', f'title = "{hidden}').replace(
                'text = "', f'text = "{hidden}'
            ),
            encoding="utf-8",
        )

    assert cli.run([*command, "--lab-root", str(tmp_path)]) == 0

    out = capsys.readouterr().out
    assert not set("\x1b\x07\u202e\x7f") & set(out)
    assert hidden.replace("\\u00", "\\x").split("[")[0] in out
