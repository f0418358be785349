"""Step: its cell is PyTorch's, rows leave and come twice, and no mark is ever likely."""

import torch

from chemvae.nn.recurrence import NEVER, Step, gru_cell


def test_the_cell_is_torchs() -> None:
    torch.manual_seed(0)
    cell = torch.nn.GRUCell(3, 4)
    x, state = torch.randn(6, 3), torch.randn(6, 4)
    gates = torch.nn.functional.linear(x, cell.weight_ih, cell.bias_ih)
    kept = torch.nn.functional.linear(state, cell.weight_hh, cell.bias_hh)
    torch.testing.assert_close(gru_cell(gates.detach(), kept.detach(), state), cell(x, state).detach())


def parts(positions: int) -> tuple[torch.nn.GRU, torch.Tensor, torch.nn.Linear, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    gru = torch.nn.GRU(3 + 2, 8, 2, batch_first=True).requires_grad_(False)
    to_logits = torch.nn.Linear(8, 7).requires_grad_(False)
    return gru, torch.randn(7, 3), to_logits, torch.randn(2, 5, 8).tanh(), torch.randn(5, positions, 2)


def test_steps_are_those_of_the_whole_recurrence() -> None:
    gru, embed, to_logits, start, memory = parts(3)
    tokens = torch.tensor([[1, 4, 5]] * 5)
    states, _ = gru(torch.cat([embed[tokens], memory], dim=-1), start)
    step = Step(gru, embed, to_logits, start, memory)
    for at in range(3):
        logits = step(tokens[:, at], at)
        assert torch.isneginf(logits[:, list(NEVER)]).all()
        torch.testing.assert_close(logits[:, 4:], to_logits(states[:, at])[:, 4:])


def test_rows_leave_and_come_twice() -> None:
    for positions, int8 in ((1, False), (3, False), (3, True)):
        given = parts(positions)
        step, token = Step(*given, int8=int8), torch.full((5,), 4)
        step(token, 0)
        expected = Step(*given, int8=int8)
        expected(token, 0)
        step.keep(torch.tensor([3, 1, 1]))
        torch.testing.assert_close(step(token[:3], 1), expected(token, 1)[[3, 1, 1]])


def test_a_state_beyond_one_is_not_cut_in_eight_bits() -> None:
    gru, embed, to_logits, start, memory = parts(1)
    token, exact = torch.full((5,), 4), Step(gru, embed, to_logits, 3 * start, memory)
    rounded = Step(gru, embed, to_logits, 3 * start, memory, int8=True)
    torch.testing.assert_close(rounded(token, 0)[:, 4:], exact(token, 0)[:, 4:], atol=0.05, rtol=0)
