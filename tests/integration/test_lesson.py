"""Pages of courses, whose scripts run in the container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from verifier.lesson.folder import Place, read_page
from verifier.lesson.markdown import read_markdown
from verifier.lesson.page import paired
from verifier.lesson.verdict import UNTRUE, judge

if TYPE_CHECKING:
    from verifier.lesson.page import Page
    from verifier.run.container import ContainerRunner

pytestmark = pytest.mark.engine

PAGES = CHECKOUT / "tests" / "lesson" / "pages"
STATUSES = {
    "readme.md": ["same", "no_output"],
    "docusaurus.md": ["same"],
    "starlight.mdx": ["same", "same", "skipped"],
    "myst.md": ["no_output", "same", "same"],
    "jupyter-book.md": ["same", "same"],
    "chinese.md": ["same", "same", "machine_dependent"],
    "japanese.md": ["same"],
    "console.md": ["same", "same"],
    "collapsed.md": ["same", "no_output"],
    "order.md": ["no_output", "no_output", "needs_block_above"],
    "marks.md": ["same", "needs_package", "machine_dependent", "skipped"],
    "repeats.md": ["same"],
    "notebook.ipynb": ["same", "no_output", "same"],
    "mkdocs.md": ["same", "same"],
    "quoted.md": ["same", "same", "same"],
    "indented.md": ["same", "no_output"],
    "colons.md": ["same", "same", "same"],
    "tabs.mdx": ["same", "same", "same"],
    "components.mdx": ["same", "same", "machine_dependent"],
    "chinese-course.md": ["same", "same", "same", "no_output"],
    "japanese-course.md": ["same", "same", "machine_dependent", "no_output"],
    "above.md": ["no_output", "no_output"],
    "shells.md": ["same", "same", "no_output", "same"],
    "hugo.md": ["same"],
    "outputs.ipynb": ["no_output", "same", "skipped", "same"],
}

TROUBLE = """\
```python
import torch
torch.manual_seed(0)
print(torch.rand(1).item() < 2, torch.rand(1).shape)
```
Output:
```text
True torch.Size([2])
```

```python
import uuid
print(uuid.uuid4())
```
Output:
```text
never the same
```

```python
import os
n = int(os.environ.get("N", "0")) + 1
os.environ["N"] = str(n)
print(n)
```
Output:
```text
2
```

```python
import nothing_of_that_name
```
Output:
```text
1
```
"""


def _statuses(page: Page, runner: ContainerRunner) -> list[tuple[str, str]]:
    found = [judge(script, page, runner=runner) for script in page.scripts]
    return [(verdict.status, verdict.why) for verdict in found]


def test_pages_of_all_styles_are_checked(contained: ContainerRunner) -> None:
    """What is paired is also what the container prints."""
    with contained as runner:
        for name, expected in STATUSES.items():
            page = read_page(Place(base=PAGES, below=(name,)))
            assert (name, [status for status, _ in _statuses(page, runner)]) == (name, expected)


def test_why_a_block_differs_is_found_by_running(contained: ContainerRunner) -> None:
    """Stale, not deterministic, run twice, not installed: each is told from the others."""
    with contained as runner:
        found = _statuses(paired(read_markdown(TROUBLE, is_mdx=False)), runner)

    assert [status for status, _ in found] == ["differs", "differs", "differs", "needs_package"]
    assert [why.split(":")[0] for _, why in found] == [
        "the page is stale",
        "two runs of it print differently",
        "this is what it prints when it is run twice",
        "nothing_of_that_name is not installed",
    ]


def test_a_changed_digit_of_any_output_is_found(contained: ContainerRunner) -> None:
    """A page that was mended by hand, or that torch has left behind, does not pass unseen."""
    changed = 0
    with contained as runner:
        for path in sorted(PAGES.glob("*.md*")):
            text = path.read_text(encoding="utf-8")
            is_mdx = path.suffix == ".mdx"
            for script in paired(read_markdown(text, is_mdx=is_mdx)).scripts:
                verdict = judge(script, read_page(Place(base=path)), runner=runner)
                if script.output is None or verdict.status != "same" or script.ignore:
                    continue
                lines = text.split("\n")
                lines[script.output.text_line - 1] += "7"
                other = paired(read_markdown("\n".join(lines), is_mdx=is_mdx))
                told = judge(other.scripts[script.index - 1], other, runner=runner)
                if "$ " not in lines[script.output.text_line - 1]:
                    assert told.status in UNTRUE
                    changed += 1

    assert changed >= 12
