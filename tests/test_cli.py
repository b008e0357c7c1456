"""The command ``siteblind``, called as a person calls it; a refusal is one sentence and code 1."""

import json
import logging
import sqlite3
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from torchvision.models import resnet18

from coordinator.invitation import Invitation, write_invitation
from coordinator.parameters import decode
from coordinator.protocol import GlobalMessage
from desktop_client import cli
from desktop_client.commands import images
from desktop_client.federation.enrolment import enrol
from desktop_client.paths import HOME_VARIABLE, Home
from desktop_client.project.lock import ProjectLock
from desktop_client.project.recent import remember_project
from desktop_client.training.checkpoint import load_checkpoint
from desktop_client.training.own_training import train_from_store
from desktop_client.training.request import TrainingRequest
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_images, write_study


@pytest.fixture
def siteblind(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(monkeypatch, capsys)


class Command:
    """Runs ``siteblind`` in this process and keeps what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        self._monkeypatch.setattr("sys.argv", ["siteblind", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err


def test_a_folder_is_imported_with_its_folders_as_labels(
    siteblind: Command, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "images", {"dot": 3, "ring": 2})
    code, out, _ = siteblind("import", images, "--labels-from-folders", "--home", tmp_path / "home")
    assert code == 0
    assert "Imported 5 images and 5 labels" in out


def test_a_single_image_is_imported_too(siteblind: Command, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", {"dot": 1})
    (image,) = images.rglob("*.png")
    code, out, _ = siteblind("import", image, "--home", tmp_path / "home")
    assert code == 0
    assert "Imported 1 image and 0 labels" in out


def test_an_unreadable_image_is_listed_with_its_reason(siteblind: Command, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", {"dot": 1})
    (images / "dot" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    code, out, _ = siteblind("import", images, "--home", tmp_path / "home")
    assert code == 0
    assert "Left out broken.png: " in out
    assert "1 left out" in out


def test_a_csv_with_an_unknown_column_is_refused_by_the_columns_name(
    siteblind: Command, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file,diagnosis\na.png,nevus\n")
    code, _, err = siteblind("import", table, "--home", tmp_path / "home")
    assert code == 1
    assert "diagnosis" in err
    assert "lesion" in err  # what is allowed


def test_labels_are_exported_and_taken_back_in(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 3, "ring": 2})
    table = tmp_path / "labels.csv"
    code, out, _ = siteblind("export-labels", table, "--semicolons", "--home", home.path)
    assert code == 0
    assert f"Wrote 5 images, 5 labelled, to {table}" in out
    code, out, _ = siteblind("import", table, "--home", tmp_path / "other")
    assert code == 0
    assert "Imported 5 images and 5 labels" in out


def test_labels_that_cannot_be_written_are_refused_with_the_remedy(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 1})
    code, _, err = siteblind("export-labels", tmp_path / "no" / "a.csv", "--home", home.path)
    assert code == 1
    assert "Choose a folder that exists" in err


def test_deidentified_copies_are_exported_and_a_used_folder_is_refused(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 3, "ring": 2})
    looked_at = tmp_path / "areas.csv"
    looked_at.write_text("file,left,top,width,height\nimages/dot/000.png,0,0,4,4\n")
    arguments = ("export-images", tmp_path / "out", "--mask-areas", looked_at, "--home", home.path)
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert f"Copied 5 files to {tmp_path / 'out'}; 0 left out" in out
    code, _, err = siteblind(*arguments)
    assert code == 1
    assert "is not empty. Choose a new or an empty folder" in err


def test_training_writes_a_model_that_can_be_loaded_and_a_log_of_events(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    model_path, log = tmp_path / "model.safetensors", tmp_path / "events.jsonl"
    code, out, _ = siteblind(
        *("train", "--output", model_path, "--epochs", "2", "--device", "cpu"),
        *("--events", log, "--home", home.path),
    )
    assert code == 0
    assert "Epoch 2 of 2" in out
    model, card = load_checkpoint(model_path)
    assert [c.name for c in card.classes] == ["dot", "ring"]
    assert card.intended_use == "Research use only. Not for diagnostic use."
    assert not model.training
    kinds = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert kinds.count("EpochFinished") == 2
    assert kinds[-1] == "TrainingFinished"


def test_a_model_is_asked_about_a_folder_and_its_suggestions_are_written_as_csv(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 4, "ring": 4})
    model_path, table = tmp_path / "model.safetensors", tmp_path / "suggested.csv"
    siteblind("train", "--output", model_path, "--epochs", "1", "--home", home.path)
    folder = write_images(tmp_path / "new", {"dot": 2}, seed=5)
    (folder / "torn.jpg").write_bytes(b"")
    code, out, _ = siteblind(
        *("predict", model_path, "--csv", table, "--folder", folder, "--home", home.path)
    )
    assert code == 0
    assert "Left out torn.jpg: the file is empty" in out
    assert f"A suggestion for 2 images, 1 left out: {table}" in out
    header, *rows = table.read_text().splitlines()
    assert header.startswith("file,frame,suggestion,confidence,probability of dot,")
    assert len(rows) == 2
    code, out, _ = siteblind("explain", model_path, folder, "--output", tmp_path / "pictures")
    assert code == 0
    assert f"2 pictures in {tmp_path / 'pictures'}, 1 left out" in out


def test_an_interrupted_training_is_not_overwritten_but_gone_on_with(
    siteblind: Command, tmp_path: Path
) -> None:
    home, output = new_site(tmp_path, {"dot": 12, "ring": 12}), tmp_path / "model.safetensors"
    request = TrainingRequest(home.labels_path, output, epoch_count=2, device="cpu")
    deque(train_from_store(request, is_pause_asked=lambda: True), maxlen=0)
    train = ("train", "--output", output, "--home", home.path)
    code, _, err = siteblind(*train)
    assert code == 1
    assert "Go on with it with --resume" in err
    code, out, _ = siteblind(*train, "--resume")
    assert code == 0
    assert "Going on after step 0" in out
    assert "Epoch 2 of 2" in out


def test_the_doctor_says_what_trains_and_how_long_a_step_takes(siteblind: Command) -> None:
    code, out, _ = siteblind("doctor", "--device", "cpu")
    assert code == 0
    assert "Device (note): Training uses " in out
    assert "A training step of 32 images takes " in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--output", "m"),
        ("train", "--output", "m", "--resume"),
        ("predict", "m", "--csv", "answers.csv"),
        ("rotate-credential",),
    ],
)
def test_a_mistyped_project_is_said_to_be_none_and_makes_no_folder(
    siteblind: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    code, _, err = siteblind(*arguments, "--home", tmp_path / "hme")
    assert (code, f"There is no project in {tmp_path / 'hme'}" in err) == (1, True)
    assert not (tmp_path / "hme").exists()


def test_training_without_two_classes_says_what_is_missing(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 4})
    code, _, err = siteblind("train", "--output", tmp_path / "m", "--home", home.path)
    assert code == 1
    assert "at least two classes; there are 4 labelled images of 1 class" in err


def test_an_extractor_that_does_not_exist_is_refused_with_the_choices(
    siteblind: Command, tmp_path: Path
) -> None:
    code, _, err = siteblind("train", "--output", tmp_path / "m", "--extractor", "vgg")
    assert code != 0
    assert "small_cnn" in err
    assert "Traceback" not in err


def test_initial_parameters_are_made_from_a_study(siteblind: Command, tmp_path: Path) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    code, _, _ = siteblind("init-model", study_toml, "--output", tmp_path / "initial")
    assert code == 0
    _, message = decode((tmp_path / "initial").read_bytes(), GlobalMessage)
    assert message.round_number == 0


def test_of_several_extractors_initial_parameters_have_the_same_classifiers(
    siteblind: Command, tmp_path: Path
) -> None:
    model = {"further_extractors": ["efficientnet_lite0"]}
    study_toml = write_study(tmp_path / "study.toml", model=model)
    code, _, err = siteblind("init-model", study_toml, "--output", tmp_path / "any")
    assert (code, "name one of them with --extractor" in " ".join(err.split())) == (2, True)
    made = []
    for extractor in ("small_cnn", "efficientnet_lite0"):
        path = tmp_path / extractor
        siteblind("init-model", study_toml, "--output", path, "--extractor", extractor)
        arrays, message = decode(path.read_bytes(), GlobalMessage)
        assert message.extractor == extractor
        made.append({n: a for n, a in arrays.items() if not n.startswith("feature_extractor.")})
    assert made[0].keys() == made[1].keys()
    assert all(np.array_equal(made[0][name], made[1][name]) for name in made[0])


def test_initial_parameters_begin_from_the_owners_weights_file(
    siteblind: Command, tmp_path: Path
) -> None:
    weights, output = tmp_path / "resnet18.pth", tmp_path / "initial"
    state = resnet18(weights=None).state_dict()
    torch.save(state, weights)
    study_toml = write_study(
        tmp_path / "study.toml", model={"extractor": "resnet18", "weights": "file"}
    )
    init = ("init-model", study_toml, "--output", output)
    code, _, err = siteblind(*init)
    assert (code, "Name it with --weights" in err) == (1, True)
    assert not output.exists()
    code, _, _ = siteblind(*init, "--weights", weights)
    assert code == 0
    arrays, _ = decode(output.read_bytes(), GlobalMessage)
    name = "layer1.0.conv1.weight"
    assert np.array_equal(arrays[f"feature_extractor.{name}"], state[name].numpy())


def test_a_weights_file_that_nobody_asks_for_is_refused(siteblind: Command, tmp_path: Path) -> None:
    study_toml, home = write_study(tmp_path / "study.toml"), new_site(tmp_path, {"dot": 2})
    code, _, err = siteblind("init-model", study_toml, "--output", "m", "--weights", "w.pth")
    assert (code, 'Write weights = "file" into its [model]' in err) == (1, True)
    train = ("train", "--output", tmp_path / "m", "--home", home.path)
    code, _, err = siteblind(*train, "--weights", "w.pth")
    assert (code, "choose another --extractor" in err) == (1, True)


def test_a_study_with_a_bad_value_is_refused_by_key_and_reason(
    siteblind: Command, tmp_path: Path
) -> None:
    study_toml = write_study(tmp_path / "study.toml", rounds={"fraction": 0.7})
    code, _, err = siteblind("init-model", study_toml, "--output", tmp_path / "initial")
    assert code == 1
    assert "rounds.fraction" in err
    assert "less than or equal to 0.5" in err
    assert not (tmp_path / "initial").exists()


def test_joining_without_a_membership_says_how_to_join(siteblind: Command, tmp_path: Path) -> None:
    code, _, err = siteblind("join", "--home", tmp_path / "home")
    assert code == 1
    assert "join one with --invitation" in err


def test_an_address_without_a_code_is_half_of_an_invitation(
    siteblind: Command, tmp_path: Path
) -> None:
    code, _, err = siteblind(
        "join", "--coordinator", "https://example.org", "--home", tmp_path / "home"
    )
    assert code != 0
    assert "belong together" in err


def test_a_code_needs_a_name_that_the_owner_can_tell_from_others(
    siteblind: Command, tmp_path: Path
) -> None:
    code, _, err = siteblind(
        *("join", "--coordinator", "http://127.0.0.1:9", "--code", "ABC"),
        *("--home", tmp_path / "home"),
    )
    assert code != 0
    assert "--site-name" in err


def test_a_device_that_is_not_there_does_not_cost_the_code(
    siteblind: Command, tmp_path: Path
) -> None:
    import torch

    if torch.backends.mps.is_available():
        pytest.skip("this machine has an MPS device")
    code, _, err = siteblind(
        *("join", "--coordinator", "http://127.0.0.1:9", "--code", "ABC", "--site-name", "Ward"),
        *("--device", "mps", "--home", tmp_path / "home"),
    )
    assert code == 1
    assert "no MPS device" in err  # and not that nobody answers: nobody was asked
    assert not (tmp_path / "home" / "studies").exists()


def test_a_coordinator_that_is_not_there_is_named(siteblind: Command, tmp_path: Path) -> None:
    code, _, err = siteblind(
        *("join", "--coordinator", "http://127.0.0.1:9", "--code", "ABC", "--site-name", "Ward"),
        *("--home", tmp_path / "home"),
    )
    assert code == 1
    assert "http://127.0.0.1:9 cannot be reached" in err


def test_an_output_folder_that_does_not_exist_is_named(siteblind: Command, tmp_path: Path) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    code, _, err = siteblind("init-model", study_toml, "--output", tmp_path / "no" / "initial")
    assert code == 1
    assert "cannot be written" in err


def test_a_home_that_cannot_be_made_is_named(siteblind: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, err = siteblind("join", "--home", tmp_path / "file" / "home")
    assert code == 1
    assert "file/home cannot be used: Not a directory" in err
    assert "--home" in err


def test_whoever_repeats_the_command_that_joined_is_told_how_to_go_on(
    siteblind: Command, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    with owned_coordinator(tmp_path / "coordinator") as coordinator:
        study_id = coordinator.create_study(write_study(tmp_path / "study.toml"))
        [invitation] = coordinator.invite(study_id, 1)
        enrol(home, coordinator.url, invitation, "St. Anna")
        code, _, err = siteblind(
            *("join", "--coordinator", coordinator.url, "--code", invitation),
            *("--site-name", "Ward"),
            *("--home", home.path),
        )
    assert code == 1
    assert "already used" in err
    assert "leave out the invitation" in err


def test_preflight_says_what_hinders_and_who_can_mend_it(
    siteblind: Command, tmp_path: Path
) -> None:
    invitation = write_invitation(Invitation("https://no-such-host.invalid", "dots", "7K2M"))
    home = ("--home", tmp_path / "home")
    code, out, _ = siteblind("preflight", "--invitation", f"> {invitation}", *home)
    assert code == 1
    assert "Name (PROBLEM): Nobody here knows the name no-such-host.invalid." in out
    assert "Your IT department: Let this computer look up the name" in out
    code, _, err = siteblind("preflight", "--invitation", "7K2M", *home)
    assert code == 1
    assert "begins with SITEBLIND1" in err


def test_ctrl_c_says_that_nothing_is_lost(
    siteblind: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "follow", interrupted)
    code, _, err = siteblind("import", tmp_path, "--home", tmp_path / "home")
    assert code == 130
    assert "what was saved stays" in err


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """Three hospitals' images, ten of a class each."""
    for number, name in enumerate(("north", "south", "west")):
        write_images(tmp_path / "sites" / name, {"dot": 10, "ring": 10}, 0.5, number)
    return tmp_path / "sites"


def test_a_federation_is_simulated_and_the_repeated_command_runs_nothing(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    study_toml, results = write_study(tmp_path / "study.toml"), tmp_path / "results.json"
    arguments = (
        *("simulate", study_toml, "--data", sites, "--json", results, "--device", "cpu"),
        *("--held-out-site", "west", "--sites-per-domain", "2", "--leakage-every", "1"),
    )
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert "siteblind, seed 0, without west: AUC " in out
    [run] = json.loads(results.read_text())["runs"]
    assert [done["leakage"] is not None for done in run["rounds"]] == [True, True, True]
    code, out, _ = siteblind(*arguments)
    assert code == 0
    assert "1 of 1 runs are there already" in out
    assert "west: AUC" not in out


def test_an_arrangement_without_averaging_can_be_simulated(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    results = tmp_path / "results.json"
    code, _, _ = siteblind(
        *("simulate", write_study(tmp_path / "study.toml"), "--data", sites, "--json", results),
        *("--arrangement", "local", "--seeds", "3", "--inner-split", "--device", "cpu"),
    )
    assert code == 0
    [run] = json.loads(results.read_text())["runs"]
    assert (run["arrangement"], run["seed"]) == ("local", 3)
    assert results.with_suffix(".csv").exists()
    assert results.with_suffix(".rounds.svg").exists()


def test_where_flower_is_not_installed_it_is_said_how_it_comes_there(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    code, _, err = siteblind(
        *("simulate", study_toml, "--data", sites, "--json", tmp_path / "results.json"),
        *("--engine", "flower"),
    )
    assert code == 1
    assert "pip install 'siteblind[flower]', in an environment of its own" in err
    code, _, err = siteblind("flower", "supernode", "--insecure", "--superlink", "127.0.0.1:9092")
    assert code == 1
    assert "Flower is not installed here; pip install 'siteblind[flower]'" in err


def test_variants_are_compared_with_the_reference(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    code, out, _ = siteblind(
        *("compare", write_study(tmp_path / "study.toml"), "--data", sites, "--device", "cpu"),
        *("--json", tmp_path / "results.json", "--variant", "fedavg"),
        *("--variant", "short:rounds.count=1"),
    )
    assert code == 0
    assert "Difference to fedavg, run by run" in out
    assert f"Wrote {tmp_path / 'results.json'}, {tmp_path / 'results.csv'}" in out


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("--reference", "fedprox"), "fedprox is not among the variants"),
        (("--seeds", "0,x"), "must be whole numbers"),
        (("--json", "results.csv"), "must end in .json"),
        (("--variant", "fedsgd"), "no variant 'fedsgd'"),
        (("--held-out-site", "east"), "no site 'east'"),
        (("--sites", "4", "--sites-per-domain", "2"), "not both"),
        (("--sites", "2"), "ask for 3 or more, not 2"),
        (("--sites", "49"), "at most as many sites, not 49"),
        (("--sites", "4", "--held-out-site", "each"), "all leave out the same site"),
        (("--weights", "resnet18.pth"), "asks for no weights file"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_before_it_begins(
    siteblind: Command, tmp_path: Path, sites: Path, changes: tuple[str, ...], told: str
) -> None:
    code, _, err = siteblind(
        *("compare", write_study(tmp_path / "study.toml"), "--data", sites, "--device", "cpu"),
        *("--json", tmp_path / "results.json", "--variant", "fedavg"),
        *changes,
    )
    assert code != 0
    assert told in " ".join(err.replace("│", " ").split())  # typer draws boxes
    assert not (tmp_path / "results.json").exists()


def test_a_finished_model_is_judged_on_any_sites_images(
    siteblind: Command, tmp_path: Path, sites: Path
) -> None:
    home = new_site(tmp_path, {"dot": 12, "ring": 12})
    model = tmp_path / "model.safetensors"
    siteblind(
        *("train", "--output", model, "--epochs", "1", "--device", "cpu", "--home", home.path)
    )
    code, out, _ = siteblind(
        *("evaluate", model, sites, "--json", tmp_path / "metrics.json", "--leakage"),
        *("--predictions", tmp_path / "answers.csv", "--device", "cpu"),
    )
    assert code == 0
    assert "Leakage: linear" in out
    told = json.loads((tmp_path / "metrics.json").read_text())
    assert [site["site"] for site in told["sites"]] == ["north", "south", "west"]
    assert len((tmp_path / "answers.csv").read_text().splitlines()) == 61


def test_retries_are_not_shown_one_by_one(siteblind: Command, tmp_path: Path) -> None:
    siteblind(
        *("join", "--coordinator", "http://127.0.0.1:9", "--code", "ABC", "--site-name", "Ward"),
        *("--home", tmp_path / "home"),
    )
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)


def test_a_project_is_backed_up_and_restored(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    backup = tmp_path / "ward.siteblind-backup"
    code, out, _ = siteblind("project", "backup", backup, "--home", home.path)
    assert (code, "3 of 3 known images labelled" in out) == (0, True)
    code, out, _ = siteblind("project", "restore", backup, "--home", tmp_path / "new")
    assert code == 0
    assert "“home” of " in out
    assert "Restored 3 labels" in out
    code, _, err = siteblind("project", "restore", backup, "--home", home.path)
    assert (code, "There is a project" in err) == (1, True)
    code, _, _ = siteblind("project", "restore", backup, "--home", home.path, "--replace")
    assert code == 0


def test_recent_projects_are_listed(
    siteblind: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    remember_project(tmp_path / "projects.json", Home(tmp_path / "Ward 4"))
    code, out, _ = siteblind("project", "list")
    assert code == 0
    assert out.strip().endswith("Ward 4  (not there now)")


@pytest.mark.parametrize(
    "command",
    [
        ("import", "images"),
        ("export-labels", "labels.csv"),
        ("export-images", "copies"),
        ("join",),
        ("rotate-credential",),
    ],
)
def test_no_command_writes_to_a_project_that_a_window_has_open(
    siteblind: Command, tmp_path: Path, command: tuple[str, ...]
) -> None:
    home = Home(tmp_path / "home").create()
    with ProjectLock(home.lock_path, "the window"):
        code, _, err = siteblind(*command, "--home", home.path)
    assert code == 1
    assert "is open already" in err
    assert "the window" in err


def test_an_export_from_a_mistyped_folder_makes_no_project_there(
    siteblind: Command, tmp_path: Path
) -> None:
    for command in (("export-labels", tmp_path / "t.csv"), ("export-images", tmp_path / "copies")):
        code, _, err = siteblind(*command, "--home", tmp_path / "hmoe")
        assert code == 1
        assert "There is no project in" in err
    assert list(tmp_path.iterdir()) == []


def test_the_audit_trail_is_checked_and_written_out(siteblind: Command, tmp_path: Path) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    code, out, _ = siteblind("audit", "verify", "--home", home.path)
    assert code == 0
    assert "The audit trail is whole: 4 entries" in out
    code, out, _ = siteblind("audit", "export", tmp_path / "trail.csv", "--home", home.path)
    assert code == 0
    assert (tmp_path / "trail.csv").read_text().startswith("entry,time,reader,act,sample")


def test_a_broken_audit_trail_names_its_first_broken_entry(
    siteblind: Command, tmp_path: Path
) -> None:
    home = new_site(tmp_path, {"dot": 2, "ring": 1})
    with closing(sqlite3.connect(home.labels_path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_entries_keep_from_update")
        connection.execute("UPDATE audit_entries SET reader = 'Eve' WHERE sequence = 3")
    code, _, told = siteblind("audit", "verify", "--home", home.path)
    assert code == 1
    assert "Entry 3 of the audit trail is missing or was altered" in told
