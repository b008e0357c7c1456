"""What a site keeps of a study that it takes part in on Flower, as it does of a coordinator's.

Who agreed to what is in the audit trail; each round's record, as ``round_record`` has it, lies in
the folder of the run, beside those of memberships.
"""

from dataclasses import dataclass

from coordinator.study import ExtractorName, Study
from desktop_client.durable import sync_folder
from desktop_client.errors import MembershipError
from desktop_client.federation.averager import site_id_of
from desktop_client.federation.consent import described_classes
from desktop_client.federation.membership import Contribution
from desktop_client.labelling.chain import Details
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home


@dataclass(frozen=True)
class RunJoined:
    """A run of Flower's that this site takes part in."""

    run_id: int
    """Flower's number of it."""
    site_name: str
    study: Study
    extractor: ExtractorName

    @property
    def name(self) -> str:
        """Of its folder, in place of a study's id."""
        return f"flower-{self.run_id}"


def put_on_record(home: Home, run: RunJoined, reader: str) -> None:
    """Write to the audit trail that this site takes part, once for each run.

    Raises:
        LabelStoreError: if it cannot be written.
        MembershipError: if the run's folder cannot be made.
    """
    folder = home.memberships_path / run.name
    if folder.exists():
        return
    agreed: Details = {
        "study_id": run.name,
        "site_id": site_id_of(run.site_name),
        "study": run.study.name,
        "study_digest": run.study.digest,
        "coordinator": "Flower",
        "site_name": run.site_name,
        "classes": described_classes(run.study, Contribution(), {}),
        "scanners": "all",
        "extractor": run.extractor,
    }
    with LabelStore(home.labels_path) as store:
        store.record_act("study_joined", reader, agreed)
    try:
        folder.mkdir(parents=True, mode=0o700)
        sync_folder(folder.parent)
    except OSError as error:
        raise MembershipError(
            f"What leaves this site cannot be put on record: {folder} cannot be made, "
            f"{error.strerror}. Nothing is sent without; make room, then take part again"
        ) from error
