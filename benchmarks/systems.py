"""Measure the systems of the lectures, each recipe beside its published figure and beside a peer on the same data."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from chemvae.config import Recipe
from chemvae.image import Imaged, image, read_image_recipe
from chemvae.io.atomic import read_json, write_json, write_text
from chemvae.io.image_sets import Images, load_images
from chemvae.io.recipes import read_recipe
from chemvae.sentences import prepare_sentences
from chemvae.systems.recipe import ImageRecipe, SystemRecipe
from chemvae.train import train

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "systems"
PAGE = ROOT / "docs" / "systems.md"
STEMS = {"run": "digits"}
"""What a result is called after, where it is not the name of the recipe's file."""
FIGURES = (
    "test_nll", "gaussian_test_nll", "test_negative_elbo", "test_negative_elbo_estimate", "gaussian_test_negative_elbo",
    "one_nn_accuracy", "one_nn_accuracy_of_pixels", "code_mse", "test_mse", "test_kl", "active_units", "posterior_std",
    "d_real", "d_fake", "value_over_rest", "classes_covered", "label_accuracy", "classifier_accuracy", "frechet",
    "frechet_of_training_images", "parzen_log_likelihood",
    "ink_moved", "ink_beside", "slant_moved", "slant_beside", "width_moved", "width_beside",
    "amortisation_gap", "refinement_gain", "variance_ratio", "log_z_error",
)  # fmt: skip
"""Figures that the page shows, in this order, where there is no other choice."""
SENTENCES = "sentences/"
"""What the names of systems begin with that `chemvae train` runs."""
OF_SENTENCES = (
    "test_nll",
    "test_negative_elbo",
    "test_reconstruction",
    "test_kl",
    "test_perplexity",
    "test_active_units",
)

OPENING = (
    "Every system is a recipe for `chemvae image`, sentences for `chemvae train`, on one core",
    "([systems_how.md](systems_how.md)). A line is a run:",
    "its figures were written by `python -m benchmarks.systems run`, this page by `python -m benchmarks.systems page`.",
    "Figures in nats are per image or sentence, of the test set; an NLL is by importance sampling with the number of",
    "samples named; an MSE is per pixel. Published figures compare with lines of the same data and protocol only:",
    "never with those on digits, which are there to try.",
)
"""What the page says first."""

PEER_RATE = 0.05
"""Learning rate of scikit-learn's BernoulliRBM."""


@dataclass(frozen=True)
class Row:
    """A system of the lectures."""

    recipes: tuple[str, ...]
    """folders below pipelines/, built or not"""
    shows: str
    """what it must show"""
    published: str
    """published figures with their protocol; a closed form or none where it says so"""


ROWS: tuple[Row, ...] = (
    Row(("toy/noise_transforms",), "exact moments and densities of transformed noise", "closed form"),
    Row(
        ("autoencoders/linear", "autoencoders/mlp", "autoencoders/conv"),
        "a linear autoencoder is PCA, a convolutional one beats it",
        "PCA, MSE per pixel on grey t10k: .05912 / .03892 / .02782 / .01738 at 2 / 8 / 16 / 32 dimensions",
    ),
    Row(
        ("vae/gaussian", "vae/frey"),
        "test NLL; the plane; samples; active units",
        "89.9, fixed binarisation, 200 importance samples; pythae 89.78",
    ),
    Row(("vae/reconstruction_only", "vae/kl_only"), "three latent maps; KL alone gives KL 0", "none"),
    Row(("vae/conditional",), "style apart from class", "none"),
    Row(
        ("richer_posteriors/iwae",),
        "the bound rises with k",
        "fixed binarisation, 5,000 importance samples, 3,280 epochs: 87.6 (k = 5), 87.1 (k = 50); pythae 87.85, 86.82",
    ),
    Row(
        ("richer_posteriors/vampprior", "richer_posteriors/mixture"),
        "bound no worse than one Gaussian's",
        "VampPrior 85.57; pythae 85.79, 5,000 importance samples",
    ),
    Row(
        ("richer_posteriors/planar_flow", "richer_posteriors/radial_flow", "richer_posteriors/sphere_flow"),
        "log-determinant against autograd; tighter than diagonal",
        "85.10 at 80 planar maps, fixed binarisation",
    ),
    Row(
        ("richer_posteriors/hmc",),
        "refinement raises the bound",
        "HVI 86.40; pythae 86.21, 1,000 importance samples",
    ),
    Row(("richer_posteriors/svi",), "amortisation gap, not below 0", "none"),
    Row(("richer_posteriors/reinforce",), "variance of gradients", "none"),
    Row(
        ("adversarial/gan", "adversarial/conditional_gan", "adversarial/dcgan"),
        "D tends to 1/2 at equal samplers; labels obeyed; modes covered",
        "Parzen window, 10,000 samples, MNIST: 225 +- 2 (GAN), 132 +- 1.8 (conditional)",
    ),
    Row(("adversarial/ali",), "encoder and generator agree", "1-NN in the codes of BiGAN: 97.39 % (not re-checked)"),
    Row(("adversarial/adversarial_vae",), "tighter than diagonal", "annealed importance sampling 80.2 against 81.9"),
    Row(("sequential/draw",), "canvases; bound", "80.97 with 64 glimpses"),
    Row(("sequential/pixelvae",), "better than the convolutional VAE", "79.02, 1,000 importance samples"),
    Row(
        ("sentences/ptb",),
        "KL above 0 with readable interpolations",
        "NLL 103.97 (the reconstruction term) with KL 7.27 after 4 epochs, a public re-implementation",
    ),
    Row(("toolbox/images",), "attribute vectors, walks, an unseen face", "none"),
    Row(
        ("energy/rbm", "energy/dbn", "energy/dbm"),
        "filters; log-likelihood by annealed importance sampling, tested against exact log Z",
        "RBM-500 CD-25 86.34; DBN 84.55; DBM bound 84.62",
    ),
    Row(("toy/cavi", "energy/helmholtz"), "CAVI matches the closed form; wake-sleep learns", "none re-checked"),
    Row(("toy/learned_mcmc",), "more mode jumps per step than tuned HMC", "L2HMC: 49.5 times the effective samples"),
)


