"""The program `chemvae`: its commands, and how it ends."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cyclopts import App, CycloptsError, Group
from cyclopts.config import Env

from chemvae import __version__
from chemvae.cli import (
    climb,
    data,
    demo,
    doctor,
    evaluate,
    explore,
    export,
    holes,
    image,
    job,
    latent,
    map,
    optimize,
    score,
    studio,
    train,
)
from chemvae.cli.options import DEFAULTS, STANDARD, Options
from chemvae.cli.recipes import from_recipe
from chemvae.errors import ChemvaeError
from chemvae.io.progress import Level, duration, level, tell, telling_at

HELP = """Design molecules in the latent space of a variational autoencoder.

Tables are read and written by their ending: .csv, .csv.gz, .tsv, .smi, .txt,
.parquet; - is standard input or output. An option can also come from the
environment: --smiles-column from CHEMVAE_SMILES_COLUMN. Nothing is overwritten
unless you say --overwrite or --resume."""

EXAMPLE = """Example, the first three steps; COMMAND --help has one for each:
  chemvae demo -o runs/demo
  chemvae score data/druglike.csv.gz --filters PAINS -o scored.csv
  chemvae optimize --maximize "5*qed - sa" --budget 500 -o runs/better"""

BEGIN, LEARN, WALK, WORK = (
    Group(name, sort_key=i)
    for i, name in enumerate(
        ["Begin here", "Data and training", "Explore the latent space", "Optimise and score"],
    )
)

COMMANDS: dict[str, tuple[Group, Callable[..., None], str]] = {
    "demo": (BEGIN, demo.demo, demo.EXAMPLE),
    "app": (BEGIN, studio.app, studio.EXAMPLE),
    "doctor": (BEGIN, doctor.doctor, doctor.EXAMPLE),
    "train": (LEARN, train.train, train.EXAMPLE),
    "evaluate": (LEARN, evaluate.evaluate, evaluate.EXAMPLE),
    "export": (LEARN, export.export, export.EXAMPLE),
    "image": (LEARN, image.image, image.EXAMPLE),
    "encode": (WALK, latent.encode, latent.ENCODE_EXAMPLE),
    "decode": (WALK, latent.decode, latent.DECODE_EXAMPLE),
    "sample": (WALK, latent.sample, latent.SAMPLE_EXAMPLE),
    "neighbors": (WALK, explore.neighbors, explore.NEIGHBORS_EXAMPLE),
    "interpolate": (WALK, explore.interpolate, explore.INTERPOLATE_EXAMPLE),
    "map": (WALK, map.map, map.EXAMPLE),
    "holes": (WALK, holes.holes, holes.EXAMPLE),
    "climb": (WALK, climb.climb, climb.EXAMPLE),
    "optimize": (WORK, optimize.optimize, optimize.EXAMPLE),
    "score": (WORK, score.score, score.EXAMPLE),
}

DATA_COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "list": (data.list_, data.LIST_EXAMPLE),
    "fetch": (data.fetch, data.FETCH_EXAMPLE),
    "prepare": (data.prepare, data.PREPARE_EXAMPLE),
}

JOB_COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "status": (job.status, job.STATUS_EXAMPLE),
    "merge": (job.merge, job.MERGE_EXAMPLE),
}

INTERRUPTED = 130


def build() -> App:
    """Put the program together."""
    app = App(
        name="chemvae",
        help=HELP,
        help_epilogue=EXAMPLE,
        help_format="plaintext",
        version=__version__,
        config=[Env("CHEMVAE_", command=False, show=False), from_recipe],
        default_parameter=DEFAULTS,
        group_commands=Group("Every command", sort_key=99),
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    app.register_install_completion_command(
        help="Install completion for this shell: writes a script to the home folder.",
        group=Group("Parameters", sort_key=98),
    )
    tables = App(name="data", help=data.HELP, help_epilogue=data.EXAMPLE, group=LEARN, sort_key=-1)
    jobs = App(name="job", help=job.HELP, help_epilogue=job.EXAMPLE, group=WORK, sort_key=len(COMMANDS))
    app.command(tables)
    app.command(jobs)
    for order, (name, (group, command, example)) in enumerate(COMMANDS.items()):
        app.command(command, name=name, group=group, help_epilogue=example, sort_key=order)
    for order, (name, (command, example)) in enumerate(DATA_COMMANDS.items()):
        tables.command(command, name=name, help_epilogue=example, sort_key=order)
    for order, (name, (command, example)) in enumerate(JOB_COMMANDS.items()):
        jobs.command(command, name=name, help_epilogue=example, sort_key=order)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 an error, 2 wrong usage, 130 interrupted."""
    tokens = [STANDARD if token == "-" else token for token in (sys.argv[1:] if arguments is None else arguments)]
    try:
        run(build(), tokens)
    except CycloptsError as error:
        command = " ".join(["chemvae", *(error.command_chain or ())])
        return ended(f"{sentence(one_line(error))} See `{command} --help`.", 2)
    except KeyboardInterrupt as error:
        return ended(str(error) or "Interrupted; no unfinished file is left behind.", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has seen enough
        if sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ChemvaeError, OSError) as error:
        if os.environ.get("CHEMVAE_DEBUG"):
            raise
        return ended(one_line(error), 1)
    return 0


def run(app: App, tokens: Sequence[str]) -> None:
    """Parse and call, or print the settings that the call would use."""
    command, bound, _ = app.parse_args(tokens, exit_on_error=False, print_error=False)
    bound.apply_defaults()
    given: dict[str, Any] = dict(bound.arguments)
    options = given.pop("options", None)
    if isinstance(options, Options) and options.print_config:
        print(options.as_toml(command.__name__, given))
    elif isinstance(options, Options):
        with telling_at(options.level), messages_counted():
            command(*bound.args, **bound.kwargs)
    else:
        command(*bound.args, **bound.kwargs)
    if sys.stdout:  # somebody may have closed it before we began
        sys.stdout.flush()


@contextlib.contextmanager
def messages_counted() -> Iterator[None]:
    """Keep what RDKit says from the terminal; tell how much of it there was and how long all took, if wanted."""
    try:
        from chemvae.chem.messages import count_messages, listening
    except ImportError:  # training does without RDKit, and the doctor tells what is the matter with it
        yield
        return
    began = time.monotonic()
    with listening() if level() >= Level.ALL else contextlib.nullcontext(count_messages()) as messages:
        yield
    if messages.counted:
        tell(f"{messages}", Level.ALL)
    tell(f"took {duration(time.monotonic() - began)}", Level.ALL)


def ended(message: str, code: int) -> int:
    """Tell in one line why the program ends."""
    print(f"error: {message}", file=sys.stderr)
    return code


def sentence(text: str) -> str:
    """End a text in one mark: a full stop, unless it has one of its own."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def one_line(error: BaseException) -> str:
    """Write an error without line breaks."""
    if isinstance(error, OSError) and not isinstance(error, ChemvaeError) and error.strerror:
        return f"Expected to read or write {error.filename or 'a file'}, but got: {error.strerror}."
    return " ".join(str(error).split()) or type(error).__name__
