"""Readers are names; whoever signs in is in the audit trail."""

import pytest

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.store import LabelStore


def test_a_new_name_becomes_a_reader_and_a_known_one_is_found_again(store: LabelStore) -> None:
    assert store.readers.sign_in("  Dr.  Ada ") == "Dr. Ada"
    assert store.readers.sign_in("Grace") == "Grace"
    assert store.readers.sign_in("dr. ada") == "Dr. Ada"
    assert store.readers.names() == ["Dr. Ada", "Grace"]
    said = [(entry.kind, entry.reader) for entry in store.audit.entries()]
    assert said == [("signed_in", "Dr. Ada"), ("signed_in", "Grace"), ("signed_in", "Dr. Ada")]


def test_a_reader_needs_a_name(store: LabelStore) -> None:
    with pytest.raises(LabelStoreError, match="needs a name"):
        store.readers.sign_in(" \t")
    assert store.readers.names() == []
