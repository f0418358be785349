"""What a recipe may say: strict, frozen sections; a key we do not know is an error."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

Activation = Literal["tanh", "relu", "gelu"]


def several(value: Any) -> Any:
    """Take `a,b` for a list of names."""
    return tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else value


Tracks = Annotated[tuple[Literal["tensorboard", "mlflow"], ...], BeforeValidator(several)]


class Section(BaseModel):
    """A table of `run.toml`; a key we do not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(Section):
    """Which molecules to train on: a prepared folder, or a table that is prepared into the run first."""

    prepared: str | None = None
    """folder that `chemvae data prepare` wrote"""
    table: str | None = None
    """table of SMILES, or `druglike` for the molecules that the package carries; with tokens = "words" sentences, one a
    line: a text, or a folder or .zip of train.txt, valid.txt and test.txt"""
    smiles_column: str | None = None
    target_columns: tuple[str, ...] = ()
    properties: tuple[str, ...] = ("logp", "qed", "sa")
    tokens: Literal["atoms", "kekule", "characters", "selfies", "pairs", "kekule-pairs", "selfies-pairs", "words"] = (
        "atoms"
    )
    merges: PositiveInt | None = None
    """pairs of tokens to merge at most, with a scheme that merges; None takes 500"""
    split: str = "random"
    split_sizes: tuple[float, float, float] = (0.9, 0.05, 0.05)
    standardise: bool = True
    max_length: PositiveInt = 120
    """tokens before any merge, the end mark not counted; a longer molecule is rejected"""

    @model_validator(mode="after")
    def _one_source(self) -> "DataConfig":
        if self.prepared and self.table:
            raise ValueError("Expected either data.prepared or data.table, but got both. Drop one.")
        of_molecules = [name for name in ("smiles_column", "target_columns", "merges") if getattr(self, name)]
        if self.tokens == "words" and of_molecules:
            raise ValueError(f'Expected sentences with tokens = "words", which have no {of_molecules[0]}. Drop it.')
        return self


class EncoderConfig(Section):
    """ConvEncoder: strides come early, since convolutions at full length cost as much as the decoder."""

    embed: NonNegativeInt = 48
    """width of a token's embedding; 0 feeds one-hot vectors"""
    channels: tuple[PositiveInt, ...] = (96, 160, 256)
    kernels: tuple[PositiveInt, ...] = (5, 5, 5)
    strides: tuple[PositiveInt, ...] = (1, 2, 2)
    hidden: tuple[PositiveInt, ...] = (512,)
    activation: Activation = "gelu"
    pool: bool = True
    batch_norm: bool = False
    dropout: NonNegativeFloat = 0.0

    @model_validator(mode="after")
    def _equally_many(self) -> "EncoderConfig":
        counts = {len(self.channels), len(self.kernels), len(self.strides)}
        if len(counts) != 1 or not self.channels or not self.hidden:
            raise ValueError(
                "Expected as many kernels and strides as channels, at least one, and a hidden layer, but got "
                f"{len(self.channels)} channels, {len(self.kernels)} kernels, {len(self.strides)} strides, "
                f"{len(self.hidden)} hidden."
            )
        if any(kernel % 2 == 0 for kernel in self.kernels):
            raise ValueError(f"Expected odd kernels, which keep a string's length, but got {self.kernels}.")
        return self


class DecoderConfig(Section):
    """GRUDecoder: how wide, how deep and how z reaches it."""

    embed: PositiveInt = 48
    width: PositiveInt = 384
    layers: PositiveInt = 1
    injection: Literal["initial", "every-step", "positional"] = "positional"
    memory: PositiveInt = 48
    hidden: PositiveInt = 512
    dropout: NonNegativeFloat = 0.0
    word_dropout: NonNegativeFloat = 0.1


class HeadConfig(Section):
    """PropertyHead: the layers between z and the properties."""

    hidden: tuple[PositiveInt, ...] = (256, 256)
    activation: Activation = "gelu"
    dropout: NonNegativeFloat = 0.0
    weight: NonNegativeFloat = 1.0
    """of -log p(y|z) beside the reconstruction, both in nats"""
    learn_noise: bool = True
    """weigh a property by how well it can be predicted; false is plain squared error"""


class PriorConfig(Section):
    """Prior: N(0, I), or what is fitted to the aggregate posterior once the networks are trained."""

    kind: Literal["normal", "mixture", "flow"] = "normal"
    components: PositiveInt = 200
    """of the mixture"""
    layers: PositiveInt = 10
    """couplings of the flow"""
    width: PositiveInt = 192
    """of their hidden layers"""
    steps: PositiveInt = 3000
    """of Adam, that fit it"""
    batch_size: PositiveInt = 512
    learning_rate: PositiveFloat = 2e-3


