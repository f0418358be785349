"""`chemvae demo`: the main job on what the package carries."""

from dataclasses import dataclass

from chemvae.cli.options import Output, Writing

EXAMPLE = """Example, two minutes at most, no download:
  chemvae demo -o runs/demo
  then open runs/demo/report.html in a browser"""


@dataclass(frozen=True, kw_only=True)
class DemoOptions(Writing):
    """Where the demo writes."""

    output: Output = "runs/demo"
    """folder for report.html and candidates.csv"""


def demo(*, options: DemoOptions = DemoOptions()) -> None:
    """Optimise 5*qed - sa from bundled molecules with the bundled model, and write a report."""
    from chemvae.demo import demo as run

    run(options.output, overwrite=options.overwrite)
