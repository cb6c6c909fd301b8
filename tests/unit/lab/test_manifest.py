"""A manifest of schema 2: three lines are a lab, and what is said otherwise is taken."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeRunner, run_result
from tests.unit.lab.derived_labs import MANIFEST, PRINTED, made_lab
from verifier.authoring.fresh import fresh_golden
from verifier.checks.computed import discriminating_fields
from verifier.checks.relations import relation_checks
from verifier.errors import BadDataError
from verifier.golden.golden import golden_text
from verifier.lab.field import is_at
from verifier.lab.load import load_lab, load_sound_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.sandbox.request import GENERATORS
from verifier.task import load_task

if TYPE_CHECKING:
    from pathlib import Path


def test_three_lines_are_a_lab(tmp_path: Path) -> None:
    """Fields, tolerances, stages, points and limits follow from the run."""
    lab = made_lab(tmp_path)
    exercise = lab.exercise("baseline")

    assert [field.at for field in exercise.fields] == [
        "shapes/x", "loop/sgd/step=1/loss", "loop/sgd/step=2/loss", "loop/good",
    ]  # fmt: skip
    assert [str(field.atol) for field in exercise.fields] == ["0", "0.0001", "0.0001", "0"]
    assert list(lab.points.items()) == [("run", 33), ("output", 33), ("values", 34)]
    assert {field.stage for field in exercise.fields} == {"values"}
    assert (lab.limits.time_limit_s, lab.title, lab.lesson) == (10.0, "steps", None)
    assert len(load_task(lab, "baseline").answers) == 4


def test_what_the_manifest_says_otherwise_is_taken(tmp_path: Path) -> None:
    """A field at a time, or all that a pattern names."""
    lab = made_lab(
        tmp_path,
        """
title = "Two steps"
lesson = "7"
default = true
limits.time_limit_s = 3
stages = [{name = "data", title = "The data", concept = "data"}, {name = "training"}]
points = {run = 1, output = 2, data = 3, training = 4}
[[fields]]
at = "loop/*"
stage = "training"
atol = "0.01"
rtol = "0.5"
why = "steps differ from CPU to CPU"
[[fields]]
at = "shapes/x"
stage = "data"
[[fields]]
at = "loop/sgd/step=1/loss"
decimals = 2
[[fields]]
at = "loop/good"
judged = false
""",
    )
    by = {field.at: field for field in lab.exercise("baseline").fields}

    assert list(by) == ["shapes/x", "loop/sgd/step=1/loss", "loop/sgd/step=2/loss"]
    loss = by["loop/sgd/step=2/loss"]
    assert (loss.stage, str(loss.atol), str(loss.rtol)) == ("training", "0.01", "0.5")
    assert loss.why == "steps differ from CPU to CPU"
    assert str(by["loop/sgd/step=1/loss"].atol) == "0.01"
    assert by["shapes/x"].stage.heading == "The data"
    assert [(stage.place, stage.concept) for stage in lab.stages] == [
        (0, "run"), (1, "output"), (2, "data"), (3, "none"),
    ]  # fmt: skip
    assert (lab.title, lab.lesson, lab.limits.time_limit_s) == ("Two steps", "7", 3.0)
    assert lab.is_default
    assert lab.points == {"run": 1, "output": 2, "data": 3, "training": 4}


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """With the line, and what is nearest."""
    more = """
