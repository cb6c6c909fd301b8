"""An environment is made once, as a whole, and noted last; what fails says where the log is.

Nothing is downloaded: a shell script stands in for Python, and makes another one, which is pip.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from verifier.drift import venv
from verifier.drift.torch_environment import TorchEnvironment
from verifier.drift.venv import cache_folder, environment_of
from verifier.errors import EnvironmentFailure, ExitCode, UsageError

SHA256 = "c" * 64
REPORT = {
    "install": [
        {"metadata": {"name": "numpy"}, "download_info": {"archive_info": {}}},
        {
            "metadata": {"name": "torch", "version": "2.14.1"},
            "download_info": {"archive_info": {"hashes": {"sha256": SHA256}}},
        },
    ]
}
PYTHON = """\
#!/bin/sh
echo "$@" >> {calls}
echo "made with PYTHONDONTWRITEBYTECODE=$PYTHONDONTWRITEBYTECODE"
{venv}
mkdir -p "$3/bin"
cat > "$3/bin/python" <<'END'
#!/bin/sh
echo "$@" >> {calls}
[ ! -e {folder}/labcheck.json ] || echo "noted too early" >> {calls}
while [ "$1" != --report ]; do shift; done
cp {report} "$2"
{pip}
END
chmod +x "$3/bin/python"
"""


class Fake:
    """Python and pip, as far as an environment needs them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cache = folder / "cache"
        self.said: list[str] = []
        self._calls = folder / "calls"
        self._report = folder / "report.json"
        self._python = folder / "python"
        self.behave()
        monkeypatch.setattr(sys, "executable", str(self._python))

    def behave(self, *, pip: str = "", venv: str = "", report: object = REPORT) -> None:
        """Say what pip does at its end, what venv does at its beginning, and what pip reports."""
        self._report.write_text(report if isinstance(report, str) else json.dumps(report))
        script = PYTHON.format(
            calls=self._calls, report=self._report, pip=pip, venv=venv,
            folder=self.cache / "2.14.1",
        )  # fmt: skip
        self._python.write_text(script)
        self._python.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """Every command line so far."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def make(self, version: str = "2.14.1", cache: Path | None = None) -> TorchEnvironment:
        """Ask for an environment."""
        return environment_of(version, cache=cache or self.cache, say=self.said.append)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A folder with a Python of its own."""
    return Fake(tmp_path, monkeypatch)


def test_an_environment_is_made_and_noted(fake: Fake) -> None:
    """With the wheel's hash as pip tells it, and a word of what it takes."""
    folder = fake.cache / "2.14.1"

    assert fake.make() == TorchEnvironment(
        kind="python", name=str(folder / "bin" / "python"), wheel_sha256=SHA256
    )
    (said,) = fake.said
    assert "installing torch 2.14.1" in said
    assert "gigabytes" in said
    assert fake.calls[0] == f"-m venv {folder}"
    assert fake.calls[1].startswith("-I -m pip install --no-input")
    assert fake.calls[1].endswith("torch==2.14.1 numpy")
    assert json.loads((folder / "labcheck.json").read_text())["wheel_sha256"] == SHA256


def test_one_that_is_there_is_taken(fake: Fake) -> None:
    """Several minutes and gigabytes are spent once."""
    first = fake.make()
    calls = fake.calls

    for path in fake.cache.iterdir():
        if path.suffix == ".lock":
            path.unlink()  # nobody waits, where there is nothing to make
    assert fake.make() == first
    assert (fake.calls, len(fake.said)) == (calls, 1)
    assert [path.name for path in fake.cache.iterdir()] == ["2.14.1"]


@pytest.mark.parametrize(
    ("version", "numpy"),
    [
        ("1.13.1", "numpy<2"), ("2.2.2", "numpy<2"), ("2.2.0+cpu", "numpy<2"),
        ("2.3.0", "numpy"), ("2.14.1", "numpy"), ("3.0", "numpy"),
    ],
)  # fmt: skip
def test_old_releases_get_an_old_numpy(fake: Fake, version: str, numpy: str) -> None:
    """They were built before numpy 2."""
    fake.make(version)

    assert fake.calls[-1].endswith(f" torch=={version} {numpy}")


