"""The variables that interpreters find in their environment: a script's, and those of our own."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
"""No variable besides those that every run has."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Those that say how many threads torch and numpy start."""

BARE: Mapping[str, str] = MappingProxyType({"PATH": os.defpath, "LANG": "C.UTF-8"})
"""All that an interpreter of labcheck's own finds: its client's variables may hold secrets, and a
submission may share its uid."""

PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
"""Where such an interpreter finds this package: it is isolated, so no variable can tell it."""


def of_run(home: str, settings: Mapping[str, str] = NO_SETTINGS) -> dict[str, str]:
    """Give all that a submission finds in its environment, whichever runner starts it.

    Unbuffered, so that what was printed before a kill is kept; a name, because torch asks
    who it is and a run's uid is in no list; plots go to files, and to show one waits for nobody;
    what scikit-learn would do in several processes it does in this one.

    Args:
        home: Its folder.
        settings: Variables chosen besides, or otherwise. One number of threads that is
            chosen stands for all: the least of them would count.
    """
    usual = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "submission",
        "JOBLIB_MULTIPROCESSING": "0",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    if settings.keys().isdisjoint(THREAD_VARIABLES):
        usual |= dict.fromkeys(THREAD_VARIABLES, "1")
    return usual | dict(settings)


def of_fork_server(settings: Mapping[str, str] = NO_SETTINGS) -> dict[str, str]:
    """Give all that the interpreter finds whose forks are the scripts; it can write nowhere."""
    # Importing an optimizer makes a cache folder; one that exists already is not made.
    return {
        "TORCHINDUCTOR_CACHE_DIR": "/",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # its heap in huge pages; see `memory`
        **of_run("/", settings),
    }