[[fields]]
at = "shapes/y"
[[fields]]
at = "loop/*"
stage = "vales"
[points]
values = 3
outptu = 2
"""
    with pytest.raises(BadDataError) as error:
        made_lab(tmp_path, more)

    assert error.value.problem.split("\n")[1:] == [
        "  line 6: baseline: no field is at 'shapes/y'; the nearest is shapes/x",
        "  line 9: baseline: vales is no stage; the nearest is values",
        "  line 10: the stage output has no points",
        "  line 10: the stage run has no points",
        "  line 12: outptu is no stage; the nearest is output",
    ]


def test_mistakes_of_the_schema_are_told_at_once_too(tmp_path: Path) -> None:
    """With the key that may be meant, or those that are known."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "lab.toml").write_text(
        MANIFEST + 'titel = "x"\n[limits]\ntime_limit_s = 0\n[[fields]]\nat = "a"\nzzz = 1\n'
    )
    with pytest.raises(BadDataError) as error:
        load_lab(folder / "lab.toml")

    told = error.value.problem.split("\n")
    assert told[0].endswith("3 mistakes")
    assert told[1] == "  line 4: manifest: $.titel: unknown key; is title meant?"
    assert told[2].startswith("  line 6: manifest: $.limits.time_limit_s: 0 is less than")
    assert told[3].startswith("  line 9: manifest: $.fields[0].zzz: unknown key; known are at, ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('schema_version = 2\nid = "other"\nscript = "reference.py"\n', "is not the name of its"),
        ('schema_version = 2\nid = "steps"\n', "or its script, for there is neither"),
        (MANIFEST + 'page = "a.md"\n', "or its script, not both"),
        ('schema_version = 2\nid = "steps"\npage = "refrence.md"\n', "there is no refrence.md"),
        ('schema_version = 2\nid = "steps"\nscript = "refrence.py"\n', "nearest is reference.py"),
        ('schema_version = 2\nid = "steps"\nscript = "link.py"\n', "leads outside of the lab"),
        (MANIFEST + 'stages = [{name = "run"}]\n', "the stage run is there already"),
        (MANIFEST + 'stages = [{name = "a"}, {name = "a"}]\n', "the stage a is there already"),
    ],
)
def test_what_contradicts_itself_is_no_lab(tmp_path: Path, text: str, says: str) -> None:
    """Each with what is wrong."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "reference.py").write_text("print(1)\n")
    (tmp_path / "outside.py").write_text("print(1)\n")
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    (folder / "lab.toml").write_text(text)

    with pytest.raises(BadDataError, match=says):
        load_lab(folder / "lab.toml")


def test_before_its_first_run_a_lab_has_no_fields(tmp_path: Path) -> None:
    """And its golden is asked for; one that cannot be read counts as none until then."""
    lab = made_lab(tmp_path)
    golden = lab.exercise("baseline").golden
    golden.write_text("{")
    assert load_lab(lab.folder / "lab.toml").exercise("baseline").fields == ()
    golden.unlink()
    with pytest.raises(BadDataError, match="golden update"):
        load_task(load_lab(lab.folder / "lab.toml"), "baseline")


def test_several_exercises_stand_in_tables_of_their_own(tmp_path: Path) -> None:
    """With relations, once their fields are known."""
    made_lab(tmp_path, printed=b"a\nloss= 0.5\n")
    folder = tmp_path / "steps"
    text = """schema_version = 2
