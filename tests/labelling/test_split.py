"""Patient-wise split: nobody on both sides, shares as asked, the same every time."""

import random
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_client.labelling.sample import Sample
from desktop_client.labelling.split import split_by_patient


def make_sample(number: int, *, patient: int, domain: int = 0, lesion: int | None = 0) -> Sample:
    class_id = None if lesion is None else UUID(int=100 + lesion)
    return Sample(
        f"{number:064}:0", Path("/a"), 0, 1, 1, f"patient {patient}", UUID(int=domain), class_id
    )


@st.composite
def sample_lists(draw: st.DrawFn) -> list[Sample]:
    facts = draw(
        st.lists(
            st.tuples(st.integers(0, 15), st.integers(0, 2), st.sampled_from([None, 0, 1, 2])),
            max_size=60,
        )
    )
    return [
        make_sample(number, patient=patient, domain=domain, lesion=lesion)
        for number, (patient, domain, lesion) in enumerate(facts)
    ]


FRACTIONS = st.floats(0, 0.9)


@given(samples=sample_lists(), fraction=FRACTIONS, seed=st.integers(0, 99))
def test_every_sample_is_on_one_side_and_no_patient_on_both(
    samples: list[Sample], fraction: float, seed: int
) -> None:
    split = split_by_patient(samples, fraction, seed)
    together = split.training + split.validation
    assert sorted(s.sample_id for s in together) == sorted(s.sample_id for s in samples)
    assert not {s.patient for s in split.training} & {s.patient for s in split.validation}


@given(samples=sample_lists(), fraction=FRACTIONS, shuffle_seed=st.integers())
def test_the_order_of_the_samples_does_not_matter(
    samples: list[Sample], fraction: float, shuffle_seed: int
) -> None:
    shuffled = samples.copy()
    random.Random(shuffle_seed).shuffle(shuffled)
    assert split_by_patient(shuffled, fraction) == split_by_patient(samples, fraction)


@given(samples=sample_lists(), fraction=FRACTIONS)
def test_every_class_keeps_a_patient_in_training(samples: list[Sample], fraction: float) -> None:
    split = split_by_patient(samples, fraction)
    assert {s.class_id for s in split.training} == {s.class_id for s in samples}


@given(samples=sample_lists())
def test_a_fraction_of_zero_holds_nothing_out(samples: list[Sample]) -> None:
    assert split_by_patient(samples, 0).validation == []


def test_single_image_patients_are_held_out_evenly_over_domains_and_classes() -> None:
    # Two domains with 70 + 30 and 20 + 80 images: a fifth of each is a whole number.
    shares = {(0, 0): 70, (0, 1): 30, (1, 0): 20, (1, 1): 80}
    samples = [
        make_sample(number, patient=number, domain=domain, lesion=lesion)
        for number, (domain, lesion) in enumerate(
            key for key, count in shares.items() for _ in range(count)
        )
    ]
    split = split_by_patient(samples)
    held_out = Counter((s.domain_id.int, s.class_id) for s in split.validation)
    assert held_out == {
        (domain, UUID(int=100 + lesion)): count / 5 for (domain, lesion), count in shares.items()
    }


def test_patients_with_many_images_do_not_spoil_the_share() -> None:
    sizes = [30, 10, 10, *[2] * 10, *[1] * 30]  # 100 images
    samples = [
        make_sample(number, patient=patient)
        for number, patient in enumerate(p for p, size in enumerate(sizes) for _ in range(size))
    ]
    for seed in range(5):
        assert len(split_by_patient(samples, seed=seed).validation) == pytest.approx(20, abs=1)


def test_the_only_patient_of_a_class_is_trained_on() -> None:
    samples = [make_sample(n, patient=n, lesion=0) for n in range(20)]
    rare = make_sample(20, patient=20, lesion=1)
    for seed in range(20):
        assert rare in split_by_patient([*samples, rare], 0.9, seed).training


def test_another_seed_gives_another_split() -> None:
    samples = [make_sample(n, patient=n) for n in range(50)]
    assert split_by_patient(samples, seed=1) == split_by_patient(samples, seed=1)
    assert split_by_patient(samples, seed=1) != split_by_patient(samples, seed=2)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_an_impossible_fraction_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="validation_fraction is"):
        split_by_patient([], fraction)
