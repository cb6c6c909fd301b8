"""Lessons plot and show progress: what is there for it, that it does no harm, and what is not."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, LIMITS
from tests.integration.images import CHECKER, PINS, RUNTIME, find_image
from tests.integration.submissions import NO_UPDATE, REFERENCE
from verifier import pipeline
from verifier.lab.load import load_labs
from verifier.run.container import ContainerRunner
from verifier.run.engine import PINS_LABEL
from verifier.run.interface import Exited
from verifier.submission import read_stream
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.images import Image

    from verifier.report.report import Report

pytestmark = pytest.mark.engine

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")


def illustrated(script: str) -> str:
    """Make a script of the lesson plot its loss too, and show how far it is; no line moves."""
    for plain, shown in (
        ("import torch\n", "import torch, matplotlib.pyplot as plt; from tqdm import tqdm\n"),
        ("in range(1, 6):", "in tqdm(range(1, 6)):"),
        ('print("mini_training_loop")', 'print("mini_training_loop"); seen = []'),
    ):
        assert script.count(plain) == 1
        script = script.replace(plain, shown)
    return script + (
        "    seen.append(loss.item())\n"
        'plt.plot(seen, label="loss")\n'
        "plt.legend()\n"
        'plt.savefig("loss.png")\n'
        "plt.show()\n"
    )


def graded(script: str, runner: ContainerRunner) -> Report:
    """Grade a script."""
    submission = read_stream(io.BytesIO(script.encode()), name="submission.py")
    return pipeline.grade(submission, task=TASK, runner=runner).report


SHOWN = {
    "files": """
import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
for name in ("a.png", "b.pdf", "c.svg", "d.jpg"):
    plt.savefig(name)
plt.show()
print(sorted(os.listdir()) == ["a.png", "b.pdf", "c.svg", "d.jpg", "submission.py"])
""",
    "a-figure-at-a-time": """
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot as plt
plt.ion()
for step in range(3):
    figure, axes = plt.subplots(1, 2)
    axes[0].imshow([[0, step]])
    axes[1].set_title(r"$x^2$")
    figure.canvas.draw()
    plt.pause(0.01)
    plt.show(block=False)
    plt.close(figure)
print(plt.get_fignums() == [])
""",
    "styles-and-tensors": """
import torch, matplotlib.pyplot as plt
plt.style.use("ggplot")
points = torch.linspace(0, 1, 5)
plt.figure().add_subplot(projection="3d").scatter(points, points, points)
plt.tight_layout()
plt.savefig("a.png", dpi=200)
print(True)
""",
    "a-window": """
import matplotlib
matplotlib.use("TkAgg")
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
plt.switch_backend("Qt5Agg")
plt.plot([1, 2])
plt.savefig("a.png")
plt.show()
print(True)
""",
    "settings-in-a-folder-of-its-own": """
import os, tempfile
os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp()
import matplotlib.pyplot as plt
plt.title("loss")
plt.savefig("a.png")
print(True)
""",
    "an-animation": """
from matplotlib import animation, pyplot as plt
figure, axes = plt.subplots()
(line,) = axes.plot([0, 1], [0, 1])
moving = animation.FuncAnimation(figure, lambda step: line.set_data([0, step], [0, 1]), frames=2)
moving.save("a.gif", writer="pillow")
print(True)
""",
}
"""Each prints True, and says nothing on stderr."""

BARS = {
    "bar": """
from tqdm import tqdm
for n in tqdm([1, 2], desc="epoch"):
    pass
print(n)
""",
    "range": """
from tqdm import trange
for n in trange(3, leave=False):
    pass
print(n)
""",
    "auto": """
from tqdm.auto import tqdm
for n in tqdm(range(3), ncols=80):
    pass
print(n)
""",
    "of-a-notebook": """
from tqdm.notebook import tqdm, trange
for n in tqdm(trange(3)):
    pass
print(n)
""",
    "by-hand": """
import tqdm
with tqdm.tqdm(total=2) as bar:
    bar.update(2)
    bar.set_postfix(loss=0.1)
    bar.write("2")
""",
    "nested": """
from tqdm import tqdm, trange
for epoch in tqdm(range(2)):
    for n in trange(3, position=1):
        pass
print(n)
""",
}
"""Each prints 2, and bars on stderr."""


@pytest.mark.parametrize("script", [REFERENCE.read_text(), NO_UPDATE], ids=["right", "wrong"])
def test_plots_and_bars_change_nothing_of_a_report(script: str, contained: ContainerRunner) -> None:
    """Checks, diagnoses, points and all: as of the same script without them."""
    plain = graded(script, contained)
    shown = graded(illustrated(script), contained)

    assert replace(shown, submission=plain.submission) == plain


@pytest.mark.parametrize("name", SHOWN)
def test_plots_are_saved_and_shown_without_a_word(name: str, contained: ContainerRunner) -> None:
    """No warning, no list of fonts made anew, and nothing in the script's folder but its files."""
    run = contained.run(SHOWN[name].encode(), limits=LIMITS)

    assert (run.outcome, run.stderr.decode(), run.stdout) == (Exited(code=0), "", b"True\n")


@pytest.mark.parametrize("name", BARS)
def test_bars_are_on_stderr_and_warn_of_nothing(name: str, contained: ContainerRunner) -> None:
    """None starts the thread that tqdm watches its bars with."""
    run = contained.run(BARS[name].encode(), limits=LIMITS)

    assert (run.outcome, run.stdout) == (Exited(code=0), b"2\n")
    assert b"it/s]" in run.stderr
    assert b"Warning" not in run.stderr