id = "steps"
[exercises.baseline]
script = "reference.py"
before_after.loss_before = "a/loss"
[[exercises.baseline.relations]]
name = "alike"
kind = "within"
low = "0"
stage = "values"
operands = ["a/loss"]
claim = "it is not negative"
hint = "look at both of them"
"""
    (folder / "lab.toml").write_text(text)
    lab = load_lab(folder / "lab.toml")
    assert [each.stage for each in lab.exercise("baseline").relations] == ["values"]
    assert lab.exercise("baseline").before_after == {"loss_before": ("a", "loss")}

    (folder / "lab.toml").write_text(text.replace('stage = "values"', 'stage = "loss"'))
    assert load_lab(folder / "lab.toml").stages[2:] == ("values", "loss")
    (folder / "lab.toml").write_text(text.replace('stage = "values"', 'stage = "other"'))
    with pytest.raises(BadDataError, match="other is no stage"):
        load_lab(folder / "lab.toml")


def test_closing_lines_name_fields_or_are_texts(tmp_path: Path) -> None:
    """An address that is none is a mistake, and no text."""
    evidence = '[evidence]\n"x" = "shapes/x"\n"why" = "two rows and three columns"\n'
    exercise = made_lab(tmp_path, evidence).exercise("baseline")
    assert exercise.evidence == (("x", exercise.fields[0]), ("why", "two rows and three columns"))

    with pytest.raises(BadDataError, match=r"line 5: no field is at 'shapes/y'; the nearest"):
        made_lab(tmp_path, evidence.replace("shapes/x", "shapes/y"))


def test_one_broken_lab_harms_no_other(tmp_path: Path) -> None:
    """It is told which it is."""
    made_lab(tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "lab.toml").write_text("schema_version = 2\n")

    sound, broken = load_sound_labs(tmp_path)
    assert (list(sound), list(broken)) == (["steps"], ["broken"])


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("loop/sgd/step=1/loss", True),
        ("loop/sgd/step=1", False),
        ("*", True),
        ("loop/*", True),
        ("*/loss", True),
        ("loop/*/loss", True),
        ("l*p/*step=*ss", True),
        ("loop/*sgd*loss", True),
        ("loop/sgd/step=1/loss*", True),
        ("loop/sgd/step=1/*step=1/loss", False),
        ("*x*", False),
        ("*s*s*s*s*s*s*s*s*s*s*s*s*s*x", False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, *, named: bool) -> None:
    """Each part of a pattern is sought once."""
    assert is_at("loop/sgd/step=1/loss", pattern) == named


@pytest.mark.parametrize("name", ["section", "label", "key", "why"])
def test_what_would_be_more_than_text_on_a_terminal_is_no_name(tmp_path: Path, name: str) -> None:
    """A lab may come from anywhere, and its golden with it."""
    golden = made_lab(tmp_path).exercise("baseline").golden
    document = json.loads(golden.read_text())
    document["derived"]["fields"][1][name] = "\x1b[2J"
    golden.write_text(json.dumps(document))

    lab = load_lab(tmp_path / "steps" / "lab.toml")
    assert lab.exercise("baseline").fields == ()
    with pytest.raises(BadDataError, match="is more than text"):
        load_task(lab, "baseline")


def test_values_whose_names_cannot_be_shown_are_no_fields(tmp_path: Path) -> None:
    """They are the reference's own, which a page from anywhere may bring."""
    lab = made_lab(tmp_path, printed="a= 1\n\u202eevil= 2\n".encode())

    assert [field.at for field in lab.exercise("baseline").fields] == ["/a"]


RELATION = """
[[relations]]
name = "falls_by_step"
kind = "falls"
stage = "values"
operands = ["loop/sgd/step=*/loss"]
claim = "the loss falls from step to step"
hint = "look at the learning rate"
"""


def test_relations_name_addresses_and_patterns(tmp_path: Path) -> None:
    """In the order in which they are printed."""
    (relation,) = made_lab(tmp_path, RELATION).exercise("baseline").relations
    assert relation.operands[0].places == ("loop/sgd/step=1/loss", "loop/sgd/step=2/loss")

    one = RELATION.replace("falls_by_step", "built").replace('"falls"', '"sums_to"')
    one = one.replace("loop/sgd/step=*/loss", "shapes/x") + 'factor = "5"\natol = "0"\naxis = 0\n'
    (relation,) = made_lab(tmp_path, one).exercise("baseline").relations
    assert (relation.operands[0].places, relation.axis) == (("shapes/x",), 0)
    bounds = one.replace("sums_to", "within").split("factor")[0] + 'low = "1"\nhigh = "3"\n'
    (relation,) = made_lab(tmp_path, bounds).exercise("baseline").relations
    assert (str(relation.low), str(relation.high)) == ("1", "3")

    with pytest.raises(BadDataError, match="names no section and key"):
        made_lab(tmp_path, RELATION.replace("sgd/step=*", "adam/step=*"))
    with pytest.raises(BadDataError, match="atol"):
        made_lab(tmp_path, RELATION.replace('"falls"', '"equal"'))


