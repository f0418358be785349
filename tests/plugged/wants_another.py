"""A module that needs one that is not installed."""

import a_docking_program_that_nobody_has  # noqa: F401