def test_the_note_is_written_last(fake: Fake) -> None:
    """Whoever finds one finds an environment that was finished."""
    fake.make()

    assert "noted too early" not in fake.calls


@pytest.mark.parametrize(
    "note",
    [None, "", "{", "[]", "{}", '{"wheel_sha256": 1}', '{"wheel_sha256": "x"}', "\udcff"],
    ids=str,
)
def test_one_that_was_never_finished_is_made_again(fake: Fake, note: str | None) -> None:
    """From the beginning: nobody knows what is missing in it."""
    folder = fake.cache / "2.14.1"
    folder.mkdir(parents=True)
    (folder / "half").write_text("a wheel")
    (folder / "pip.log").write_text("Downloading")
    if note is not None:
        (folder / "labcheck.json").write_bytes(note.encode(errors="surrogateescape"))

    assert fake.make().wheel_sha256 == SHA256
    assert not (folder / "half").exists()


def test_a_folder_of_somebody_else_is_left_alone(fake: Fake) -> None:
    """Whoever names a folder of projects must not lose one."""
    folder = fake.cache / "2.14.1"
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("x")

    with pytest.raises(EnvironmentFailure, match="holds something else"):
        fake.make()
    assert (folder / "thesis.tex").exists()
    assert fake.calls == []


def test_two_who_need_the_same_one_make_it_once(fake: Fake) -> None:
    """The second waits: it must not clear away what the first is at."""
    fake.behave(pip="sleep 0.3")
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: fake.make(), range(2)))

    assert made[0] == made[1]
    assert len([call for call in fake.calls if "install" in call]) == 1


def test_one_whose_python_is_gone_is_made_again(fake: Fake) -> None:
    """The system's Python, which it links to, was replaced."""
    python = Path(fake.make().name)
    python.unlink()
    python.symlink_to("/no/such/python")

    fake.make()
    assert python.is_file()
    assert len(fake.said) == 2


def test_an_install_that_fails_names_its_log(fake: Fake) -> None:
    """Exit 4, with the end of what pip said, made safe; the next try begins anew."""
    fake.behave(pip="echo 'ERROR: no \033[31mmatching\033[0m distribution' >&2; exit 1")

    with pytest.raises(EnvironmentFailure) as caught:
        fake.make()
    folder = fake.cache / "2.14.1"
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert caught.value.problem.startswith("torch 2.14.1 could not be installed: ")
    assert caught.value.problem.endswith(r"ERROR: no \x1b[31mmatching\x1b[0m distribution")
    assert str(folder / "pip.log") in caught.value.remedy
    assert "ERROR: no" in (folder / "pip.log").read_text()
    assert not (folder / "labcheck.json").exists()

    fake.behave()
    assert fake.make().wheel_sha256 == SHA256


def test_a_python_without_venv_says_so(fake: Fake) -> None:
    """Debian puts it into a package of its own."""
    fake.behave(venv="echo 'ensurepip is not available'; exit 1")

    with pytest.raises(EnvironmentFailure, match="ensurepip is not available"):
        fake.make()
    assert len(fake.calls) == 1


