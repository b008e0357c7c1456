"""Which keys ask for which command: the defaults, and what a person chose instead."""

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop_client.gui.commands import Command, Group, all_commands


class KeyMap:
    """The commands with the keys in use; frozen, a changed one is a new one."""

    def __init__(self, chosen: Mapping[str, Sequence[str]] | None = None) -> None:
        """Make a map.

        Args:
            chosen: By command, the keys that take the place of its defaults; none means that it
                has no key. Commands of other versions are kept and not looked at.
        """
        self.commands = all_commands()
        self._chosen = {name: tuple(keys) for name, keys in (chosen or {}).items()}
        self._by_key = {key: command for command in self.commands for key in self.keys_of(command)}

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """What differs from the defaults, to be kept in the settings."""
        defaults = {command.command_id: command.keys for command in self.commands}
        return {name: keys for name, keys in self._chosen.items() if defaults.get(name) != keys}

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """Return the keys of a command, in Qt's portable names."""
        return self._chosen.get(command.command_id, command.keys)

    def words_of(self, command: Command) -> str:
        """Return the keys as they are written on this system's keyboards."""
        return ", ".join(key_words(key) for key in self.keys_of(command))

    def words_by_id(self, command_id: str) -> str:
        """Return the keys of the command of this name as ``words_of`` does."""
        return next(self.words_of(c) for c in self.commands if c.command_id == command_id)

    def with_keys(self, command: Command, keys: Sequence[str]) -> "KeyMap":
        """Return the same map but for one command's keys."""
        return KeyMap({**self._chosen, command.command_id: tuple(keys)})

    def asked_by(self, event: QKeyEvent) -> Command | None:
        """Return the command of the page of images that a key asks for, or None."""
        command = self._by_key.get(key_of(event))
        return command if command is not None and command.is_for_images else None

    def by_group(self) -> Iterator[tuple[Group, list[Command]]]:
        """Yield each menu's group and commands, in their order."""
        groups: dict[Group, list[Command]] = {}
        for command in self.commands:
            groups.setdefault(command.group, []).append(command)
        yield from groups.items()


def key_of(event: QKeyEvent) -> str:
    """Return a pressed key's portable name, wherever on which keyboard it lies.

    The digits beside the letters and those of the keypad are the same; the Shift that a sign
    needs on one keyboard and not on another (``=``, and on a French one ``1``) does not count.
    """
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    is_sign = len(text) == 1 and text.isprintable() and not text.isalpha() and not text.isspace()
    if is_sign and event.key() == ord(text):
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return portable(QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))))


def portable(keys: QKeySequence) -> str:
    """Return the name under which a key is kept; the Return keys are one."""
    name = keys.toString(QKeySequence.SequenceFormat.PortableText)
    return "Return" if name == "Enter" else name


def key_words(key: str) -> str:
    """Return a key as people on this system write it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
