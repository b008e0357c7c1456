"""A computer and project have one number for as long as they stay what they are."""

import platform
import sys
import uuid
from pathlib import Path
from typing import Final

import pytest

from desktop_client.federation import place
from desktop_client.federation.place import place_of, platform_uuid_in
from desktop_client.paths import Home

OF_A_MAC: Final = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
\t<dict>
\t\t<key>IOBusyInterest</key>
\t\t<string>IOCommand is not serializable</string>
\t\t<key>IOConsoleSecurityInterest</key>
\t\t<string>IOCommand is not serializable</string>
\t\t<key>IOObjectClass</key>
\t\t<string>IOPlatformExpertDevice</string>
\t\t<key>IOObjectRetainCount</key>
\t\t<integer>34</integer>
\t\t<key>IOPlatformSerialNumber</key>
\t\t<string>C02XK0AAJGH5</string>
\t\t<key>IOPlatformUUID</key>
\t\t<string>8A3F1C52-6B7D-5E90-A1C4-2F0D9B8E7A61</string>
\t\t<key>IORegistryEntryID</key>
\t\t<integer>4294967853</integer>
\t\t<key>IORegistryEntryName</key>
\t\t<string>Mac14,2</string>
\t\t<key>manufacturer</key>
\t\t<data>
\t\tQXBwbGUgSW5jLgA=
\t\t</data>
\t\t<key>model</key>
\t\t<data>
\t\tTWFjMTQsMgA=
\t\t</data>
\t</dict>
</array>
</plist>
"""
"""What ``ioreg -a -rd1 -c IOPlatformExpertDevice`` prints, abridged; the numbers are made up."""


@pytest.fixture
def machine_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd keeps in /etc/machine-id."""
    path = tmp_path / "machine-id"
    path.write_text("4c4c4544\n")
    monkeypatch.setattr(place, "_MACHINE_ID", path)
    return path


def test_another_folder_computer_or_credential_is_another_place(
    tmp_path: Path, machine_id: Path
) -> None:
    first = place_of(Home(tmp_path / "a"), "secret")
    others = [place_of(Home(tmp_path / "b"), "secret"), place_of(Home(tmp_path / "a"), "new")]
    others.append(place_of(Home(tmp_path / "\udce4"), "secret"))  # no UTF-8
    machine_id.write_text("8d8d8d8d\n")
    others.append(place_of(Home(tmp_path / "a"), "secret"))
    assert len({first, *others}) == 5
    assert all(len(one) == 32 for one in others)


def test_another_network_adapter_is_no_other_computer(
    tmp_path: Path, machine_id: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place_of(Home(tmp_path), "secret")
    monkeypatch.setattr(uuid, "getnode", lambda: 7)
    assert place_of(Home(tmp_path), "secret") == first
    machine_id.unlink()
    assert place_of(Home(tmp_path), "secret") != first


def test_a_mac_is_known_by_the_number_of_its_hardware() -> None:
    assert platform_uuid_in(OF_A_MAC.encode()) == "8A3F1C52-6B7D-5E90-A1C4-2F0D9B8E7A61"


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"+-o Mac14,2  <class IOPlatformExpertDevice>",
        OF_A_MAC[:300].encode(),
        OF_A_MAC.replace("IOPlatformUUID", "IOPlatformUID").encode(),
        OF_A_MAC.replace("string>8A3F1C52-6B7D-5E90-A1C4-2F0D9B8E7A61</string", "true/").encode(),
        b"<plist><array/></plist>",
        b"<plist><string>8A3F</string></plist>",
    ],
)
def test_what_tells_no_number_of_a_mac_is_none(told: bytes) -> None:
    assert platform_uuid_in(told) == ""


def test_a_mac_has_one_place_whatever_a_network_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place_when_named(name: str) -> str:
        monkeypatch.setattr(platform, "node", lambda: name)
        return place_of(Home(tmp_path), "secret")

    monkeypatch.setattr(sys, "platform", "darwin")
    printed = tmp_path / "printed"
    printed.write_text(OF_A_MAC)
    monkeypatch.setattr(place, "_IOREG", ("cat", str(printed)))
    assert place_when_named("anna.local") == place_when_named("dhcp-7.clinic.example")
    monkeypatch.setattr(place, "_IOREG", ("false",))
    assert place_when_named("anna.local") != place_when_named("dhcp-7.clinic.example")