def test_a_python_that_cannot_be_started_says_so(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was replaced while this one ran."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(EnvironmentFailure, match="cannot be made"):
        fake.make()


@pytest.mark.parametrize(
    "report",
    ["", "{", "[]", "{}", {"install": []}, {"install": [{}]}, {"install": [{"metadata": {}}]}],
    ids=str,
)
def test_a_report_without_torch_is_a_failure(fake: Fake, report: object) -> None:
    """Where nothing was installed, nothing would be compared."""
    fake.behave(report=report)

    with pytest.raises(EnvironmentFailure, match="pip did not report that it installed torch"):
        fake.make()
    assert not (fake.cache / "2.14.1" / "labcheck.json").exists()


@pytest.mark.parametrize(
    "info",
    [{}, {"archive_info": {}}, {"archive_info": {"hashes": {}}}, {"dir_info": {}}],
    ids=str,
)
def test_a_wheel_whose_hash_nobody_tells_is_taken(fake: Fake, info: object) -> None:
    """From a folder, or by an old pip: what is not known is none."""
    fake.behave(report={"install": [{"metadata": {"name": "torch"}, "download_info": info}]})

    assert fake.make().wheel_sha256 is None
    assert fake.make().wheel_sha256 is None
    assert len(fake.said) == 1


def test_an_interrupt_leaves_no_note(fake: Fake) -> None:
    """The next call begins anew."""
    fake.behave(pip="kill -INT $PPID; exit 1")

    with pytest.raises(KeyboardInterrupt):
        fake.make()
    assert not (fake.cache / "2.14.1" / "labcheck.json").exists()
    fake.behave()
    assert fake.make().wheel_sha256 == SHA256


@pytest.mark.parametrize(
    "version",
    [
        "", "2", "latest", "2.14.1 ", " 2.14.1", "2.14.1\n", "2.14.1;x", "2.14.1 --index-url x",
        "../2.14.1", "2.14.1/..", "2.14.1,!=2.14.2", ">=2.14", "-r", "2.14.1" + "a" * 50,
        "\u0662.\u0661\u0664.\u0661", "2.14.1*", "2.14.1@file", "2.14.1[x]", "v2.14.1", ".2.14",
    ],
)  # fmt: skip
def test_what_is_no_version_is_refused(fake: Fake, version: str) -> None:
    """It would be a folder's name, and a word of pip's command line."""
    with pytest.raises(UsageError, match="is no version"):
        fake.make(version)
    assert fake.calls == []
    assert not fake.cache.exists()


@pytest.mark.parametrize("version", ["2.14", "2.14.1", "2.15.0.dev20261101+cpu", "2.14.0rc1"])
def test_what_pip_takes_is_a_version(fake: Fake, version: str) -> None:
    """Candidates and nightly builds included."""
    assert fake.make(version).name == str(fake.cache / version / "bin" / "python")


def test_a_folder_that_cannot_be_made_is_named(fake: Fake, tmp_path: Path) -> None:
    """With the option that names another."""
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentFailure, match=r"file/2\.14\.1 cannot be made") as caught:
        fake.make(cache=tmp_path / "file")
    assert "--cache" in caught.value.remedy


def test_a_cache_may_be_named_from_here(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox server is started elsewhere, so its interpreter's path is absolute."""
    monkeypatch.chdir(tmp_path)

    assert fake.make(cache=Path("build/torch")).name == str(
        tmp_path / "build" / "torch" / "2.14.1" / "bin" / "python"
    )


def test_bytecode_is_compiled_whatever_the_caller_does(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox cannot write it, and would compile torch at every start."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    fake.make()

    log = (fake.cache / "2.14.1" / "pip.log").read_text()
    assert log == "made with PYTHONDONTWRITEBYTECODE=\n"


def test_environments_are_kept_where_caches_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the desktop's convention has it, which knows no relative path."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value, folder in (
        (str(tmp_path / "xdg"), tmp_path / "xdg"),
        ("", tmp_path / ".cache"),
        ("relative", tmp_path / ".cache"),
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_folder() == folder / "labcheck" / "torch"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == tmp_path / ".cache" / "labcheck" / "torch"


def test_pip_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror that never answers holds nobody for ever; what it started is ended too."""
    monkeypatch.setattr(venv, "INSTALL_S", 0.5)
    log = tmp_path / "log"
    began = time.monotonic()

    with pytest.raises(EnvironmentFailure, match="was not installed within") as caught:
        venv._call(["sh", "-c", "sleep 60 & sleep 60"], log=log, version="2.14.1")

    assert time.monotonic() - began < 20
    assert str(log) in caught.value.remedy
