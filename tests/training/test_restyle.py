"""Styles of images, and images in the style of others; numbers worked out by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from coordinator.parameters import STYLE_COUNT, check_styles
from desktop_client.training.restyle import (
    FLAT,
    Restyler,
    channel_statistics,
    domain_styles,
    from_arrays,
    restyle,
    to_arrays,
)

ROOT_5 = math.sqrt(5.0)
# One image of two channels: 0, 2, 4, 6 (mean 3, deviation sqrt 5) and flat 7.
IMAGE = torch.tensor([[[[0.0, 2.0], [4.0, 6.0]], [[7.0, 7.0], [7.0, 7.0]]]])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def plain_styles(*labels: int) -> dict[int, Tensor]:
    """Give style k of a domain the mean ``label + k / 100`` and no deviation, in three channels."""
    return {
        label: torch.stack(
            [
                torch.stack([torch.full((3,), label + k / 100), torch.zeros(3)])
                for k in range(STYLE_COUNT)
            ]
        )
        for label in labels
    }


def test_statistics_are_mean_and_population_deviation_of_each_channel() -> None:
    expected = torch.tensor([[[3.0, 7.0], [ROOT_5, 0.0]]])
    torch.testing.assert_close(channel_statistics(IMAGE), expected)


def test_a_restyled_image_is_scaled_about_its_mean_and_moved_to_the_styles() -> None:
    style = torch.tensor([[[10.0, 20.0], [2 * ROOT_5, 5.0]]])
    restyled = restyle(IMAGE, style)
    # Twice the deviation: distances from the mean double.
    torch.testing.assert_close(restyled[0, 0], torch.tensor([[4.0, 8.0], [12.0, 16.0]]))


def test_a_flat_channel_becomes_the_styles_mean_whatever_its_deviation() -> None:
    style = torch.tensor([[[10.0, 20.0], [2 * ROOT_5, 5.0]]])
    assert restyle(IMAGE, style)[0, 1].tolist() == [[20.0, 20.0], [20.0, 20.0]]


def test_a_channel_is_flat_below_a_deviation_of_1e_5() -> None:
    step = torch.tensor([[0.0, 1.0], [0.0, 1.0]])  # deviation 0.5
    nearly = torch.stack([step * FLAT, step * 4 * FLAT])[None]
    restyled = restyle(nearly, torch.tensor([[[0.0, 0.0], [1.0, 1.0]]]))
    assert restyled[0, 0].abs().max() == 0.0
    torch.testing.assert_close(restyled[0, 1], torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]))


def test_restyled_by_half_the_statistics_lie_halfway() -> None:
    style = torch.tensor([[[10.0, 20.0], [2 * ROOT_5, 5.0]]])
    halfway = channel_statistics(restyle(IMAGE, style, strength=0.5))
    # Mean 3 to 10 and 7 to 20; deviation sqrt 5 to its double; a flat channel stays flat.
    torch.testing.assert_close(halfway, torch.tensor([[[6.5, 13.5], [1.5 * ROOT_5, 0.0]]]))


def test_an_image_in_its_own_style_is_itself() -> None:
    images = torch.rand(3, 3, 8, 8, generator=seeded())
    torch.testing.assert_close(restyle(images, channel_statistics(images)), images)


@given(st.integers(0, 1000), st.floats(-3, 3), st.floats(0.01, 3))
def test_a_restyled_image_has_exactly_the_wanted_statistics(
    seed: int, mean: float, deviation: float
) -> None:
    images = torch.rand(2, 3, 5, 7, generator=seeded(seed))
    wanted = torch.tensor([[mean] * 3, [deviation] * 3]).expand(2, 2, 3)
    # 35 float32 values of about 10 at most: their mean is right to some 1e-6.
    torch.testing.assert_close(
        channel_statistics(restyle(images, wanted)), wanted, atol=1e-5, rtol=1e-5
    )


def test_a_domain_of_fewer_than_twenty_images_has_no_styles() -> None:
    labels = torch.tensor([4] * 19 + [7] * 20)
    assert set(domain_styles(torch.rand(39, 2, 3), labels, seeded())) == {7}


def members_of(image_count: int, seed: int = 0) -> Tensor:
    """Return ``[16, N]``: how often each image counts in each style.

    Image n has the mean 1 in channel n and 0 in all others, so that a style's means are the
    images' shares in it.
    """
    means = torch.eye(image_count)
    statistics = torch.stack([means, torch.zeros_like(means)], dim=1)
    labels = torch.full((image_count,), 5)
    shares = domain_styles(statistics, labels, seeded(seed))[5][:, 0]
    return (shares * max(4, image_count // 16)).round().int()


def test_sixty_four_images_make_sixteen_styles_of_four_each_image_used_once() -> None:
    members = members_of(64)
    assert members.shape == (16, 64)
    assert members.sum(dim=1).tolist() == [4] * 16
    assert members.sum(dim=0).tolist() == [1] * 64


def test_a_style_of_many_images_is_over_a_sixteenth_of_them() -> None:
    assert members_of(100).sum(dim=1).tolist() == [6] * 16  # 100 // 16; four are left over


@given(st.integers(20, 140), st.integers(0, 100))
def test_a_style_is_over_at_least_four_different_images_and_all_are_used_alike(
    image_count: int, seed: int
) -> None:
    members = members_of(image_count, seed)
    assert members.max() == 1  # no image twice in one style
    assert members.sum(dim=1).min() >= 4
    used = members.sum(dim=0)
    assert used.max() - used.min() <= 1  # all before one again


def test_the_same_seed_gives_the_same_styles() -> None:
    assert torch.equal(members_of(30, seed=1), members_of(30, seed=1))
    assert not torch.equal(members_of(30, seed=1), members_of(30, seed=2))


def test_styles_pass_the_coordinators_check_and_come_back_the_same() -> None:
    images = torch.rand(40, 3, 8, 8, generator=seeded())
    styles = domain_styles(channel_statistics(images), torch.tensor([2] * 20 + [9] * 20), seeded())
    arrays = to_arrays(styles)
    assert set(arrays) == {"styles.2", "styles.9"}
    assert all(array.dtype == np.float32 for array in arrays.values())
    check_styles(arrays, {2, 9}, channel_count=3)
    returned = from_arrays(arrays)
    assert all(torch.equal(returned[label], styles[label]) for label in (2, 9))


def test_without_styles_nothing_is_restyled() -> None:
    drawn = Restyler({}, probability=1.0).draw(
        torch.arange(5), torch.zeros(5, dtype=torch.int64), seeded()
    )
    assert drawn.is_restyled.tolist() == [False] * 5


def test_samples_are_restyled_with_the_given_probability() -> None:
    restyler = Restyler(plain_styles(3), probability=0.25)
    drawn = restyler.draw(torch.arange(40_000), torch.zeros(40_000, dtype=torch.int64), seeded())
    # The standard deviation of the share is sqrt(0.25 * 0.75 / 40,000) = 0.0022.
    assert drawn.is_restyled.float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert (
        Restyler(plain_styles(3), 1.0)
        .draw(torch.arange(99), torch.zeros(99, dtype=torch.int64), seeded())
        .is_restyled.all()
    )


def test_every_domain_and_every_style_is_drawn_alike() -> None:
    drawn = Restyler(plain_styles(3, 8), 1.0).draw(
        torch.arange(32_000), torch.zeros(32_000, dtype=torch.int64), seeded()
    )
    pairs = drawn.domain_labels * 100 + drawn.style_numbers
    values, counts = pairs.unique(return_counts=True)
    assert values.tolist() == [*range(300, 316), *range(800, 816)]
    # Of each 1,000 are expected, with a standard deviation of 31; five of them.
    assert counts.sub(1000).abs().max() < 155


def test_the_styles_are_those_of_the_drawn_domain_and_number() -> None:
    restyler = Restyler(plain_styles(3, 8), probability=0.5)
    drawn = restyler.draw(torch.arange(50), torch.zeros(50, dtype=torch.int64), seeded())
    means = restyler.styles_of(drawn)[:, 0, 0]
    expected = drawn.domain_labels + drawn.style_numbers / 100
    torch.testing.assert_close(means, expected[drawn.is_restyled])


@pytest.mark.parametrize("per_image", [1, 2, 3, 4, 8])
def test_an_image_gets_only_so_many_styles_of_a_domain_and_all_images_get_all(
    per_image: int,
) -> None:
    restyler, generator = Restyler(plain_styles(3), 1.0, per_image), seeded()
    draws = [
        restyler.draw(torch.arange(32), torch.zeros(32, dtype=torch.int64), generator).style_numbers
        for _ in range(100)
    ]
    numbers = torch.stack(draws)  # [100, 32]
    assert {len(numbers[:, image].unique()) for image in range(32)} == {per_image}
    assert len(numbers.unique()) == STYLE_COUNT


def test_relative_to_its_site_an_image_keeps_how_it_differs_from_the_others() -> None:
    """Usual there: mean 0.5, deviation 0.1; this image is 0.1 darker and of twice the contrast.

    In a style of mean 0.3 and deviation 0.2 everything is twice as far from the mean: the image's
    mean becomes 0.3 + (0.4 - 0.5) * 2 = 0.1, its deviation 0.2 * 2 = 0.4.
    """
    image = torch.tensor([[0.2, 0.6], [0.2, 0.6]])[None, None]  # mean 0.4, deviation 0.2
    style = torch.tensor([[[0.3], [0.2]]])
    usual = torch.tensor([[[0.5], [0.1]]])
    carried = restyle(image, style, references=usual)
    torch.testing.assert_close(
        channel_statistics(carried), torch.tensor([[[0.1], [0.4]]]), atol=1e-6, rtol=0
    )


def test_half_way_to_a_style_the_statistics_are_the_mean_of_both() -> None:
    image = torch.tensor([[0.2, 0.6], [0.2, 0.6]])[None, None]  # mean 0.4, deviation 0.2
    half = restyle(image, torch.tensor([[[0.8], [0.1]]]), strength=0.5)
    torch.testing.assert_close(
        channel_statistics(half), torch.tensor([[[0.6], [0.15]]]), atol=1e-6, rtol=0
    )


def test_images_of_a_domain_without_a_usual_style_are_left_alone() -> None:
    restyler = Restyler(plain_styles(3), 1.0, own_styles=plain_styles(1))
    own_domains = torch.tensor([1, 2, 1])
    drawn = restyler.draw(torch.arange(3), own_domains, seeded())
    assert drawn.is_restyled.tolist() == [True, False, True]
