"""The two kinds of generator that GuacaMol's benchmarks ask for, by shape: guacamol need not be installed."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from chemvae.errors import InputError
from chemvae.model import MoleculeModel
from chemvae.optimize import optimize


@runtime_checkable
class ScoringFunction(Protocol):
    """What GuacaMol hands over to be optimised."""

    def score_list(self, smiles_list: list[str]) -> list[float]:
        """Score molecules, the higher the better."""
        ...


class DistributionMatchingGenerator:
    """Writes molecules like those that the model was trained on.

    What the decoder writes is handed over as it is, invalid strings too, so that GuacaMol's validity is the model's.
    """

    def __init__(self, model: MoleculeModel, temperature: float = 1.0, seed: int = 0):
        """Store what to draw from.

        Args:
            model: from `chemvae.load`.
            temperature: of the decoding.
            seed: of the first call; each call draws anew, and the same calls in a row draw the same.
        """
        self.model, self.temperature, self.seed = model, temperature, seed
        self._calls = 0

    def generate(self, number_samples: int) -> list[str]:
        """Return so many strings."""
        written = self.model.sample(number_samples, self.temperature, seed=self.seed + self._calls)
        self._calls += 1
        return [molecule.smiles or molecule.text for molecule in written]


class GoalDirectedGenerator:
    """Searches for the molecules that a scoring function likes best, as `chemvae.optimize` does."""

    def __init__(
        self,
        model: MoleculeModel,
        budget: int = 1000,
        method: str = "structure-bayes",
        seed: int = 0,
        settings: Mapping[str, float] | None = None,
    ):
        """Store how to search.

        Args:
            model: from `chemvae.load`.
            budget: how many different molecules may be scored.
            method: as of `optimize`.
            seed: of everything drawn.
            settings: of the method.
        """
        self.model, self.budget, self.method, self.seed = model, budget, method, seed
        self.settings = dict(settings or {})

    def generate_optimized_molecules(
        self,
        scoring_function: ScoringFunction,
        number_molecules: int,
        starting_population: Sequence[str] | None = None,
    ) -> list[str]:
        """Return the best molecules that were scored, best first; fewer if fewer were found.

        Args:
            scoring_function: scores lists of SMILES.
            number_molecules: how many to return.
            starting_population: molecules to begin from; they are scored first, and count.

        Raises:
            InputError: more molecules are asked for than may be scored.
        """
        if number_molecules > self.budget:
            raise InputError(
                f"Expected at most {self.budget:,} molecules, the budget of calls, but got {number_molecules:,}. "
                "Raise budget."
            )

        def score(smiles: list[str]) -> list[float]:
            return scoring_function.score_list(smiles)

        found = optimize(
            self.model,
            score,
            start=list(starting_population or ()),
            method=self.method,
            budget=self.budget,
            seed=self.seed,
            settings=self.settings,
        )
        scored = found.history[found.history["objective"].notna()]
        best = scored.sort_values("objective", ascending=False, kind="stable")
        return [str(smiles) for smiles in best["smiles"].head(number_molecules)]
