"""What SQL cannot say when a store of version 1 is brought up to date."""

from desktop_client.labelling.chain import Tables, append_action


def tell_old_origins(tables: Tables) -> None:
    """Write beside each label event the action in which somebody first said its label."""
    events = tables.read(
        """
        SELECT event_id, action_id, sample_id, kind, subject
        FROM label_events JOIN actions USING (action_id) ORDER BY event_id
        """
    )
    present: dict[str, int | None] = {}
    before: dict[tuple[int, str], int | None] = {}
    for event_id, action_id, sample_id, kind, subject in events:
        previous = present.get(sample_id)
        if kind == "undo":
            origin = before[subject, sample_id]
        else:
            origin = subject if kind == "redo" else action_id
            before[origin, sample_id] = previous
        tables.write(
            "UPDATE label_events SET origin = ?, previous_origin = ? WHERE event_id = ?",
            origin,
            previous,
            event_id,
        )
        present[sample_id] = origin
    for sample_id, origin in present.items():
        tables.write("UPDATE samples SET origin = ? WHERE sample_id = ?", origin, sample_id)


def chain_old_actions(tables: Tables) -> None:
    """Begin the audit trail with everything that was done before there was one."""
    for action_id, at in tables.read(
        "SELECT action_id, happened_at FROM actions ORDER BY action_id"
    ):
        append_action(tables, at, action_id)
