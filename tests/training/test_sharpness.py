"""Looking for the worst loss nearby, on a bowl whose gradient is known."""

import pytest
import torch
from torch import nn

from desktop_client.training.sharpness import at_the_worst_nearby


def bowl(*values: float) -> nn.Parameter:
    return nn.Parameter(torch.tensor(values))


def loss_of(first: nn.Parameter, second: nn.Parameter) -> torch.Tensor:
    """Half of x² + 4 y²: the gradient is (x, 4 y)."""
    return 0.5 * (first.square().sum() + 4 * second.square().sum())


def test_the_gradient_is_that_at_the_radius_along_the_gradient() -> None:
    x, y = bowl(3.0), bowl(1.0)
    loss_of(x, y).backward()  # gradient (3, 4), of length 5
    with at_the_worst_nearby([x, y], radius=0.5):
        assert x.item() == pytest.approx(3 + 0.5 * 3 / 5)
        assert y.item() == pytest.approx(1 + 0.5 * 4 / 5)
        x.grad = y.grad = None
        loss_of(x, y).backward()
    assert x.grad is not None
    assert y.grad is not None
    assert (x.grad.item(), y.grad.item()) == (pytest.approx(3.3), pytest.approx(4 * 1.4))


def test_parameters_are_back_bit_for_bit_afterwards() -> None:
    values = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    parameter = nn.Parameter(values.clone())
    parameter.grad = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    with at_the_worst_nearby([parameter], radius=0.3):
        moved = parameter.detach() - values
        assert moved.norm().item() == pytest.approx(0.3, rel=1e-5)
    assert torch.equal(parameter, values)


def test_parameters_are_back_when_something_fails_there() -> None:
    parameter = bowl(2.0)
    parameter.grad = torch.tensor([1.0])
    with pytest.raises(ZeroDivisionError), at_the_worst_nearby([parameter], radius=0.3):
        raise ZeroDivisionError
    assert parameter.item() == 2.0


def test_a_parameter_without_gradient_stays_where_it_is() -> None:
    x, frozen = bowl(3.0), bowl(1.0)
    x.grad = torch.tensor([1.0])
    with at_the_worst_nearby([x, frozen], radius=0.5):
        assert (x.item(), frozen.item()) == (3.5, 1.0)


def test_where_the_loss_is_level_nothing_moves() -> None:
    x = bowl(3.0)
    x.grad = torch.tensor([0.0])
    with at_the_worst_nearby([x], radius=0.5):
        assert x.item() == 3.0
