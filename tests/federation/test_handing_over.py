"""A study moves from the desk to a server of the same site, and back, without joining again."""

import stat
from contextlib import closing
from pathlib import Path

import pytest

from desktop_client.demo.processes import Coordinator
from desktop_client.errors import (
    BackupError,
    CoordinatorRefusedError,
    HandedOverError,
    MembershipError,
    ProjectError,
    StudyUnsuitableError,
)
from desktop_client.federation.bringing_over import bring_over
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.consent import change_contribution
from desktop_client.federation.enrolment import ALL_BY_NAME, enrol
from desktop_client.federation.events import RoundWaited
from desktop_client.federation.handing_over import (
    HandedOver,
    TakenOver,
    hand_over,
    take_back,
    take_over,
)
from desktop_client.federation.leaving import forget_handed_over, leave_study
from desktop_client.federation.membership import (
    Contribution,
    Membership,
    StudyRequest,
    membership_of,
    memberships,
    round_path,
    save_membership,
)
from desktop_client.federation.network import AUTHORITIES_FILE
from desktop_client.federation.rotation import rotate_credential
from desktop_client.federation.site import take_part
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.backup import BackupAdvanced, back_up
from desktop_client.project.restore import RestoreFinished, restore
from tests.scenes import new_site, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def study_id(coordinator: Coordinator, folder: Path) -> str:
    return coordinator.create_study(write_study(folder / "study.toml"))


@pytest.fixture(scope="module")
def codes(coordinator: Coordinator, study_id: str) -> list[str]:
    return coordinator.invite(study_id, 18)


@pytest.fixture
def desk(coordinator: Coordinator, codes: list[str], tmp_path: Path) -> Home:
    home = new_site(tmp_path / "desk", {"dot": 6, "ring": 6})
    enrol(home, coordinator.url, codes.pop(), "St. Anna")
    return home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "handed-over.siteblind-backup"


def taken(home: Home, file: Path) -> TakenOver:
    *_, end = take_over(home, file, "Dr. Huber")
    assert isinstance(end, TakenOver)
    return end


def is_let_in(member: Membership) -> bool:
    with CoordinatorClient(member.coordinator_url, member.credential) as client:
        try:
            client.round(member.study_id)
        except CoordinatorRefusedError:
            return False
    return True


def acts_of(home: Home) -> list[str]:
    with LabelStore(home.labels_path) as store:
        return [e.kind for e in store.audit.entries() if e.kind.startswith("study_")]


