"""Beginning a study and taking part in one by command."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import resnet18

from coordinator.invitation import Invitation, write_invitation
from coordinator.parameters import decode
from coordinator.protocol import GlobalMessage
from desktop_client.federation.enrolment import enrol
from desktop_client.paths import Home
from tests.commands.conftest import Command
from tests.owned_coordinator import owned_coordinator
from tests.scenes import new_site, write_study


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


def test_an_output_folder_that_does_not_exist_is_named(siteblind: Command, tmp_path: Path) -> None:
    study_toml = write_study(tmp_path / "study.toml")
    code, _, err = siteblind("init-model", study_toml, "--output", tmp_path / "no" / "initial")
    assert code == 1
    assert "cannot be written" in err


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


def test_retries_are_not_shown_one_by_one(siteblind: Command, tmp_path: Path) -> None:
    siteblind(
        *("join", "--coordinator", "http://127.0.0.1:9", "--code", "ABC", "--site-name", "Ward"),
        *("--home", tmp_path / "home"),
    )
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)
