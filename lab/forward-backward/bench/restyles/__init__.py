"""Ways to write the lesson's scripts otherwise, a module for each part that they change."""

from __future__ import annotations

from restyles.backward import BACKWARD
from restyles.imports import IMPORTS
from restyles.layout import LAYOUT
from restyles.model import MODEL
from restyles.prints import PRINTS
from restyles.statements import STATEMENTS
from restyles.step import STEP

RESTYLES = (
    *LAYOUT.all,
    *STATEMENTS.all,
    *MODEL.all,
    *STEP.all,
    *IMPORTS.all,
    *PRINTS.all,
    *BACKWARD.all,
)
