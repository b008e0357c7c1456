"""Cohen's kappa against published examples, and who is compared with whom."""

from uuid import UUID

import pytest

from desktop_client.labelling.agreement import agreements, cohens_kappa
from desktop_client.labelling.second_reading import Opinion, OpinionPair

NEVUS, MELANOMA, OTHER = (UUID(int=number) for number in range(3))


def pair(sample_id: str, first: str, said: UUID, second: str, says: UUID) -> OpinionPair:
    return OpinionPair(sample_id, Opinion(first, said), Opinion(second, says))


def test_kappa_of_fleiss_psychiatric_diagnoses_is_that_of_a_calculation_by_hand() -> None:
    """Fleiss 1981, Statistical Methods for Rates and Proportions, page 213; 100 patients."""
    kappa = cohens_kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert kappa is not None
    # By hand: agreement .89, by chance .80 * .80 + .10 * .05 + .10 * .15 = .66, (.89 - .66) / .34.
    assert kappa.value == pytest.approx(0.676, abs=0.0005)


def test_kappa_and_interval_of_two_classes_are_those_of_bonetts_package() -> None:
    """https://dgbonett.github.io/statpsych/reference/ci.kappa.html, its only example."""
    kappa = cohens_kappa([[31, 12], [4, 58]])
    assert kappa is not None
    assert (kappa.value, kappa.low, kappa.high) == pytest.approx(
        (0.6756757, 0.5317210, 0.8196303), abs=5e-7
    )


def test_kappa_and_interval_are_those_of_two_dermatologists_in_sas_manual() -> None:
    """SAS/STAT user's guide, PROC FREQ, example "Cohen's kappa coefficient"; 88 patients."""
    table = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
    kappa = cohens_kappa(table)
    assert kappa is not None
    assert kappa.value == pytest.approx(0.3449, abs=0.00005)
    assert (kappa.low, kappa.high) == pytest.approx((0.2030, 0.4868), abs=0.00005)


@pytest.mark.parametrize(
    ("table", "value"),
    [([[7, 0], [0, 3]], 1), ([[1, 0], [0, 1]], 1), ([[3, 0], [3, 0]], 0), ([[0, 2], [0, 9]], 0)],
)
def test_without_spread_no_interval_claims_to_be_sure(table: list[list[int]], value: int) -> None:
    """Readers who always agreed, or one who gave but one class: the formula's variance is 0."""
    kappa = cohens_kappa(table)
    assert kappa is not None
    assert kappa.value == pytest.approx(value, abs=1e-12)
    assert (kappa.low, kappa.high) == (None, None)


def test_where_chance_makes_all_agree_kappa_is_undefined() -> None:
    assert cohens_kappa([[12]]) is None
    assert cohens_kappa([]) is None


def test_the_interval_stays_between_minus_one_and_one() -> None:
    kappa = cohens_kappa([[1, 0, 0], [0, 2, 1], [0, 0, 1]])
    assert kappa is not None
    assert kappa.high == 1


def test_each_pair_of_readers_has_a_table_of_the_classes_they_gave() -> None:
    pairs = [
        pair("1", "Ada", NEVUS, "Grace", NEVUS),
        pair("2", "Ada", NEVUS, "Grace", MELANOMA),
        pair("3", "Ada", MELANOMA, "Grace", MELANOMA),
        pair("1", "Ada", NEVUS, "Cleo", OTHER),
    ]
    with_cleo, with_grace = agreements(pairs, [MELANOMA, NEVUS, OTHER])
    assert (with_grace.first_reader, with_grace.second_reader) == ("Ada", "Grace")
    assert with_grace.class_ids == (MELANOMA, NEVUS)
    assert with_grace.counts == ((1, 0), (1, 1))
    assert (with_grace.image_count, with_grace.agreed_count) == (3, 2)
    assert with_cleo.counts == ((0, 1), (0, 0))


def test_of_two_reads_of_an_image_by_the_same_readers_the_later_counts() -> None:
    pairs = [
        pair("1", "Ada", NEVUS, "Grace", MELANOMA),
        pair("1", "Ada", NEVUS, "Grace", NEVUS),
    ]
    assert agreements(pairs, [NEVUS, MELANOMA])[0].counts == ((1,),)
