"""The three parts of the model: which classifier answers for which sample."""

import pytest
import torch

from coordinator.study import InputContract, ModelDesign
from desktop_client.training.model import UNLABELLED, DomainClassifier, SiteBlindModel, new_model

LABELS = torch.tensor([1, 0, UNLABELLED, 1])


def a_model(seed: int = 0, **design: object) -> SiteBlindModel:
    whole = ModelDesign.model_validate({"feature_dim": 8, "domain_capacity": 4, **design})
    return new_model(whole, InputContract(size_px=16), class_count=3, seed=seed)


def test_one_domain_classifier_answers_for_every_sample_labelled_or_not() -> None:
    classifier = DomainClassifier(2, capacity=3, lesion_count=1)
    logits = torch.arange(12.0).view(4, 3)
    assert classifier.groups_of(LABELS).tolist() == [0, 0, 0, 0]
    assert classifier.can_ask(LABELS).tolist() == [True] * 4
    assert torch.equal(classifier.choose(logits, LABELS), logits)


def test_with_one_per_lesion_each_sample_asks_its_own_and_an_unlabelled_one_none() -> None:
    classifier = DomainClassifier(2, capacity=3, lesion_count=2)
    logits = torch.arange(24.0).view(4, 6)  # lesion 0's three answers, then lesion 1's
    assert classifier.can_ask(LABELS).tolist() == [True, True, False, True]
    chosen = classifier.choose(logits, LABELS)
    assert chosen[[0, 1, 3]].tolist() == [[3, 4, 5], [6, 7, 8], [21, 22, 23]]


@pytest.mark.parametrize(("choice", "width"), [("one", 4), ("per_lesion", 3 * 4)])
def test_the_domain_classifier_has_an_answer_per_domain_and_classifier(
    choice: str, width: int
) -> None:
    assert a_model(domain_classifier=choice).domain_classifier.weight.shape == (width, 8)


def test_a_model_depends_on_its_seed_alone_and_leaves_other_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, same, other = a_model(seed=1), a_model(seed=1), a_model(seed=2)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(one.lesion_classifier.weight, same.lesion_classifier.weight)
    assert not torch.equal(one.lesion_classifier.weight, other.lesion_classifier.weight)


def test_only_efficientnet_has_frozen_stages_and_its_features_are_of_their_activations() -> None:
    assert a_model().frozen_stages is None
    model, images = a_model(extractor="efficientnet_lite0").eval(), torch.randn(2, 3, 32, 32)
    assert model.frozen_stages is not None
    with torch.no_grad():
        z = model.features(model.frozen_stages(images))
        torch.testing.assert_close(model.lesion_classifier(z), model(images))
