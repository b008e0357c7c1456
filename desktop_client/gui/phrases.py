"""What the core says in sentences with values, in the language of the window."""

from PySide6.QtCore import QCoreApplication

from desktop_client.federation.findings import Checked, Helper, Phrase, Topic, Verdict


def _tr(text: str) -> str:
    return QCoreApplication.translate("phrases", text)


def said(phrase: Phrase) -> str:
    """Return a sentence of the core in the language in use."""
    translated = QCoreApplication.translate("phrases", phrase.words)
    return translated.format(*phrase.values)


def topic_words(topic: Topic) -> str:
    """Return what a finding is about."""
    return {
        "address": _tr("Address"),
        "proxy": _tr("Proxy"),
        "name": _tr("Name"),
        "connection": _tr("Connection"),
        "certificate": _tr("Certificate"),
        "clock": _tr("Clock"),
        "version": _tr("Version"),
        "membership": _tr("Invitation or membership"),
        "disk": _tr("Disk"),
        "images": _tr("Labelled images"),
        "computer": _tr("What training computes on"),
    }[topic]


def helper_words(helper: Helper) -> str:
    """Return who can mend it."""
    return {
        "nobody": "",
        "you": _tr("You"),
        "it": _tr("Your IT department"),
        "operator": _tr("The coordinator's operator"),
    }[helper]


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """Return a verdict in words with its sign, and its role in the style sheet."""
    return {
        "good": (_tr("✓ In order"), "success"),
        "note": (_tr("• Note"), "strong"),
        "problem": (_tr("✕ Problem"), "error"),
    }[verdict]


def remedy_words(checked: Checked) -> str:
    """Return who can do what about a finding; empty if nobody needs to."""
    to_do = said(checked.remedy) if checked.remedy.words else ""
    return f"{helper_words(checked.helper)}: {to_do}" if to_do else ""
