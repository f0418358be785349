"""The few kinds of error; each message says what was expected, what came, and what to do."""


class ChemvaeError(Exception):
    """Base of every error that chemvae raises on purpose; the command line prints it in one line."""


class InputError(ChemvaeError, ValueError):
    """A table, file or argument is not what was expected."""


class MissingFileError(InputError, FileNotFoundError):
    """A file or folder does not exist."""


class ExistsError(ChemvaeError, FileExistsError):
    """An output exists already and nobody said to overwrite or resume it."""


class ConfigError(ChemvaeError, ValueError):
    """A recipe or setting has an unknown key or a value that cannot be."""


class BundleError(ChemvaeError, ValueError):
    """A model bundle is damaged, foreign or hostile."""


class TrainingError(ChemvaeError, RuntimeError):
    """A training came to nothing."""


class UnknownTokenError(InputError):
    """A text holds a token that the vocabulary lacks."""


class OracleError(ChemvaeError, RuntimeError):
    """An oracle cannot be used: it has no direction, no budget, or fails at every call."""


class ChecksumError(InputError):
    """A file is not the one that its checksum promises."""
