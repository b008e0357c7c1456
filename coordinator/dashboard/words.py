"""How times, spans, figures and acts are written on the page; times are UTC and say so."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def moment(at: datetime) -> str:
    """Write a point in time, such as ``22 Nov 2026, 12:41 UTC``."""
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def exact_moment(at: datetime) -> str:
    """Write a point in time to the second, such as ``2026-11-22 12:41:07 UTC``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_time(at: datetime) -> str:
    """Write a time of day to the second, such as ``12:41:07 UTC``."""
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"


def span(length: timedelta) -> str:
    """Write a length of time in its two largest units, such as ``2 h 5 min``."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return _two(seconds // _MINUTE, "min", seconds % _MINUTE, "s")
    if seconds < _DAY:
        return _two(seconds // _HOUR, "h", seconds % _HOUR // _MINUTE, "min")
    days = seconds // _DAY
    return _two(days, "day" if days == 1 else "days", seconds % _DAY // _HOUR, "h")


def distance(at: datetime, now: datetime) -> str:
    """Write how long ago something was, or until it will be."""
    if abs((now - at).total_seconds()) < 1:
        return "now"
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


def share(value: float | None) -> str:
    """Write a share or an area under a curve, 0 to 1; a dash where it is undefined."""
    return "–" if value is None else f"{value:.3f}"


def change(difference: float) -> str:
    """Write how much a share rose or fell."""
    sign = "+" if difference >= 0 else "−"
    return f"{sign}{abs(difference):.3f}"


def actor(acting: str, names: Mapping[str, str]) -> str:
    """Write who acted, as the audit log keeps it, with a name for an id.

    Args:
        acting: Such as ``site 3f…``, ``owner 9a…`` or ``operator``.
        names: Of sites and owners, by id.
    """
    kind, _, identifier = acting.partition(" ")
    return f"{kind.capitalize()} {names.get(identifier, identifier)}".strip()


def about(subject: Mapping[str, str | int], names: Mapping[str, str]) -> str:
    """Write what an act was about, such as ``round 7, 3 updates``."""
    return ", ".join(_fact(key, value, names) for key, value in subject.items())


def _fact(key: str, value: str | int, names: Mapping[str, str]) -> str:
    if isinstance(value, str) and value in names:
        return names[value]
    noun = key.removesuffix("_count").removesuffix("_number").replace("_", " ")
    if key.endswith("_count"):
        return f"{value} {noun}{'' if value == 1 else 's'}"
    return f"{noun} {value}"


def _two(many: int, unit: str, few: int, smaller: str) -> str:
    return f"{many} {unit} {few} {smaller}" if few else f"{many} {unit}"
