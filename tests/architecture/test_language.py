"""Plain modern English with the field's terms: the form of help texts, and words that are retired.

Run as a script with paths it prints where retired words stand and which help texts have another form.
"""

import re
import sys
import tokenize
from pathlib import Path

import click
import pytest

import gancli
from gancli import models
from gancli.cli import main as entry
from gancli.models import config

SOURCE = Path(gancli.__file__).parent
ROOT = SOURCE.parent
TEXTS = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if ROOT / "docs" / "_build" not in path.parents),
    *sorted((ROOT / "experiments").rglob("README.md")),
]
MOST_WORDS = 14
NO_START = {
    "a",
    "an",
    "and",
    "as",
    "by",
    "for",
    "from",
    "how",
    "if",
    "in",
    "it",
    "its",
    "not",
    "of",
    "on",
    "or",
    "such",
}
NO_START |= {"such", "that", "the", "to", "what", "where", "whether", "which", "with"}
STEMS = "general|initial|memor|normal|optim|organ|penal|recogn|regular|summar|synchron|visual"
RETIRED = {  # a pattern: what to say
    r"lectures?": "the paper, or a public source",
    r"document 00\d": "the paper, or a public source",
    r"colou?rs? of old|of old": "of older versions",
    r"colours?|coloured|greys?|neighbours?|neighbouring|behaviours?|centres?|centred": "American spelling",
    r"labell\w+|modell\w+|travell\w+|cancell\w+|favou?rites? of": "American spelling",
    rf"({STEMS})is(e|ed|es|ing|ation)": "American spelling",
    r"told": "given, printed, reported, logged",
    r"lent|lends?|lenders?|borrow\w*": "pretrained, loaded from",
    r"beneath|foretell\w*|forecasts? of|befall\w*|hitherto|thereof|therein|whence|hence|thus|lest": "plain words",
    r"is no way|had enough|whoever|wherein|nobody|somebody|anybody": "plain words",
    r"go(es)? on with|gone on with|to go on": "resume, continue",
    r"step size|rate of Adam": "learning rate",
    r"players?|what .{0,20} pay": "generator and discriminator; loss",
    r"game": "loss, adversarial training",
    r"to be seen|looked at": "shown, read",
    r"laid|lays": "plain words",
}
PATTERN = re.compile(r"(?<![\w-])(?:" + "|".join(f"(?:{one})" for one in RETIRED) + r")(?![\w-])", re.IGNORECASE)
ALLOWED = {  # file: retired words that are keys of results, names of layers, or names of older versions
    "gancli/cli/commands/eval_neighbors.py": ("neighbours",),
    "gancli/evaluation/metric_table/measurements/of_samples.py": ("neighbours",),
    "gancli/evaluation/sample_quality/fid.py": ("neighbours",),
    "gancli/core/names/renamed_options.py": ("game", "grey"),
    "gancli/data/datasets/glyphs.py": ("colour",),
    "gancli/runs/reports/scores.py": ("neighbours",),
    "gancli/nn/architectures/perceptual.py": ("centred",),
    "experiments/reed2016/run.py": ("colour",),
}


def _pieces(path: Path):
    """Comments and strings of a Python file, else its lines: (line number, text)."""
    if path.suffix != ".py":
        yield from enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        return
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                for number, line in enumerate(token.string.splitlines()):
                    yield token.start[0] + number, line


def retired(path: Path) -> list[str]:
    """Where retired words stand in a file, a line each."""
    found = []
    for number, text in _pieces(path):
        for match in PATTERN.finditer(text):
            if match[0].lower() not in ALLOWED.get(str(path.relative_to(ROOT)), ()):
                found.append(f"{path.relative_to(ROOT)}:{number}: '{match[0]}' in: {text.strip()[:100]}")
    return found


def _commands(command: click.Command, path: tuple[str, ...] = ()):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from _commands(command.get_command(context, name), (*path, name))


def bad_help(text: str) -> str:
    """What is wrong with the form of a help text; nothing if it is fine."""
    plain = re.sub(r"\s*\[[^\]]*\]|\s*\([^)]*\)", "", text).strip().rstrip(".")
    words = plain.split()
    if not words:
        return "empty"
    if len(words) > MOST_WORDS:
        return f"{len(words)} words"
    first = re.sub(r"\W", "", words[0])
    return (
        f"starts with '{first}'"
        if first.lower() in NO_START or not (first[:1].isupper() or first[:1].isdigit())
        else ""
    )


def bad_helps() -> list[str]:
    """Flags of commands and options of models whose help has another form, a line each."""
    found = []
    for path, command in _commands(entry.cli):
        for one in command.params:
            if isinstance(one, click.Option) and not one.hidden and one.name != "help":
                why = bad_help(one.help or "")
                found += [f"gancli {' '.join(path)} {one.opts[0]}: {why}: {one.help}"] if why else []
    for name in models.names():
        for field in config.fields_of(models.get(name)):
            why = bad_help(field.rule.help[:1].upper() + field.rule.help[1:])
            found += [f"model {name} --{field.name.replace('_', '-')}: {why}: {field.rule.help}"] if why else []
    return found


@pytest.mark.parametrize("path", [*sorted(SOURCE.rglob("*.py")), *TEXTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_retired_word(path):
    assert retired(path) == []


def test_help_texts_are_short_and_start_with_a_noun_or_an_imperative():
    assert bad_helps() == []


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        place = Path(wanted).resolve()
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            print(*retired(file), sep="\n", end="\n" if retired(file) else "")
    if not sys.argv[1:]:
        print(*bad_helps(), sep="\n")