def principal_components(images: Images, recipe: Any) -> dict[str, Any]:
    """Return the test error of scikit-learn's PCA with as many numbers per image."""
    from sklearn.decomposition import PCA

    pca = PCA(recipe.latent, random_state=recipe.seed).fit(images.parts["train"])
    test = images.parts["test"]
    back = pca.inverse_transform(pca.transform(test))
    return {"what": "scikit-learn PCA", "test_mse": float(((back - test) ** 2).mean())}


def bernoulli_machine(images: Images, recipe: Any) -> dict[str, Any]:
    """Return the likelihood of scikit-learn's BernoulliRBM, as large and as long taught, its log Z by our annealing."""
    import torch
    from sklearn.neural_network import BernoulliRBM

    from chemvae.nn.energy.annealing import annealed
    from chemvae.nn.energy.rbm import Pair, logit

    train, test = (torch.from_numpy(images.parts[part]) for part in ("train", "test"))
    peer = BernoulliRBM(
        recipe.machine.hidden, learning_rate=PEER_RATE, batch_size=recipe.train.batch_size,
        n_iter=recipe.train.epochs, random_state=recipe.seed,
    ).fit(train.numpy())  # fmt: skip
    weight, b, c = (
        torch.from_numpy(values).float()
        for values in (peer.components_.T.copy(), peer.intercept_visible_, peer.intercept_hidden_)
    )
    pair, chance = Pair(weight, b, c), torch.Generator().manual_seed(recipe.seed)
    found = annealed(pair, logit(train.mean(dim=0)), recipe.annealing.chains, recipe.annealing.steps, chance)
    nll = found.log_z - float(pair.log_density(test).mean().detach())
    return {"what": "scikit-learn BernoulliRBM", "test_nll": nll, "log_z_error": found.error}


PEERS: dict[str, Callable[[Images, Any], dict[str, Any]]] = {
    "autoencoders/linear": principal_components,
    "autoencoders/mlp": principal_components,
    "autoencoders/conv": principal_components,
    "energy/rbm": bernoulli_machine,
}
"""Recipes that have a peer which runs here."""


