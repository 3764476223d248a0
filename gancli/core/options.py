"""Options: declared once as fields of a frozen dataclass, from which flags, configuration keys and checks are made."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gancli.core.errors import OptionError, value_text
from gancli.core.names.familiar_options import familiar_option
from gancli.core.names.renamed_options import RENAMED, RENAMED_VALUES, factors_as_rates, unit_today
from gancli.core.names.similar import did_you_mean


@dataclass(frozen=True)
class Rule:
    """What is declared of an option besides its type: help, bounds, choices, and whether a resume may change it.

    absent: the value in a `run.json` that was written before there was this option; its default if not given. group:
    the heading under which help lists the option.
    """

    help: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    may_change: bool = False
    absent: object = None
    group: str = "Model"

    def range_text(self) -> str:
        """The bounds, such as "above 0, at most 1"."""
        return bounds_text(low=self.low, above=self.above, high=self.high, below=self.below)


def bounds_text(
    *, low: float | None = None, above: float | None = None, high: float | None = None, below: float | None = None
) -> str:
    """Bounds in words, such as "from 2 to 65,536" or "above 0, at most 1"; low and high are inclusive."""
    words = {"at least": low, "above": above, "at most": high, "below": below}
    texts = {word: f"{word} {bound:,.15g}" for word, bound in words.items() if bound is not None}
    if set(texts) == {"at least", "at most"}:
        return f"from {low:,.15g} to {high:,.15g}"
    return ", ".join(texts.values())


def option(default: object, help: str = "", **rule: object) -> typing.Any:
    """A field of an Options class. Keywords: low, high (inclusive), above, below (exclusive) and others of Rule.

    A subclass that only changes a default writes it plainly, `batch_size: int = 32`; one that changes more calls this
    with what differs. The rest of the rule is inherited.
    """
    declared = {"help": help, **rule} if help else rule
    return dataclasses.field(default=default, metadata={"rule": declared})


@dataclass(frozen=True)
class Field:
    """One option: name, plain type (int, float, str or bool), whether None is allowed, default, rule."""

    name: str
    type: type
    optional: bool
    default: object
    rule: Rule

    def check(self, value: object) -> object:
        """The value; an int made a float where a float is wanted, and text where choices are numbers (scale=2).

        Raises: OptionError.
        """
        if value is None and self.optional:
            return None
        if self.type is str and type(value) is int and any(choice.isdigit() for choice in self.rule.choices):
            value = str(value)
        if self.type is float and type(value) is int and abs(value) <= LARGEST:
            value = float(value)
        if type(value) is not self.type:
            quoted = f"'{value_text(value)}'" if isinstance(value, str) else value_text(value)
            raise OptionError(f"{self.name} = {quoted}: expected {_TYPE_NAMES[self.type]}")
        if self.type in (int, float):
            self._check_range(value)
        return self._check_choice(value) if self.rule.choices else value

    def parse(self, text: str) -> object:
        """The value of a text. Raises: OptionError."""
        if self.type is bool:
            if text.lower() not in _BOOLEANS:
                raise OptionError(f"{self.name} = '{value_text(text)}': expected true or false")
            return _BOOLEANS[text.lower()]
        try:
            if self.type is not str and not (text.isascii() and "_" not in text):
                raise ValueError("digits of another script, or with separators")
            return self.check(self.type(text))
        except ValueError as error:
            raise OptionError(f"{self.name} = '{value_text(text)}': expected {_TYPE_NAMES[self.type]}") from error

    def _check_choice(self, value: str) -> str:
        """The choice of this name, whatever its case."""
        choice = next((choice for choice in self.rule.choices if choice.casefold() == value.casefold()), None)
        if choice is None:
            raise OptionError(
                f"{self.name} = '{value_text(value)}': expected one of {', '.join(self.rule.choices)}"
                + did_you_mean(value, self.rule.choices)
            )
        return choice

    def _check_range(self, value: float) -> None:
        rule = self.rule
        inside = (
            abs(value) <= LARGEST  # false for NaN, and without an overflow for long whole numbers
            and (rule.low is None or value >= rule.low)
            and (rule.above is None or value > rule.above)
            and (rule.high is None or value <= rule.high)
            and (rule.below is None or value < rule.below)
        )
        if not inside:
            bounds = rule.range_text() or f"at most {LARGEST:,}"
            of = "of " if bounds.startswith("at ") else ""
            raise OptionError(f"{self.name} = {value_text(value)}: expected a number {of}{bounds}")


LARGEST = 10**15  # of any number in an option
LARGEST_TEXT = 16_000_000  # bytes of a configuration
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_TYPE_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


class Options:
    """Base of every Options dataclass. Creating one checks each field."""

    def __post_init__(self) -> None:
        for field in fields(type(self)):
            object.__setattr__(self, field.name, field.check(getattr(self, field.name)))


@functools.cache
def fields(cls: type) -> tuple[Field, ...]:
    """The options of a class, those of its base classes first."""
    hints = typing.get_type_hints(cls)
    return tuple(_field(item, hints[item.name], _rule(cls, item.name)) for item in dataclasses.fields(cls))


def _field(item: dataclasses.Field, hint: object, rule: Rule) -> Field:
    optional = isinstance(hint, types.UnionType)
    plain = next(part for part in hint.__args__ if part is not types.NoneType) if optional else hint
    return Field(item.name, plain, optional, item.default, rule)


def _rule(cls: type, name: str) -> Rule:
    """What a class declares of an option, over what its base classes declare."""
    declared: dict[str, typing.Any] = {}
    for base in reversed(cls.__mro__):
        if name in vars(base).get("__annotations__", {}):
            declared |= vars(base)["__dataclass_fields__"][name].metadata.get("rule", {})
    return Rule(**declared)


def from_mapping(cls: type, values: Mapping[str, object]) -> typing.Any:
    """Make options of `cls` from names and values. Raises: OptionError for an unknown name or a bad value."""
    need_known(values, fields(cls))
    return cls(**values)


def need_known(names: Iterable[str], known: Iterable[Field]) -> None:
    """Raise OptionError, with its name today or the nearest one, for a name that none of these options has."""
    known_names = [field.name for field in known]
    for name in names:
        if name in known_names:
            continue
        if RENAMED.get(name) in known_names:
            raise OptionError(f"option '{name}' was renamed to '{RENAMED[name]}'{unit_today(name)}")
        if ours := familiar_option(name, known_names):
            raise OptionError(f"unknown option '{name}': use '{ours}'")
        raise OptionError(f"unknown option '{name}'" + did_you_mean(name, known_names))


def renamed(values: Mapping[str, object], known: Iterable[Field]) -> dict[str, object]:
    """The values that an older version wrote, by the names that these options have today."""
    known = {field.name: field for field in known}
    values = factors_as_rates(values, {name: field.default for name, field in known.items()})
    named = {name if name in known else RENAMED.get(name, name): value for name, value in values.items()}
    for (name, old), new in RENAMED_VALUES.items():
        if named.get(name) == old:
            named[name] = new
    return named


def parse_settings(settings: Iterable[str], known: Iterable[Field]) -> dict[str, object]:
    """Read texts such as "width=128" as values of these options. Raises: OptionError."""
    by_name = {field.name: field for field in known}
    values = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise OptionError(f"--set {setting}: expected NAME=VALUE, such as batch_size=32")
        name = name.replace("-", "_")
        need_known([name], by_name.values())
        values[name] = by_name[name].parse(text)
    return values


def read_config(path: Path) -> dict[str, object]:
    """The options in a JSON or TOML file; a run.json is one (its `model` and the table `options`).

    Raises: OptionError if the file cannot be read or is not a table of options.
    """
    import json
    import tomllib

    from gancli.core import files

    try:
        text = files.read_regular(path, most=LARGEST_TEXT).decode("utf-8-sig")
        loaded = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text, object_pairs_hook=no_twins)
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or error
        raise OptionError(f"cannot read the configuration {path}: {why}") from error
    if not isinstance(loaded, dict):
        raise OptionError(f"the configuration {path} must be a table of options, as in a run.json")
    if isinstance(loaded.get("options"), dict):  # a run.json: what surrounds the options is a record
        return {**({"model": loaded["model"]} if "model" in loaded else {}), **loaded["options"]}
    return {name.replace("-", "_"): value for name, value in loaded.items()}


def whole(text: str, most: int, *, least: int = 0) -> int | None:
    """The whole number that a text of digits stands for, if it is between `least` and `most`, else None."""
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    number = int(digits) if len(digits) <= len(str(most)) else most + 1  # Python reads at most 4,300 digits
    return number if least <= number <= most else None


def no_twins(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """The table of these pairs, for `json`. Raises: ValueError for a repeated name."""
    table: dict[str, object] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"'{name}' is given twice")
        table[name] = value
    return table
