"""The name that was probably meant, for one that is misspelled or cut short."""

from __future__ import annotations

from collections.abc import Iterable

CUTOFF = 0.76  # of difflib's ratio: one letter in eight may differ; test and text do not pass
SHORTEST, MOST = 3, 3  # letters of a beginning that says what is meant, and names that it may stand for


def similar_names(name: str, known: Iterable[str]) -> list[str]:
    """The known name that differs by a slip of the fingers, or else those, at most three, that begin with the name.

    Case, dashes and underscores do not matter. Names of other digits are other names: 12 is not 2, beta2 not beta1.
    """
    wanted = _plain(name)
    forms = {_plain(one): one for one in known}
    if wanted in forms:
        return [forms[wanted]]
    slips = [form for form in forms if _is_slip(wanted, form)]
    if slips:
        return [forms[max(slips, key=lambda form: _ratio(wanted, form))]]
    longer = [one for form, one in forms.items() if form.startswith(wanted)]
    return longer if len(wanted) >= SHORTEST and len(longer) <= MOST else []


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the names that may be meant; nothing rather than an unrelated one."""
    *others, last = [f"'{one}'" for one in similar_names(str(name), known)] or [""]
    return f"; did you mean {' or '.join(filter(None, [', '.join(others), last]))}?" if last else ""


def _plain(name: str) -> str:
    return str(name).casefold().lstrip("-").replace("_", "-")


def _is_slip(name: str, known: str) -> bool:
    """Whether two neighboring characters are swapped, or few letters differ."""
    if any(name == f"{known[:at]}{known[at + 1]}{known[at]}{known[at + 2 :]}" for at in range(len(known) - 1)):
        return True
    return _digits(name) == _digits(known) and _ratio(name, known) >= CUTOFF


def _ratio(name: str, known: str) -> float:
    import difflib  # imported for errors alone

    return difflib.SequenceMatcher(None, name, known).ratio()


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