def test_packages_are_the_pinned_ones_and_loaded_only_when_asked_for(
    contained: ContainerRunner,
) -> None:
    """Whoever imports torch alone pays for nothing else, but for tqdm, which torch imports."""
    script = (
        "import sys, torch\n"
        "print(sorted({'matplotlib', 'PIL', 'fontTools', 'dateutil'} & {*sys.modules}))\n"
        "import matplotlib, tqdm\n"
        "print(matplotlib.__version__, tqdm.__version__)\n"
    )
    run = contained.run(script.encode(), limits=LIMITS)

    wheels = PINS["wheels"]
    assert run.stdout.decode() == f"[]\n{wheels['matplotlib']} {wheels['tqdm']}\n"


@pytest.mark.parametrize("module", ["pandas", "sklearn.tree", "scipy", "seaborn"])
def test_what_is_not_there_is_named(module: str, contained: ContainerRunner) -> None:
    """It is not installed, and the script is told so, not the lesson's mistakes."""
    report = graded(f"import {module}\n{REFERENCE.read_text()}", contained)
    first = report.diagnoses[0]

    assert first.id == "not-installed"
    assert f"{module.partition('.')[0]} is not installed here (line 1)" in first.message


def test_learner_image_grades_a_script_that_plots() -> None:
    """There the folder of a run is made by itself, and the fonts are found all the same."""
    done = subprocess.run(
        ["docker", "run", "--rm", "-i", "--network", "none", CHECKER, "-", "--format", "json"],
        input=illustrated(REFERENCE.read_text()).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert json.loads(done.stdout)["verdict"] == "passed", done.stderr


OF_COURSES = {
    "tables": """
import pandas as pd
scores = pd.DataFrame({"hours": [1.0, 2.0, 3.0], "group": ["a", "b", "a"]})
print(scores.groupby("group").mean().loc["a", "hours"] == 2.0, scores.isna().any().any() == False)
""",
    "models": """
import numpy as np
from sklearn.datasets import make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.cluster import KMeans
x, y = make_moons(200, noise=0.1, random_state=0)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
forest = RandomForestClassifier(n_estimators=10, n_jobs=-1, random_state=0).fit(x_train, y_train)
print(forest.score(x_test, y_test) > 0.9, LogisticRegression().fit(x, y).score(x, y) > 0.8)
print(cross_val_score(KNeighborsClassifier(n_jobs=2), x, y, cv=3, n_jobs=2).mean() > 0.9)
print(len(KMeans(2, n_init=2, random_state=0).fit(x).cluster_centers_) == 2)
""",
    "mathematics": """
import numpy as np
from scipy import integrate, linalg, optimize, signal, sparse, stats
print(abs(optimize.minimize(lambda v: (v[0] - 2) ** 2, [0.0]).x[0] - 2) < 1e-4)
print(linalg.svdvals(np.eye(300)).sum() == 300, round(stats.norm.cdf(0), 3) == 0.5)
print(sparse.eye(3).sum() == 3, integrate.quad(lambda x: x, 0, 2)[0] == 2.0)
""",
    "beside-torch": """
import torch, pandas, sklearn.metrics, scipy, matplotlib.pyplot as plt
frame = pandas.DataFrame({"loss": torch.tensor([2.0, 1.0]).tolist()})
frame.plot(y="loss")
plt.savefig("loss.png")
print(sklearn.metrics.mean_squared_error([1.0], [1.0]) == 0)
""",
}
"""Each prints nothing but True, and says nothing on stderr."""


@pytest.fixture(scope="module")
def of_course(engine: DockerClient) -> Iterator[ContainerRunner]:
    """Start the runtime of the variant, built by `make image VARIANT=course`."""
    image = find_image(engine, f"{RUNTIME}-course")
    with ContainerRunner(image=str(image.id)) as runner:
        yield runner


@pytest.mark.parametrize("name", OF_COURSES)
def test_courses_have_tables_models_and_mathematics_in_the_variant(
    name: str, of_course: ContainerRunner
) -> None:
    """No thread, no process and no warning, however many jobs are asked for."""
    run = of_course.run(OF_COURSES[name].encode(), limits=LIMITS)

    assert (run.outcome, run.stderr.decode()) == (Exited(code=0), "")
    assert set(run.stdout.split()) == {b"True"}


def test_variant_is_the_runtime_and_more(engine: DockerClient, runtime: Image) -> None:
    """So what a lesson prints there is what it prints without, and a disk holds torch once."""
    image = find_image(engine, f"{RUNTIME}-course")
    layers = runtime.attrs["RootFS"]["Layers"]

    assert image.attrs["RootFS"]["Layers"][: len(layers)] == layers
    assert image.labels["org.opencontainers.image.title"] == f"{RUNTIME}-course"
    assert image.labels[PINS_LABEL] == runtime.labels[PINS_LABEL]


def test_variant_holds_the_pinned_packages_and_loads_none_of_itself(
    of_course: ContainerRunner,
) -> None:
    """And the reference of the lesson passes there."""
    script = (
        "import sys, torch\n"
        "print({'pandas', 'scipy', 'sklearn', 'joblib'} & {*sys.modules})\n"
        "import pandas, scipy, sklearn\n"
        "print(pandas.__version__, sklearn.__version__, scipy.__version__)\n"
    )
    run = of_course.run(script.encode(), limits=LIMITS)

    wheels = PINS["wheels"]["course"]
    versions = " ".join(wheels[name] for name in ("pandas", "scikit-learn", "scipy"))
    assert run.stdout.decode() == f"set()\n{versions}\n"
    assert graded(illustrated(REFERENCE.read_text()), of_course).verdict == "passed"
