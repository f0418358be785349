"""Rings: every place is its own, rings hold 6, 12, 18, and pictures are pictures."""

import numpy as np
import pytest

from chemvae.report.grid import Cell
from chemvae.report.rings import HEIGHT, LINE, WIDTH, places, ring_of, room, write_rings


def test_places_do_not_overlap():
    found = places(4)
    assert len(found) == room(4) == 60
    assert [ring_of(rank) for rank in range(60)] == [ring for ring, _, _ in found]
    xy = np.array([(0.0, 0.0), *((x, y) for _, x, y in found)])
    apart = np.abs(xy[:, None] - xy[None])
    clear = (apart[..., 0] >= WIDTH) | (apart[..., 1] >= HEIGHT + LINE) | np.eye(len(xy), dtype=bool)
    near = ~clear & (np.linalg.norm(apart, axis=-1) < 0.8 * WIDTH)  # corners may touch, pictures must not
    assert not near.any()


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_both_kinds_of_picture(tmp_path, ending):
    path = tmp_path / f"rings{ending}"
    write_rings(Cell("CCO", ("the middle",)), [Cell("CCN", ("<0.5>",))] * 8, [0.4, 0.9], path)
    data = path.read_bytes()
    if ending == ".png":
        assert data.startswith(b"\x89PNG")
        return
    text = data.decode()
    assert text.count("<title>") == 9 and text.count("<circle") == 2
    assert "&lt;0.5&gt;" in text and "ring 2: up to 0.90" in text
