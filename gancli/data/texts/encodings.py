"""The encoding of a text: Unicode by its mark or by its zeros, UTF-8, or Windows-1252 and Latin-1 by their letters."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import NamedTuple

from gancli.data.remarks import Remark, changed, guessed, some

UTF_8, UTF_16, UTF_16_LITTLE, UTF_16_BIG = "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"
WINDOWS, LATIN_1 = "cp1252", "latin-1"
NAMES = {WINDOWS: "Windows-1252", LATIN_1: "Latin-1", UTF_16_LITTLE: UTF_16, UTF_16_BIG: UTF_16}
MARKS = {  # the longest first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: UTF_16,
    codecs.BOM_UTF16_BE: UTF_16,
}
BEGINNING = 10_000  # bytes in which zeros are counted
FEW, MOST_LETTERS = 0.1, 0.2  # shares of zeros that are not those of UTF-16; of accented letters in a Western language
LETTERS = frozenset(range(0xC0, 0x100)) - {0xD7, 0xF7}
SIGNS = frozenset(b"\xa0\xa1\xa3\xa7\xa9\xaa\xab\xad\xb0\xb2\xb3\xb4\xb7\xb9\xba\xbb\xbc\xbd\xbe\xbf\xd7")
WINDOWS_SIGNS = frozenset(b"\x80\x82\x84\x85\x8a\x8c\x8e\x91\x92\x93\x94\x95\x96\x97\x99\x9a\x9c\x9e\x9f")


class Text(NamedTuple):
    """A decoded text. encoding: that of the bytes; broken: the number of lines with bytes that became U+FFFD."""

    text: str
    encoding: str = UTF_8
    broken: int = 0


def decode(content: bytes) -> Text:
    """Decode a text. A few broken bytes in UTF-8 become U+FFFD and are counted.

    Raises: ValueError with the reason for anything but text in one of these encodings.
    """
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "") or _by_zeros(content)
    if encoding:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
        except UnicodeError as error:
            raise ValueError(f"damaged text in {NAMES.get(encoding, encoding)}: {error}") from error
        if "\0" in text:
            raise ValueError("zeros, so this is no text")
        return Text(text, encoding)
    if b"\0" in content:
        raise ValueError("zeros, so this is no text")
    try:
        return Text(content.decode("utf-8"))
    except UnicodeError:
        return _decode_bytes(content)


def remarks_on(texts: Iterable[tuple[str, Text]]) -> list[Remark]:
    """Remarks on texts whose encoding was guessed, and on broken ones. texts: with their names."""
    by_encoding: dict[str, list[str]] = {}
    broken: dict[str, int] = {}
    for name, found in texts:
        if found.encoding in NAMES:
            by_encoding.setdefault(NAMES[found.encoding], []).append(name)
        if found.broken:
            broken[name] = found.broken
    remarks = [guessed(f"not in UTF-8, read as {encoding}: {some(names)}") for encoding, names in by_encoding.items()]
    if broken:
        text = f"{sum(broken.values()):,} lines are not in UTF-8: letters that cannot be read became \ufffd"
        remarks.append(changed(f"{text}: {some(list(broken))}"))
    return remarks


def _by_zeros(content: bytes) -> str:
    """UTF-16 without a mark: in Western texts every other byte is zero. "" for other texts."""
    beginning = content[: BEGINNING - BEGINNING % 2]
    if len(beginning) < 4:
        return ""
    first, second = (part.count(0) / len(part) for part in (beginning[::2], beginning[1::2]))
    if second > 0.5 and first < FEW:
        return UTF_16_LITTLE
    return UTF_16_BIG if first > 0.5 and second < FEW else ""


def _decode_bytes(content: bytes) -> Text:
    """A text of single bytes that is not in UTF-8. Raises: ValueError if it does not look like a Western language."""
    text = content.decode("utf-8", "replace")
    high = [byte for byte in content if byte >= 0x80]
    if sum(1 for letter in text if letter > "\x7f" and letter != "\ufffd") > text.count("\ufffd"):
        return Text(text, UTF_8, sum("\ufffd" in line for line in text.splitlines()))
    letters = sum(1 for byte in high if byte in LETTERS)
    known = LETTERS | SIGNS | WINDOWS_SIGNS
    if all(byte in known for byte in high) and letters <= MOST_LETTERS * len(content):
        encoding = WINDOWS if any(byte in WINDOWS_SIGNS for byte in high) else LATIN_1
        return Text(content.decode(encoding), encoding)
    raise ValueError("text in no encoding that is read; save it in UTF-8")
