"""A learned proposal on a double well: jumps between the wells beside those of tuned Hamiltonian Monte Carlo."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from chemvae.families.family import Outcome, Picture
from chemvae.nn.toy.proposal import (
    DoubleWell,
    hamiltonian,
    jumps,
    learned,
    metropolis,
    squared_jump,
    tuned_hamiltonian,
    walked,
)
from chemvae.report.figures import COLOURS, canvas, label
from chemvae.systems.toy import LearnedMcmcConfig

SHOWN = 200
"""Steps of a chain that are drawn."""
TUNED_CHAINS = 100


def learned_mcmc(settings: LearnedMcmcConfig, seed: int) -> Outcome:
    """Return mode jumps per step of either sampler, and whether both keep the density."""
    chance, well = torch.Generator().manual_seed(seed), DoubleWell(settings.apart)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        proposal = learned(well, settings.hidden, settings.train_steps, settings.learning_rate, chance)
    start = in_both_wells(well, settings.chains)
    size, moves = tuned_hamiltonian(well, in_both_wells(well, TUNED_CHAINS), settings.tuning_steps, chance)
    paths = {
        "learned": walked(metropolis(proposal, well), start, settings.steps, chance),
        "hmc": walked(hamiltonian(well, size, moves), start, settings.steps, chance),
    }
    figures = {f"{name}_jumps_per_step": jumps(path) for name, path in paths.items()}
    figures |= {f"{name}_squared_jump": squared_jump(path) for name, path in paths.items()}
    learned_path = paths["learned"]
    figures |= {
        "right_well_share": float((learned_path[..., 0] > 0).float().mean()),
        "first_square": float(learned_path[..., 0].square().mean()),
        "first_square_exact": well.apart**2 + well.width**2,
        "second_std": float(learned_path[..., 1].std()),
        "second_std_exact": well.width,
    }
    protocol = {
        "seed": seed,
        "apart": settings.apart,
        "train_steps": settings.train_steps,
        "chains": settings.chains,
        "steps": settings.steps,
        "hmc_step_size": size,
        "hmc_gradients_per_step": moves,
    }
    pictures = [
        Picture("traces", traces(paths), f"The first coordinate of one chain of each, {SHOWN} steps."),
        Picture("visited", visited(learned_path, well), "Where the learned chain has been, and the exact density."),
    ]
    return Outcome(figures, protocol, pictures)


def in_both_wells(well: DoubleWell, chains: int) -> Tensor:
    """Return the middles of the wells in turn."""
    side = 1.0 - 2.0 * (torch.arange(chains) % 2)
    return torch.stack([side * well.apart, torch.zeros(chains)], dim=1)


def traces(paths: dict[str, Tensor]) -> Figure:
    """Draw the first coordinate of the first chain of each sampler."""
    figure, axes = canvas(size=(6.0, 2.9))
    for at, (name, path) in enumerate(paths.items()):
        axes.plot(path[:SHOWN, 0, 0].numpy(), color=COLOURS[at], linewidth=0.9, label=name)
    label(axes, "step", "first coordinate")
    return figure


def visited(path: Tensor, well: DoubleWell) -> Figure:
    """Draw the histogram of the first coordinate, and its exact density."""
    figure, axes = canvas()
    axes.hist(path[..., 0].flatten().numpy(), bins=80, density=True, color=COLOURS[0], alpha=0.5, label="visited")
    at = torch.linspace(-well.apart - 2, well.apart + 2, 300)
    line = torch.stack([at, torch.zeros(300)], dim=1)
    across = well.width * (2 * torch.pi) ** 0.5  # what the second coordinate integrates to
    axes.plot(at.numpy(), well.log_density(line).exp().numpy() * across, color=COLOURS[1], linewidth=1.5, label="exact")
    label(axes, "first coordinate", "density")
    return figure
