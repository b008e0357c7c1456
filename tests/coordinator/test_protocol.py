import pytest
from fastapi.routing import APIRoute
from pydantic import ValidationError

from coordinator import protocol
from coordinator.errors import CoordinatorError, ProtocolVersionError
from coordinator.server import body_routes, site_routes
from coordinator.study import Study
from tests.coordinator.conftest import tiny_study


def test_paths_of_the_protocol_are_those_that_are_served() -> None:
    routes = (*site_routes.router.routes, *body_routes.router.routes)
    served = {route.path for route in routes if isinstance(route, APIRoute)}
    numbered = "{round_number}"
    assert served == {
        protocol.ENROLMENTS_PATH,
        protocol.INVITED_PATH,
        protocol.study_path("{study_id}"),
        protocol.membership_path("{study_id}"),
        protocol.round_path("{study_id}"),
        protocol.domains_path("{study_id}"),
        protocol.credential_path("{study_id}"),
        protocol.metrics_path("{study_id}"),
        protocol.proposal_path("{study_id}"),
        protocol.parameters_path("{study_id}", 7).replace("7", numbered),
        protocol.difference_path("{study_id}", 7).replace("7", numbered),
        protocol.update_path("{study_id}", 7).replace("7", numbered),
    }


def test_version_that_is_served_passes_and_another_names_both() -> None:
    protocol.check_protocol(protocol.PROTOCOL_VERSION)
    protocol.check_method(protocol.METHOD_VERSION)
    with pytest.raises(ProtocolVersionError, match="protocol 99; the coordinator serves 1"):
        protocol.check_protocol(99)
    with pytest.raises(ProtocolVersionError, match="method 99; the study by 1"):
        protocol.check_method(99)


@pytest.mark.parametrize("value", ["NaN", "-0.1", "1.1", "Infinity"])
def test_metric_is_a_share_or_undefined(value: str) -> None:
    with pytest.raises(ValidationError):
        protocol.LesionMetrics.model_validate_json(f'{{"sample_count": 1, "auc": {value}}}')
    assert protocol.LesionMetrics(sample_count=1).auc is None


@pytest.mark.parametrize("credential", ["", "short", "x" * 42, "x" * 44, "ä" * 43, "x" * 42 + "="])
def test_credential_is_256_bits_in_url_safe_base64(credential: str) -> None:
    with pytest.raises(ValidationError):
        protocol.EnrolmentRequest(
            protocol_version=1, code="c", credential=credential, site_name="n"
        )


@pytest.mark.parametrize(
    ("study", "count"),
    [
        # Eight domains, each with a mean of 2 numbers and a covariance of 4.
        (tiny_study(), 8 * 6),
        # Besides 16 styles in three colours, each a mean and a deviation.
        (tiny_study({"restyle": "channel_statistics"}), 8 * (6 + 96)),
        # For each of two lesion classes moments of its own, but still one set of styles.
        (
            tiny_study({"restyle": "channel_statistics"}, {"domain_classifier": "per_lesion"}),
            8 * (12 + 96),
        ),
    ],
)
def test_limit_of_statistics_is_what_all_domains_can_have(study: Study, count: int) -> None:
    assert protocol.statistics_limit(study) == count
    assert protocol.domain_statistics_limit(study) * 8 == count


def leaves(base: type[CoordinatorError]) -> list[type[CoordinatorError]]:
    return [base, *(leaf for child in base.__subclasses__() for leaf in leaves(child))]


def test_every_refusal_has_its_own_code_and_an_error_status() -> None:
    errors = leaves(CoordinatorError)
    assert len({error.code for error in errors}) == len(errors)
    assert all(400 <= error.http_status < 600 for error in errors)