class ValidityConfig(Section):
    """Teaching the decoder to write valid strings at points of the prior, once the networks are trained."""

    steps: NonNegativeInt = 0
    """0 leaves it out; it needs RDKit, which the rest of training does not"""
    batch_size: PositiveInt = 96
    """molecules to reconstruct at each step"""
    blurred: NonNegativeFloat = 0.5
    """share of these whose z is carried towards noise first: what is written between molecules stays like molecules"""
    samples: PositiveInt = 192
    """points of the prior at each step"""
    weight: NonNegativeFloat = 3.0
    """of the policy gradient beside the reconstruction"""
    leash: NonNegativeFloat = 0.1
    """what a nat of distance from the decoder as it was costs, where a valid string earns 1; at 0 the decoder soon
    writes the same few strings everywhere"""
    learning_rate: PositiveFloat = 3e-4


class ModelConfig(Section):
    """How large the networks are."""

    latent: PositiveInt = 96
    encoder: EncoderConfig = EncoderConfig()
    decoder: DecoderConfig = DecoderConfig()
    head: HeadConfig | Literal[False] = HeadConfig()
    """false trains no head"""
    prior: PriorConfig = PriorConfig()


class ObjectiveConfig(Section):
    """What is minimised: reconstruction + beta x KL, both sums, in nats."""

    beta: NonNegativeFloat = 0.1
    schedule: Literal["linear", "sigmoid", "constant"] = "linear"
    start: NonNegativeFloat = 0.0
    """linear: epoch at which beta begins to rise; sigmoid: epoch of half height"""
    rise: PositiveFloat = 0.1
    """linear: epochs from 0 to full beta; sigmoid: slope, per epoch"""
    relax_at: NonNegativeFloat | None = None
    """linear: epoch from which beta is `relaxed_beta`: compress first, then sharpen"""
    relaxed_beta: NonNegativeFloat = 0.0
    free_nats: NonNegativeFloat = 0.0
    blurred: NonNegativeFloat = 0.0
    """share of molecules whose z is carried towards noise before the decoder sees it, so that it learns to write well
    between the molecules too; `train_nll` in the log counts them in"""
    blur_from: NonNegativeFloat = 0.0
    """epoch from which it is"""
    blur_until: NonNegativeFloat | None = None
    """epoch until which it is; None is the last"""


class TrainConfig(Section):
    """From what, how long and how fast."""

    start_from: str | None = None
    """bundled model, or folder of one, whose encoder and decoder (and their sizes) this training goes on from; the
    head is new, and the table prepared with that model's tokenizer"""
    epochs: PositiveInt = 10
    batch_size: PositiveInt = 128
    learning_rate: PositiveFloat = 2e-3
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: NonNegativeFloat = 1e-3
    warmup_steps: NonNegativeInt = 500
    decay_epochs: NonNegativeFloat = 2.0
    """the last epochs, over which the learning rate falls to a fiftieth"""
    clip: PositiveFloat = 20.0  # of the gradient's norm; losses are sums, so norms are large
    patience: PositiveInt | None = None
    """stop after so many epochs without a better validation loss"""
    keep: Literal["best", "last"] = "best"
    """which epoch becomes the model: that of the least validation loss, or the last; a head that grows too sure of
    itself raises the loss while every error still falls"""
    validate_molecules: PositiveInt = 2000
    repeat_labelled: PositiveInt = 1
    """a molecule with a label comes so many times an epoch: for few labels among many molecules"""
    pad_to_cap: bool = False
    """pad every batch to the length cap, as the 2018 model did, instead of to its longest"""
    checkpoint_minutes: PositiveFloat = 3.0
    precision: Literal["auto", "32", "bf16"] = "auto"
    threads: PositiveInt | None = None
    devices: PositiveInt = 1
    """processes that train together on this host, a GPU each, or on a CPU its cores shared; they share every batch"""
    nodes: PositiveInt = 1
    """hosts that do so; a launcher such as torchrun then starts the processes on each"""
    track: Tracks = ()
    """where the log is shown beside `metrics.csv`; needs the extra [track]"""


class Recipe(Section):
    """Everything that decides a run."""

    name: str = "run"
    seed: NonNegativeInt = 0
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    train: TrainConfig = TrainConfig()
    validity: ValidityConfig = ValidityConfig()