def test_all_mistakes_of_relations_are_told_at_once(tmp_path: Path) -> None:
    """With the line of each, among the manifest's others."""
    more = (
        RELATION.replace("sgd/step=*", "sgb/step=1")
        + RELATION.replace('"values"', '"vales"')
        + RELATION.replace('"falls"', '"rises"').replace("step=*", "step=1")
        + RELATION.replace("falls_by_step", "bound").replace('"falls"', '"within"')
        + 'low = "3"\nhigh = "1"\n'
        + RELATION
        + RELATION
        + '[[fields]]\nat = "shapes/y"\n'
    )
    with pytest.raises(BadDataError) as error:
        made_lab(tmp_path, more)

    assert error.value.problem.split("\n")[1:] == [
        (
            "  line 5: baseline: 'loop/sgb/step=1/loss' names no section and key; "
            "the nearest is loop/sgd/step=1/loss"
        ),
        "  line 13: baseline: falls_by_step: vales is no stage; the nearest is values",
        "  line 21: baseline: falls_by_step: one value cannot rise; name several rows",
        "  line 29: baseline: bound: low is above high, so nothing is within",
        "  line 47: baseline: the relation falls_by_step is there already",
        "  line 55: baseline: no field is at 'shapes/y'; the nearest is shapes/x",
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            '[exercises.one]\nscript = "reference.py"\n',
            "line 3: script says nothing beside [exercises]: write it into the table of one",
        ),
        ('page = "reference.md"\n', "line 4: baseline: name its page"),
        ('[[fields]]\nat = "loop/good"\natol = "1"\n', "line 6: baseline: good is no number"),
        ('[[fields]]\nat = "loop/good"\ndecimals = 2\n', "line 6: baseline: good is no number"),
        ('[[fields]]\nat = "loop/g*"\nrtol = "1"\n', "line 6: baseline: good is no number"),
        (
            'published = true\n[exercises.one]\nscript = "reference.py"\n',
            "line 4: published says nothing beside [exercises]",
        ),
        ('[[fields]]\nat = "loop/good"\n', "line 5: baseline: the table says nothing of"),
        (
            '[[fields]]\nat = "loop/*"\njudged = false\natol = "1"\n',
            "line 7: baseline: 'loop/*' is not judged, so atol says nothing",
        ),
        (
            '[[fields]]\nat = "shapes/x"\nstage = "output"\n' * 2,
            "line 8: baseline: there is a table of 'shapes/x' already",
        ),
        (
            '[[fields]]\nat = "shapes/x"\nstage = "run"\n',
            "line 6: baseline: run is about how the script ends, and about no value",
        ),
        (
            "points = {run = 1, output = 1, values = 1, loss = 1}\n",
            "line 4: nothing is judged in the stage loss, so nobody could have its points",
        ),
        (
            'stages = [{name = "a"}, {name = "b"}]\n[points]\nrun = 1\noutput = 1\na = 1\nb = 1\n',
            "line 9: nothing is judged in the stage b, so nobody could have its points",
        ),
        (
            "points = {run = 1, output = 1, values = 0}\n",
            "line 4: the stage values is judged and worth no points",
        ),
        ("points = {run = 0, output = 0, values = 0}\n", "line 4: no stage is worth any points"),
        ("points.run = 9999999\n", "line 4: manifest: $.points.run: 9999999 is greater than"),
        (
            'before_after.loss_before = "loop/los"\n[[fields]]\nat = "shapes/y"\nstage = "run"\n',
            "line 4: before_after names 'loop/los', which is no field; the nearest is loop/loss",
        ),
        ("limits.memory_limit_mib = 9999999\n", "line 4: manifest: $.limits.memory_limit_mib: "),
        ("limits.time_limit_s = nan\n", "line 4: manifest: $.limits.time_limit_s: it is no number"),
        ('title = " "\n', "line 4: manifest: $.title: it holds nothing but blanks"),
        ('lesson = ""\n', "line 4: manifest: $.lesson: it holds nothing but blanks"),
        ('instructions = ["            "]\n', "$.instructions[0]: it holds nothing but blanks"),
        ('[evidence]\nx = ""\n', "line 5: manifest: $.evidence.x: "),
        ('[evidence]\n" " = "x"\n', "manifest: $.evidence: ' ' does not match"),
    ],
)
def test_what_would_be_passed_over_is_a_mistake(tmp_path: Path, more: str, says: str) -> None:
    """An author who wrote it meant something by it."""
    with pytest.raises(BadDataError) as error:
        made_lab(tmp_path, more)

    assert says in error.value.problem


