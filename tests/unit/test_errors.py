"""Every error family has the exit code that the contract gives it."""

from __future__ import annotations

import inspect

import pytest

from verifier import errors

CONTRACT = {
    "PASSED": 0,
    "FAILED": 1,
    "USAGE": 2,
    "NOT_GRADABLE": 3,
    "ENVIRONMENT": 4,
    "BAD_DATA": 5,
    "INTERRUPTED": 130,
}
FAMILIES = (errors.UsageError, errors.EnvironmentFailure, errors.BadDataError)


def test_exit_codes_are_those_of_the_contract() -> None:
    """Callers in CI rely on these numbers."""
    assert {code.name: code.value for code in errors.ExitCode} == CONTRACT


def _error_classes() -> list[type[errors.LabcheckError]]:
    return [
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.LabcheckError) and error is not errors.LabcheckError
    ]


@pytest.mark.parametrize("error", _error_classes())
def test_every_error_belongs_to_exactly_one_family(error: type[errors.LabcheckError]) -> None:
    """One exit code per family: no error invents its own."""
    assert [error.exit_code for family in FAMILIES if issubclass(error, family)] == [
        family.exit_code for family in FAMILIES if issubclass(error, family)
    ]
    assert sum(issubclass(error, family) for family in FAMILIES) == 1


def test_message_holds_problem_then_remedy() -> None:
    """An error without a remedy leaves its reader alone."""
    error = errors.ImageMissingError(image="labcheck-runtime")

    assert str(error) == "the image labcheck-runtime is not on this machine\n  → run `make image`"


@pytest.mark.parametrize(
    ("image", "target"),
    [
        ("labcheck-runtime", "make image"),
        ("labcheck-runtime-course", "make image VARIANT=course"),
        ("of-mine", "make image"),
    ],
)
@pytest.mark.parametrize("error", [errors.ImageMissingError, errors.StaleImageError])
def test_missing_image_is_made_by_its_own_target(
    error: type[errors.ImageMissingError | errors.StaleImageError], image: str, target: str
) -> None:
    """A variant is built only when it is asked for."""
    assert error(image=image).remedy == f"run `{target}`"
