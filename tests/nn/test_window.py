"""Windows of Gaussian filters against a loop over pixels, and what they do at their limits."""

import math

import torch

from chemvae.nn.window import NUMBERS, window

CHANCE = torch.Generator().manual_seed(0)
SHAPE = (5, 7)


def test_a_window_is_what_the_paper_says() -> None:
    told, side = torch.randn(3, NUMBERS, generator=CHANCE) * 0.5, 3
    found = window(told, side, SHAPE)
    for row in range(3):
        g_x, g_y, log_variance, log_stride, log_intensity = told[row].tolist()
        stride = (max(SHAPE) - 1) / (side - 1) * math.exp(log_stride)
        for pixels, g, got in ((SHAPE[1], g_x, found.across), (SHAPE[0], g_y, found.down)):
            middle = (pixels + 1) / 2 * (g + 1)  # pixels counted from 1
            for i in range(side):
                mu = middle + (i + 1 - side / 2 - 0.5) * stride
                weights = [math.exp(-((a - mu) ** 2) / (2 * math.exp(log_variance))) for a in range(1, pixels + 1)]
                expected = torch.tensor(weights) / (sum(weights) + 1e-8)
                torch.testing.assert_close(got[row, i], expected, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(found.intensity[row], torch.tensor(math.exp(log_intensity)))


def test_of_zeros_a_window_spans_the_image() -> None:
    found = window(torch.zeros(1, NUMBERS), 2, (8, 8))
    torch.testing.assert_close(found.box, torch.tensor([[0.0, 0.0, 7.0, 7.0]]))


def test_a_fine_window_with_a_filter_per_pixel_reads_and_writes_the_image_itself() -> None:
    told = torch.tensor([[0.0, 0.0, -6.0, 0.0, 0.7]])
    image = torch.rand(1, 2, 6, 6, generator=CHANCE)
    found = window(told, 6, (6, 6))
    torch.testing.assert_close(found.read(image), image * math.exp(0.7), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(found.write(found.read(image)), image, atol=1e-4, rtol=1e-4)


def test_reading_and_writing_are_adjoint_up_to_the_square_of_the_intensity() -> None:
    found = window(torch.randn(4, NUMBERS, generator=CHANCE) * 0.3, 3, SHAPE)
    image, patch = torch.rand(4, 2, *SHAPE, generator=CHANCE), torch.rand(4, 2, 3, 3, generator=CHANCE)
    one = (found.read(image) * patch).sum(dim=(1, 2, 3))
    other = (image * found.write(patch)).sum(dim=(1, 2, 3)) * found.intensity.square()
    torch.testing.assert_close(one, other)


def test_what_lies_far_outside_is_finite() -> None:
    told = torch.tensor([[50.0, -50.0, -20.0, 20.0, -20.0]])
    found = window(told, 4, SHAPE)
    assert found.read(torch.ones(1, 1, *SHAPE)).isfinite().all()
    assert found.write(torch.ones(1, 1, 4, 4)).isfinite().all()