def test_a_golden_of_no_other_seeds_is_made_again_where_some_are_asked_for(tmp_path: Path) -> None:
    """Else nothing would tell typed numbers, and nobody would know."""
    lab = made_lab(tmp_path, "seeds = []\n")
    fresh = fresh_golden(
        lab, lab.exercise("baseline"), runner=FakeRunner(run_result(PRINTED)), reason="a test"
    )
    lab.exercise("baseline").golden.write_text(golden_text(fresh))
    (lab.folder / "lab.toml").write_text(MANIFEST)

    with pytest.raises(
        BadDataError, match=r"other seeds raised \(none\) than lab.toml says \(torch"
    ):
        load_task(load_lab(lab.folder / "lab.toml"), "baseline")


def test_whole_numbers_may_be_written_with_a_point(tmp_path: Path) -> None:
    """To a schema they are whole; to what counts by them, too."""
    more = "points = {run = 1.0, output = 2.0, values = 3.0}\nlimits.file_limit_mib = 4.0\n"
    lab = made_lab(tmp_path, more + '[[fields]]\nat = "loop/*"\ndecimals = 2.0\n')

    assert list(map(repr, lab.points.values())) == ["1", "2", "3"]
    assert repr(lab.limits.file_limit_bytes) == str(4 * 2**20)
    assert [field.decimals for field in lab.exercise("baseline").fields] == [0, 2, 2, 0]


def test_words_stay_exact_among_numbers_that_a_pattern_names(tmp_path: Path) -> None:
    """A tolerance says nothing of them."""
    lab = made_lab(tmp_path, '[[fields]]\nat = "loop/*"\natol = "0.5"\nwhy = "as it is rounded"\n')
    by = {field.at: field for field in lab.exercise("baseline").fields}

    assert str(by["loop/sgd/step=1/loss"].atol) == "0.5"
    assert (str(by["loop/good"].atol), by["loop/good"].why) == ("0", "as it is rounded")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("folder.md", "folder.md is no regular file"),
        ("pipe.md", "pipe.md is no regular file"),
        ("nowhere.md", "nowhere.md is no regular file"),
        ("x" * 300 + ".md", "cannot be read: File name too long"),
    ],
)
def test_a_page_that_is_no_file_is_refused_at_once(tmp_path: Path, name: str, says: str) -> None:
    """Nothing is read of it, and nobody waits for a pipe."""
    folder = tmp_path / "steps"
    (folder / "folder.md").mkdir(parents=True)
    os.mkfifo(folder / "pipe.md")
    (folder / "nowhere.md").symlink_to("gone.md")
    manifest = folder / "lab.toml"
    manifest.write_text(f'schema_version = 2\nid = "steps"\npage = "{name}"\n')

    with pytest.raises(BadDataError, match=f"line 3: baseline: .*{says}"):
        load_lab(manifest)


def test_a_broken_canary_is_told_by_its_id(tmp_path: Path) -> None:
    """A lesson's folder may have the same name."""
    for folder in (tmp_path / "adam", tmp_path / "canary" / "adam"):
        folder.mkdir(parents=True)
        (folder / "lab.toml").write_text("schema_version = 2\n")

    assert sorted(load_sound_labs(tmp_path)[1]) == ["adam", "canary-adam"]