def main() -> None:
    """Run one recipe, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="train and measure a recipe; one that was stopped goes on")
    runs.add_argument("system", help="folder below pipelines/, e.g. vae/gaussian")
    runs.add_argument("--recipe", default="run", help="name of its file, e.g. mnist")
    runs.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the recipe")
    runs.add_argument("--as", dest="label", default=None, help="name of the result, e.g. mnist_k50")
    runs.add_argument("--runs", type=Path, default=Path("runs/systems"), help="folder of the runs")
    commands.add_parser("page", help="write docs/systems.md from what was measured")
    given = parser.parse_args()
    if given.command == "run":
        measure(given.system, given.recipe, given.set, given.label, given.runs)
    write_text(PAGE, page())


def measure(system: str, stem: str, changes: list[str], label: str | None, runs: Path) -> None:
    """Run a recipe in a folder of its own and write its JSON."""
    path, label = ROOT / "pipelines" / system / f"{stem}.toml", label or STEMS.get(stem, stem)
    folder = runs / f"{path.parent.name}_{label}"
    resume = (folder / "manifest.json").is_file()
    recipe: SystemRecipe | Recipe
    if system.startswith(SENTENCES):
        recipe = read_recipe(path, changes)
        done = sentences(recipe, folder, resume=resume)
    else:
        recipe = read_image_recipe(path, changes)
        done = image(recipe, folder, resume=resume)
    command = " ".join([f"python -m benchmarks.systems run {system}", *flags(stem, changes, label)])
    write_json(RESULTS / f"{recipe.name}_{label}.json", told(system, recipe, done, command))


def sentences(recipe: Recipe, folder: Path, *, resume: bool) -> Imaged:
    """Train a model of sentences, as `chemvae train` does."""
    prepared = folder.with_name(f"{folder.name}-prepared")
    if not resume:
        data = recipe.data
        prepare_sentences(
            str(data.table), prepared, max_length=data.max_length, seed=recipe.seed, overwrite=prepared.exists()
        )
    train(recipe, folder, prepared=prepared, resume=resume)
    told = read_json(folder / "metrics.json")
    return Imaged(folder, told["figures"], told["protocol"], [])


def flags(stem: str, changes: list[str], label: str) -> list[str]:
    """Return what to type after the system; folders of data stay at home."""
    public = [change for change in changes if not change.startswith(("data.folder", "data.table"))]
    named = [] if label == STEMS.get(stem, stem) else [f"--as {label}"]
    return [*([] if stem == "run" else [f"--recipe {stem}"]), *(f"--set {change}" for change in public), *named]


def told(system: str, recipe: SystemRecipe | Recipe, done: Imaged, command: str) -> dict[str, Any]:
    """Return what is kept of a run: every figure, what it depends on, what it cost, and the peer."""
    last = read_json(done.folder / "metrics.json").get("last_epoch") or {}
    budget = {name: last[name] for name in ("epoch", "step", "cpu_seconds", "seconds") if name in last}
    settings = recipe.model_dump(mode="json")
    if isinstance(settings.get("data"), dict):
        for at in ("folder", "table"):
            settings["data"].pop(at, None)
    result = {
        "system": system,
        "command": command,
        "protocol": done.protocol,
        "figures": done.figures,
        "published": next((row.published for row in ROWS if system in row.recipes), "none"),
        "budget": budget,
        "recipe": settings,
        **describe(),
    }
    if system in PEERS and isinstance(recipe, ImageRecipe):
        result["peer"] = PEERS[system](load_images(recipe.data, recipe.seed), recipe)
    return result


def page(results: Path = RESULTS) -> str:
    """Return the table of all systems: a line for each run, and one for each system that has none."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(results.glob("*.json")):
        result = read_json(path)
        found.setdefault(result["system"], []).append(result)
    lines = [
        "# The systems",
        "",
        *OPENING,
        "",
        "| system | must show | published | data | figures | cost | peer |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        for system in row.recipes:
            measured = found.get(system, [])
            lines += [f"| {' | '.join(cells(system, row, result))} |" for result in measured or [None]]
    return "\n".join(lines) + "\n"


def cells(system: str, row: Row, result: dict[str, Any] | None) -> list[str]:
    """Return the cells of one line."""
    built = (ROOT / "pipelines" / system / "run.toml").is_file()
    name = f"[{system}](../pipelines/{system})" if built else system
    if result is None:
        return [name, row.shows, row.published, "", "not measured yet" if built else "not built yet", "", ""]
    protocol, budget, peer = result["protocol"], result["budget"], result.get("peer", {})
    named = [protocol[key] for key in ("data", "binarise") if key in protocol]
    counted = [
        f"{protocol[key]} {key.replace('_', ' ')}" for key in ("test_images", "test_sentences") if key in protocol
    ]
    data = ", ".join([*named, *counted])
    cost = f"{budget.get('epoch', 0):.0f} epochs, {budget.get('cpu_seconds', 0):,.0f} CPU-s" if budget else ""
    beside = ", ".join(f"{key.replace('_', ' ')} {value:.4g}" for key, value in peer.items() if key != "what")
    return [
        name,
        row.shows,
        row.published,
        data,
        figures_of(result),
        cost,
        f"{peer['what']}: {beside}" if peer else "",
    ]


def figures_of(result: dict[str, Any]) -> str:
    """Return the figures of a run in a line, with latent dimensions and importance samples."""
    figures, recipe = result["figures"], result["recipe"]
    wanted = OF_SENTENCES if result["system"].startswith(SENTENCES) else FIGURES
    names = [name for name in wanted if name in figures] or list(figures)
    shown = [f"{name.replace('_', ' ')} {figures[name]:.4g}" for name in names]
    if "test_nll" in figures:
        k = result["protocol"].get("importance_samples")
        shown[0] += " (exact but for log Z)" if k is None else f" ({k} samples)"
    return "; ".join([*([f"{recipe['latent']} dimensions"] if "latent" in recipe else []), *shown])


if __name__ == "__main__":
    main()
