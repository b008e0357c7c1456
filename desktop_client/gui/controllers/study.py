"""Taking part in a study: starts the compute process and shows what the rounds bring."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, SignalInstance

from desktop_client.errors import FederationError
from desktop_client.federation.events import (
    RoundJoined,
    RoundWaited,
    StudyOpened,
    TransferAdvanced,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.federation.membership import (
    Membership,
    StudyRequest,
    memberships,
    study_labels,
)
from desktop_client.federation.round_record import rounds_of
from desktop_client.gui.controllers.compute import ComputeSlot
from desktop_client.gui.controllers.round_story import (
    tell,
    transfer_words,
    what_is_never_sent,
    what_is_sent,
    what_is_trained,
)
from desktop_client.gui.models.round_history import RoundTable, StudyHistory
from desktop_client.gui.views.study_page import StudyPage
from desktop_client.gui.wording import Pace, counted, moment_words, time_left
from desktop_client.gui.worker import Worker, Workers
from desktop_client.labelling.sample import LesionClass
from desktop_client.paths import Home
from desktop_client.training.events import ImagesPrepared, StepFinished
from desktop_client.training.process import in_child_process
from desktop_client.training.request import DeviceChoice

TAKE_PART: Final = "desktop_client.federation.site:take_part"


class StudyController(QObject):
    """Shows the studies and takes part in at most one of them at a time."""

    activity_changed = Signal(str)
    """What is going on, for those who look at another page; empty when nothing is."""
    check_asked = Signal(object)
    """The ``Membership`` whose way to the coordinator is to be looked at."""
    sent_asked = Signal(object)
    contribution_asked = Signal(object)
    alone_asked = Signal(object)
    leave_asked = Signal(object)
    hand_over_asked = Signal(object)
    take_back_asked = Signal(object)
    """The ``Membership`` that is meant, of these six too."""
    history_shown = Signal(object, object)
    """The ``Membership`` and the ``StudyHistory`` that are on the page now."""
    classes_asked = Signal(list)
    """Names of a study's classes that this site wants to have."""
    problem_met = Signal(str)

    def __init__(
        self,
        page: StudyPage,
        rounds: RoundTable,
        workers: Workers,
        home: Home,
        slot: ComputeSlot,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._rounds = rounds
        self._workers = workers
        self._home = home
        self._slot = slot
        self._worker: Worker | None = None
        self._memberships: list[Membership] = []
        self._chosen: Membership | None = None
        self._classes: tuple[LesionClass, ...] = ()
        self._histories: dict[str, StudyHistory] = {}
        self._heading = ""
        self._transfer: tuple[str, int] | None = None
        self._pace = Pace()
        self.device: DeviceChoice = "automatic"
        self.rank_count = 1
        page.study_chosen.connect(self.on_page_study_chosen)
        for asked, meant in (
            (page.check_asked, self.check_asked),
            (page.sent_asked, self.sent_asked),
            (page.contribution_asked, self.contribution_asked),
            (page.alone_asked, self.alone_asked),
            (page.leave_asked, self.leave_asked),
            (page.hand_over_asked, self.hand_over_asked),
            (page.take_back_asked, self.take_back_asked),
        ):
            asked.connect(partial(self._ask_about_chosen, meant))
        page.start_asked.connect(self.on_page_start_asked)
        page.stop_asked.connect(self.on_page_stop_asked)
        page.facts.add_classes_asked.connect(self.on_facts_add_classes_asked)

    @property
    def is_running(self) -> bool:
        """Whether this site is taking part now."""
        return self._worker is not None

    def reload(self, chosen_id: str = "") -> None:
        """Show the studies this site is in, the named one first."""
        try:
            self._memberships = memberships(self._home)
        except FederationError as error:
            self.problem_met.emit(str(error))
            return
        ids = [membership.study_id for membership in self._memberships]
        chosen = ids.index(chosen_id) if chosen_id in ids else 0
        self._page.show_studies([m.study.name for m in self._memberships], chosen)

    def show_classes(self, classes: tuple[LesionClass, ...]) -> None:
        """Compare the site's classes with the study's."""
        self._classes = classes
        self._show_missing_classes()

    def on_changed(self, membership: Membership) -> None:
        """Show a study whose membership is another now."""
        self.reload(membership.study_id)

    def on_left(self, membership: Membership) -> None:
        """Show the studies that are left."""
        self._histories.pop(membership.study_id, None)
        self._chosen = None
        self.reload()

    def on_joined(self, membership: Membership) -> None:
        """Show the study that was just joined."""
        if not self.is_running:
            self.reload(membership.study_id)
        else:
            self.problem_met.emit(
                self.tr("Joined “{0}”; it is listed here after you stop taking part.").format(
                    membership.study.name
                )
            )

    def on_page_study_chosen(self, place: int) -> None:
        """Show another study."""
        if not 0 <= place < len(self._memberships):
            return
        self._chosen = membership = self._memberships[place]
        study = membership.study
        self._page.facts.show_study(
            study,
            f"{study.owner} · {membership.coordinator_url}",
            what_is_trained(study, membership.own_extractor),
            membership.site_name,
        )
        self._page.facts.show_sent(what_is_sent(study), "", what_is_never_sent())
        self._page.show_problem("")
        self._show_missing_classes()
        self._page.show_handed_over(membership.handed_over_at is not None)
        self._show_rest(membership)
        self._show_history()

    def on_page_start_asked(self) -> None:
        """Begin to take part in the chosen study."""
        if self._chosen is None:
            return
        if not self._slot.take(self.tr("a study")):
            self._page.show_problem(
                self.tr("This computer is busy with {0}; stop that first.").format(
                    self._slot.holder
                )
            )
            return
        request = StudyRequest(self._home.path, self._chosen.study_id, self.device, self.rank_count)
        self._page.show_problem("")
        self._page.show_running(True)
        self._say(self.tr("Taking part"), self.tr("Starting the training program …"))
        self._worker = Worker(partial(in_child_process, TAKE_PART, request))
        self._worker.event_emitted.connect(self.on_worker_event_emitted)
        self._worker.cancelled.connect(self.on_worker_cancelled)
        self._worker.failed.connect(self.on_worker_failed)
        self._worker.finished.connect(self.on_worker_finished)
        self._workers.start(self._worker)

    def on_page_stop_asked(self) -> None:
        """Stop taking part."""
        if self._worker is not None:
            self._say(self._heading, self.tr("Stopping …"))
            self._worker.requestInterruption()

    def on_facts_add_classes_asked(self) -> None:
        """Ask for the study's classes to be added to this site's."""
        if self._chosen is not None:
            self.classes_asked.emit([c.name for c in self._chosen.study.classes])

    def on_worker_event_emitted(self, event: object) -> None:
        """Show what happened, in words and in the table."""
        assert self._chosen is not None  # noqa: S101  our own invariant
        history = self._history_of(self._chosen)
        if history.take(event):
            self._show_history()
        self._show_progress(event, self._chosen.study.method.local_steps)
        said = tell(event)
        if said is not None:
            others = " ".join(filter(None, (said.others, self._since(event, history))))
            self._say(said.heading or self._heading, said.status, others, said.role)

    def on_worker_cancelled(self) -> None:
        """Say that the study goes on without this site."""
        self._say(
            self.tr("Not taking part now"),
            self.tr("Stopped. The study goes on; you can take part again at any time."),
        )

    def on_worker_failed(self, sentence: str) -> None:
        """Say why this site cannot take part."""
        self._say(self.tr("Not taking part now"), "")
        self._page.show_problem(sentence)

    def on_worker_finished(self) -> None:
        """Offer to start again."""
        self._worker = None
        self._slot.release()
        self._page.show_running(False)
        self.activity_changed.emit("")

    def _show_progress(self, event: object, local_step_count: int) -> None:
        match event:
            case StepFinished(step=step):
                done_count = (step - 1) % local_step_count + 1  # steps count through all rounds
                self._page.show_progress(done_count, local_step_count)
            case ImagesPrepared(done_count, total_count):
                self._page.show_progress(done_count, total_count)
            case TransferAdvanced():
                self._show_transfer(event)
            case StudyOpened() | RoundWaited() | UpdateSent() | UpdateRefused():
                self._page.show_progress(0, 0)

    def _show_transfer(self, event: TransferAdvanced) -> None:
        body = (event.direction, event.total_bytes)
        if self._transfer != body:
            self._transfer, self._pace = body, Pace()
        left_s = self._pace.seconds_left(event.done_bytes, event.total_bytes)
        self._page.show_progress(event.done_bytes // 1024, event.total_bytes // 1024)
        self._say(self._heading, transfer_words(event), time_left(left_s))

    def _since(self, event: object, history: StudyHistory) -> str:
        """Say since when this site is picked, and until when a round waits."""
        if not isinstance(event, RoundWaited | RoundJoined):
            return ""
        seen = history.rounds.get(event.round_number)
        told = []
        if seen is not None and seen.is_picked and seen.picked_at is not None:
            told.append(self.tr("Picked since {0}.").format(moment_words(seen.picked_at)))
        if isinstance(event, RoundWaited) and event.picked_count and event.deadline_at:
            told.append(
                self.tr("The round waits until {0}, if enough sites have sent by then.").format(
                    moment_words(event.deadline_at)
                )
            )
        return " ".join(told)

    def _ask_about_chosen(self, meant: SignalInstance) -> None:
        if self._chosen is not None:
            meant.emit(self._chosen)

    def _history_of(self, member: Membership) -> StudyHistory:
        """Return what was seen of a study's rounds, also before the program was started."""
        if member.study_id not in self._histories:
            records = rounds_of(self._home, member.study_id)
            self._histories[member.study_id] = StudyHistory.of(records)
        return self._histories[member.study_id]

    def _say(self, heading: str, status: str, others: str = "", role: str = "") -> None:
        self._heading = heading
        self._page.show_round(heading, status, others, role)
        self.activity_changed.emit(self.tr("Study: {0}").format(heading))

    def _show_rest(self, member: Membership) -> None:
        """Say what there is to do while this desk does not take part."""
        if member.handed_over_at is not None:
            self._page.show_round(
                self.tr("Trained by the server since {0}").format(
                    moment_words(member.handed_over_at)
                ),
                self.tr(
                    "This study was handed over to another computer of your site, which takes part "
                    "in the place of this desk. To take part here again, take it back."
                ),
            )
            return
        rounds = counted(member.study.rounds.count, self.tr("round"), self.tr("rounds"))
        self._page.show_round(
            self.tr("Not taking part now"),
            self.tr(
                "The study has {0}. While you take part, keep this program open; when your site "
                "is picked, it trains for a while and sends the result."
            ).format(rounds),
        )

    def _show_missing_classes(self) -> None:
        if self._chosen is None:
            return
        study = self._chosen.study
        own = {c.class_id: c for c in self._classes}
        known = study_labels(study, own, self._chosen.contribution).values()
        missing = [c.name for index, c in enumerate(study.classes) if index not in known]
        sentence = ""
        if missing:
            sentence = self.tr("You have no class of this name yet: {0}.").format(
                ", ".join(missing)
            )
        self._page.facts.show_missing(sentence)

    def _show_history(self) -> None:
        assert self._chosen is not None  # noqa: S101  our own invariant
        history = self._history_of(self._chosen)
        self._rounds.show_history(history)
        self._page.show_history(*history.curves())
        self.history_shown.emit(self._chosen, history)