@pytest.mark.parametrize("seeds", [["numpy"], ["random", "torch"], []])
def test_a_lab_says_whose_seeds_are_raised(tmp_path: Path, seeds: list[str]) -> None:
    """A golden that was made with others has to be made again."""
    lab = made_lab(tmp_path, f"seeds = {json.dumps(seeds)}\n")

    assert lab.seeds == tuple(each for each in GENERATORS if each in seeds)
    with pytest.raises(BadDataError, match="made with other seeds raised"):
        load_task(lab, "baseline")
    fresh = fresh_golden(
        lab, lab.exercise("baseline"), runner=FakeRunner(run_result(PRINTED)), reason="a test"
    )
    assert fresh.seeds == lab.seeds
    assert bool(fresh.reseeded) == bool(seeds)
    lab.exercise("baseline").golden.write_text(golden_text(fresh))
    assert load_task(lab, "baseline").golden.seeds == lab.seeds


def test_a_relation_of_addresses_is_judged(tmp_path: Path) -> None:
    """What contradicts it is named as people call it."""
    task = load_task(made_lab(tmp_path, RELATION), "baseline")
    for printed, says in (
        (PRINTED, "the loss falls from step to step"),
        (PRINTED.replace(b"8.1234", b"9.1234"), "sgd loss at step=2 is 9.1234 and sgd loss at"),
        (PRINTED.replace(b"step=2", b"step=3"), "not judged: sgd loss at step=2 is not printed"),
    ):
        match = match_output(read_stdout(printed), task.exercise)
        (check,) = relation_checks(match, exercise=task.exercise, related={})
        assert says in check.message


@pytest.mark.parametrize(
    "more",
    [
        '[[fields]]\nat = "*"\natol = "1e99999999999999999999"\n',
        '[[fields]]\nat = "*"\nrtol = "1e999999999"\n',
        RELATION.replace('"falls"', '"sums_to"') + 'factor = "1e99999999999"\natol = "0"\n',
    ],
)
def test_numbers_of_a_manifest_are_bounded(tmp_path: Path, more: str) -> None:
    """None takes other labs down, or a grading."""
    with pytest.raises(BadDataError, match="does not match"):
        made_lab(tmp_path, more)


def test_closing_lines_may_hold_a_slash(tmp_path: Path) -> None:
    """What has no section of the lab before its slash is a text."""
    lab = made_lab(
        tmp_path, '[evidence]\ndevice = "cpu/cuda"\npassed = "5/5"\nnear = "loops/good"\n'
    )

    kept = (("device", "cpu/cuda"), ("passed", "5/5"), ("near", "loops/good"))
    assert lab.exercise("baseline").evidence == kept


def test_who_judges_nothing_compares_nothing_as_a_whole(tmp_path: Path) -> None:
    """All fields are left out by the author; that is no output without a value."""
    lab = made_lab(tmp_path, '[[fields]]\nat = "*"\njudged = false\n')
    assert (lab.exercise("baseline").fields, lab.exercise("baseline").is_whole) == ((), False)
    assert made_lab(tmp_path, printed=b"prose alone\n").exercise("baseline").is_whole


def test_a_golden_that_says_nothing_of_fields_is_bad_data(tmp_path: Path) -> None:
    """Nobody is judged by it."""
    lab = made_lab(tmp_path)
    golden = lab.exercise("baseline").golden
    document = json.loads(golden.read_text())
    del document["derived"]
    golden.write_text(json.dumps(document))

    with pytest.raises(BadDataError, match="does not say what its fields are"):
        load_task(load_lab(lab.folder / "lab.toml"), "baseline")


def test_values_that_other_seeds_do_not_print_tell_nothing(tmp_path: Path) -> None:
    """A loop may end earlier under another seed."""
    task = load_task(made_lab(tmp_path), "baseline")

    assert task.answers
    assert discriminating_fields(task.answers, answers=task.answers, expected={}) == ()
