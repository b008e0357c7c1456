"""Into how many sites each site of a folder is cut, if so many are asked for; pure."""

from collections.abc import Sequence

from desktop_client.errors import SimulationDataError, SimulationPlanError
from desktop_client.simulation.folder import FolderSite


def parts_for(
    sites: Sequence[FolderSite], site_count: int, held_out_sites: Sequence[str | None]
) -> tuple[int, ...]:
    """Share ``site_count`` sites out among those that take part, by their patients to train on.

    Args:
        sites: Whole.
        site_count: How many are to take part.
        held_out_sites: Those left out in turn, or None for a run with all. One that is left out
            stays whole.

    Returns:
        For each site, into how many it is cut.

    Raises:
        SimulationPlanError: if sites that are held out take part in other runs, or there are more
            sites than are asked for.
        SimulationDataError: if there are too few patients.
    """
    held_out = {name for name in held_out_sites if name is not None}
    if held_out and len(set(held_out_sites)) > 1:
        raise SimulationPlanError(
            "A number of sites needs runs that all leave out the same site; name one, or cut each "
            "site into as many (--sites-per-domain)"
        )
    patients = {site.name: _patient_count(site) for site in sites if site.name not in held_out}
    if site_count < len(patients):
        raise SimulationPlanError(
            f"The folder has {len(patients)} sites that take part, and sites are cut, never put "
            f"together: ask for {len(patients)} or more, not {site_count}"
        )
    if site_count > sum(patients.values()):
        raise SimulationDataError(
            f"The folder has {sum(patients.values())} patients to train on, and each site needs "
            f"one: ask for at most as many sites, not {site_count}"
        )
    parts = dict.fromkeys(patients, 1)
    for _ in range(site_count - len(patients)):
        most = max(parts, key=lambda name: patients[name] / parts[name])
        parts[most] += 1
    return tuple(parts.get(site.name, 1) for site in sites)


def _patient_count(site: FolderSite) -> int:
    return len({sample.patient for sample in site.split().training})