def test_a_study_moves_to_a_server_and_back_with_all_that_belongs_to_it(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    before = membership_of(desk, study_id)
    round_path(desk, study_id).write_bytes(b"half a round")
    list(hand_over(desk, study_id, "Dr. Huber", file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    server = Home(tmp_path / "server")
    list(restore(file, server))
    there = taken(server, file)
    assert there.is_confirmed
    assert there.membership.site_id == before.site_id
    assert round_path(server, study_id).read_bytes() == b"half a round"
    assert is_let_in(there.membership)
    assert not is_let_in(membership_of(desk, study_id))  # nor the file, nor any copy of it
    back = tmp_path / "back.siteblind-backup"
    list(hand_over(server, study_id, "server", back))
    here = taken(desk, back)
    assert is_let_in(here.membership)
    assert here.membership.site_id == before.site_id
    assert membership_of(desk, study_id).handed_over_at is None
    assert acts_of(desk) == ["study_handed_over", "study_taken_over"]
    assert acts_of(server) == ["study_handed_over", "study_taken_over", "study_handed_over"]


def test_what_was_handed_over_rests_and_says_since_when(
    desk: Home, study_id: str, file: Path
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    for act in (
        lambda: list(take_part(StudyRequest(desk.path, study_id, "cpu"))),
        lambda: list(hand_over(desk, study_id, "Dr. Huber", file)),
        lambda: rotate_credential(desk, study_id),
        lambda: leave_study(desk, study_id, "Dr. Huber"),
        lambda: change_contribution(desk, study_id, ALL_BY_NAME, "Dr. Huber"),
    ):
        with pytest.raises(HandedOverError, match="was handed over to another computer"):
            act()


def test_a_file_is_taken_once(desk: Home, study_id: str, file: Path, tmp_path: Path) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    first, second = Home(tmp_path / "first"), Home(tmp_path / "second")
    for server in (first, second):
        list(restore(file, server))
    taken(first, file)
    with pytest.raises(CoordinatorRefusedError, match="it was taken already"):
        taken(second, file)
    assert membership_of(second, study_id).handed_over_at is not None
    with pytest.raises(HandedOverError, match="Another computer has taken the study"):
        take_back(desk, study_id, "Dr. Huber")
    assert membership_of(desk, study_id).handed_over_at is not None
    with pytest.raises(MembershipError, match="takes part in the study “Dots and rings” itself"):
        taken(first, file)


def test_a_file_brings_the_project_to_an_empty_folder_or_nothing(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    list(back_up(desk, tmp_path / "copy"))
    with pytest.raises(MembershipError, match="may be an ordinary back-up"):
        list(bring_over(Home(tmp_path / "server"), tmp_path / "copy", "Dr. Huber"))
    assert not (tmp_path / "server").exists()
    list(hand_over(desk, study_id, "Dr. Huber", file))
    *_, end = bring_over(Home(tmp_path / "server"), file, "Dr. Huber")
    assert isinstance(end, TakenOver)
    assert is_let_in(end.membership)
    empty = tmp_path / "empty"
    empty.mkdir()
    for late in (tmp_path / "late", empty):
        with pytest.raises(CoordinatorRefusedError, match="Nothing was changed"):
            list(bring_over(Home(late), file, "Dr. Huber"))
    assert not (tmp_path / "late").exists()
    assert [path.name for path in empty.iterdir()] == ["project.lock"]


def test_a_folder_keeps_what_somebody_put_there_while_a_void_file_was_looked_at(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    take_back(desk, study_id, "Dr. Huber")
    server = Home(tmp_path / "server")
    own = [server.path / "images" / "scan.png", server.checkpoints_path / "notes.txt"]
    events = bring_over(server, file, "Dr. Huber")
    assert any(isinstance(event, RestoreFinished) for event in events)
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("somebody's own", encoding="utf-8")
    with pytest.raises(CoordinatorRefusedError, match="Nothing was changed"):
        list(events)
    assert [path for path in sorted(server.path.rglob("*")) if path.is_file()] == [
        *own,
        server.lock_path,
    ]


def test_of_two_who_bring_a_file_to_a_folder_the_second_removes_nothing(
    desk: Home, study_id: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    server = Home(tmp_path / "server")
    with monkeypatch.context() as race:

        def create(home: Home) -> Home:  # what comes between the look and the lock
            race.undo()
            list(bring_over(server, file, "the first"))
            return home

        race.setattr(Home, "create", create)
        with pytest.raises(ProjectError, match="There is a project in"):
            list(bring_over(server, file, "the second"))
    assert is_let_in(membership_of(server, study_id))


def test_who_ceases_before_all_is_unpacked_leaves_no_folder(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    events = bring_over(Home(tmp_path / "server"), file, "Dr. Huber")
    assert isinstance(next(events), BackupAdvanced)
    events.close()
    assert not (tmp_path / "server").exists()


def test_what_nobody_has_taken_is_taken_back_and_the_file_is_void(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    assert is_let_in(take_back(desk, study_id, "Dr. Huber").membership)
    events = take_part(StudyRequest(desk.path, study_id, "cpu"))
    assert any(isinstance(event, RoundWaited) for event in events)
    server = Home(tmp_path / "server")
    list(restore(file, server))
    with pytest.raises(CoordinatorRefusedError, match="or taken back"):
        taken(server, file)


def test_a_copy_that_nobody_has_handed_over_is_refused_while_the_desk_takes_part(
    desk: Home, study_id: str, tmp_path: Path
) -> None:
    list(back_up(desk, tmp_path / "copy"))
    copy = Home(tmp_path / "server")
    list(restore(tmp_path / "copy", copy))
    with closing(take_part(StudyRequest(desk.path, study_id, "cpu"))) as events:
        assert any(isinstance(event, RoundWaited) for event in events)
        with pytest.raises(CoordinatorRefusedError, match="takes part for this site already"):
            list(take_part(StudyRequest(copy.path, study_id, "cpu")))
    list(hand_over(desk, study_id, "Dr. Huber", tmp_path / "file"))
    assert taken(copy, tmp_path / "file").is_confirmed
    with closing(take_part(StudyRequest(copy.path, study_id, "cpu"))) as events:
        assert any(isinstance(event, RoundWaited) for event in events)


def test_a_file_that_cannot_be_written_changes_nothing(desk: Home, study_id: str) -> None:
    before = membership_of(desk, study_id)
    with pytest.raises(BackupError, match="cannot be written"):
        list(hand_over(desk, study_id, "Dr. Huber", desk.path / "no" / "file"))
    assert membership_of(desk, study_id) == before
    assert acts_of(desk) == ["study_handed_over", "study_taken_back"]


def test_a_desk_gets_rid_of_what_it_has_handed_over_and_the_file_still_opens_it(
    desk: Home, study_id: str, file: Path
) -> None:
    with pytest.raises(MembershipError, match="was not handed over; leave it instead"):
        forget_handed_over(desk, study_id, "Dr. Huber")
    list(hand_over(desk, study_id, "Dr. Huber", file))
    forget_handed_over(desk, study_id, "Dr. Huber")
    assert memberships(desk) == []
    assert acts_of(desk) == ["study_handed_over", "study_removed_here"]
    *_, taken = take_over(desk, file, "Dr. Huber")
    assert isinstance(taken, TakenOver)
    assert is_let_in(taken.membership)


def test_nobody_can_cease_once_the_file_is_there(desk: Home, study_id: str, file: Path) -> None:
    events = hand_over(desk, study_id, "Dr. Huber", file)
    end = next(event for event in events if file.exists())
    assert isinstance(end, HandedOver)
    events.close()
    assert membership_of(desk, study_id).handed_over_at is not None
    elsewhere = file.with_name("second")
    take_back(desk, study_id, "Dr. Huber")
    events = hand_over(desk, study_id, "Dr. Huber", elsewhere)
    assert isinstance(next(events), BackupAdvanced)
    events.close()
    assert not elsewhere.exists()
    assert membership_of(desk, study_id).handed_over_at is None


@pytest.mark.parametrize("cut_at", [1, 2])
def test_a_taking_that_was_cut_is_done_again(
    desk: Home,
    study_id: str,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut_at: int,
) -> None:
    list(hand_over(desk, study_id, "Dr. Huber", file))
    server = Home(tmp_path / "server")
    list(restore(file, server))
    renames = 0

    def rename(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == cut_at:
            raise SystemExit
        return self.replace(target)

    with monkeypatch.context() as cut:
        cut.setattr(Path, "rename", rename)
        with pytest.raises(SystemExit):
            taken(server, file)
    assert not [m for m in memberships(server) if m.handed_over_at is None]
    assert is_let_in(taken(server, file).membership)
    assert [member.study_id for member in memberships(server)] == [study_id]
    assert [path.name for path in server.memberships_path.iterdir()] == [study_id]


def test_only_the_study_that_is_meant_is_in_the_file(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    other = membership_of(desk, study_id).model_copy(update={"study_id": "other"})
    save_membership(desk, other)
    (desk.memberships_path / "pending-1").write_text("a credential", encoding="utf-8")
    (desk.memberships_path / AUTHORITIES_FILE).write_text("whom to trust", encoding="utf-8")
    list(hand_over(desk, study_id, "Dr. Huber", file))
    server = Home(tmp_path / "server")
    list(restore(file, server))
    there = {path.name for path in server.memberships_path.iterdir()}
    assert there == {study_id, AUTHORITIES_FILE}
    assert membership_of(desk, "other") == other


def test_a_project_with_other_classes_is_no_place_for_it(
    desk: Home, study_id: str, file: Path, tmp_path: Path
) -> None:
    with LabelStore(desk.labels_path) as store:
        chosen = Contribution(classes={c.class_id: None for c in store.classes()})
    change_contribution(desk, study_id, chosen, "Dr. Huber")
    list(hand_over(desk, study_id, "Dr. Huber", file))
    server = new_site(tmp_path / "server", {"dot": 2, "ring": 2})
    with pytest.raises(StudyUnsuitableError, match="has to be a copy"):
        taken(server, file)
    assert not list(server.memberships_path.iterdir())


def test_an_ordinary_back_up_hands_nothing_over(desk: Home, tmp_path: Path, file: Path) -> None:
    list(back_up(desk, file))
    server = new_site(tmp_path / "server", {"dot": 2})
    with pytest.raises(MembershipError, match="may be an ordinary back-up"):
        taken(server, file)
