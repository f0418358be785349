"""`chemvae demo`: the main job on what the package carries."""

from dataclasses import dataclass

from chemvae.cli.answers import answer
from chemvae.cli.options import Model, Output, Writing

EXAMPLE = """Example, two minutes at most, no download:
  chemvae demo -o runs/demo
  then open runs/demo/report.html in a browser"""


@dataclass(frozen=True, kw_only=True)
class DemoOptions(Writing):
    """Where the demo writes, and how much it does."""

    output: Output = "runs/demo"
    """folder for report.html and candidates.csv"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    budget: int = 300
    """how many different molecules may be measured, 20 start molecules included"""
    seed: int = 0
    """of the start molecules and of the search"""


def demo(*, options: DemoOptions = DemoOptions()) -> None:
    """Optimise 5*qed - sa from bundled molecules with the bundled model, and write a report."""
    from chemvae.demo import demo as run

    answer(run(options.output, **options.but("output")))
