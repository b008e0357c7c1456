"""What stands in for a coordinator's part of a round where there is none."""

from desktop_client.federation.averager import site_id_of


def test_a_site_named_by_a_coordinators_id_is_that_site_and_any_other_name_gets_an_id() -> None:
    given = "0b6f8a1c2d3e4f5061728394a5b6c7d8"
    assert site_id_of(given) == given
    assert site_id_of("St. Anna") == site_id_of("St. Anna") != site_id_of("St. Anna/1")
    assert len(site_id_of(given.upper())) == 16
