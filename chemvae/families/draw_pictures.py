"""Pictures of a drawing: the canvas after each step, with the windows through which is read and written."""

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from chemvae.families.family import Picture
from chemvae.nn.images.draw import DrawDecoder, Drawing
from chemvae.nn.images.draw_inference import DrawInference
from chemvae.nn.window import Window
from chemvae.report.images import windowed

MOST = 10
"""Steps that are shown, spread over all."""
READ, WRITTEN = "#2ca02c", "#d62728"


@torch.no_grad()
def canvases(inference: DrawInference, x: Float[Tensor, "n pixels"], seed: int) -> list[Picture]:
    """Return how test images are read and drawn again, and how new ones are drawn."""
    decoder, steps = inference.decoder, shown(inference.decoder.settings.steps)
    walk = inference.walk(x, lambda belief, _: belief.mean)
    n, height, width = len(x), *decoder.shape
    truth = x.view(n, 1, height, width).expand(-1, len(steps), -1, -1).double().numpy()
    read = np.stack([boxed(walk.readings[at].seen, n) for at in steps], axis=1)  # n x steps x 4
    drawn, written = seen(decoder, walk.drawings, steps)
    both = np.stack([truth, drawn], axis=1).reshape(-1, height, width)
    boxes = np.stack([read, written], axis=1).reshape(-1, 4)
    colours = [colour for _ in range(n) for colour in (READ, WRITTEN) for _ in steps]
    again = Picture(
        "canvases",
        windowed(both, boxes, colours, len(steps)),
        "Test images with the window through which each step reads (green), and under each the canvas after that step "
        "with the window through which it was written (red).",
    )
    z = torch.randn(n, decoder.each * decoder.settings.steps, generator=torch.Generator().manual_seed(seed))
    new, where = seen(decoder, decoder.drawings(z), steps)
    drawing = windowed(
        new.reshape(-1, height, width), where.reshape(-1, 4), [WRITTEN] * (n * len(steps)), len(steps)
    )  # fmt: skip
    return [again, Picture("drawings", drawing, "New images of the prior, a row each, step by step.")]


def shown(steps: int) -> list[int]:
    """Return the steps to show, the last one among them."""
    return np.unique(np.linspace(0, steps - 1, min(steps, MOST)).round().astype(int)).tolist()


def seen(
    decoder: DrawDecoder, drawings: list[Drawing], steps: list[int]
) -> tuple[Float[ndarray, "n steps height width"], Float[ndarray, "n steps 4"]]:
    """Return what the canvases say at some steps, and where was written."""
    n = len(drawings[0].canvas)
    images = [decoder.likelihood.mean(drawings[at].canvas).view(n, *decoder.shape).double().numpy() for at in steps]
    return np.stack(images, axis=1), np.stack([boxed(drawings[at].written, n) for at in steps], axis=1)


def boxed(where: Window | None, n: int) -> Float[ndarray, "n 4"]:
    """Return the rectangles of windows; NaN where there is none."""
    return np.full((n, 4), np.nan) if where is None else where.box.double().numpy()
