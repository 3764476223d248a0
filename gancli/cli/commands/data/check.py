"""gancli data check: what a data set holds, and which of its files are bad."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types

if TYPE_CHECKING:
    from gancli.data.inspection import FileReport, FolderReport

MOST_SIZES = 6  # printed

EPILOG = """\b
Examples:
  gancli data check photos/
  gancli data check photos.zip --json"""


@click.command(epilog=EPILOG)
@click.argument("path", type=path_types.INPUT)
@flags.pixel_range_option
@flags.strict_option
@flags.json_option
def command(path: Path, pixel_range: str, as_json: bool) -> None:
    """Check a data set for bad files.

    Every picture of a folder or zip file is decoded; a .npz, .h5 or text file is read completely.
    """
    from gancli.data import inspection

    found = inspection.inspect(path, pixel_range=pixel_range)
    lines = _folder_lines(found) if isinstance(found, inspection.FolderReport) else _file_lines(found)
    flags.report(found.as_dict(), lines, as_json=as_json)
    flags.need_none(found.remarks)
    found.raise_if_bad()


def _folder_lines(found: FolderReport) -> list[str]:
    sizes = [f"{size} ({count:,})" for size, count in list(found.sizes.items())[:MOST_SIZES]]
    more = f" and {len(found.sizes) - len(sizes)} more" if len(found.sizes) > len(sizes) else ""
    modes = [f"{mode} ({count:,})" for mode, count in found.modes.items()]
    splits = [f"{count:,} {name}" for name, count in found.splits.items() if count]
    return [
        f"{found.path}: {found.pictures:,} pictures, {found.color}",
        f"sizes: {', '.join(sizes) or 'none'}{more}",
        f"modes: {', '.join(modes) or 'none'}",
        f"classes: {', '.join(found.classes) or 'none'}",
        *([f"attributes: {', '.join(found.attributes)}"] if found.attributes else []),
        *([] if found.captions is None else [f"captions: {found.captions:,}"]),
        *_class_shares(found),
        *([f"splits: {', '.join(splits)}"] if len(splits) > 1 else []),
        *(f"note: {remark.text}" for remark in found.remarks),
        *(f"bad: {name}: {reason}" for name, reason in found.bad),
    ]


def _file_lines(found: FileReport) -> list[str]:
    content = f"images of shape {found.shape}"
    content += f", classes: {', '.join(found.classes)}" if found.classes else ", no labels"
    content += f", attributes: {', '.join(found.attributes)}" if found.attributes else ""
    content += "" if found.captions is None else f", {found.captions:,} captions"
    if found.test_sentences is not None:
        content = f"training sentences, {found.test_sentences:,} test sentences"
    notes = [f"note: {remark.text}" for remark in found.remarks]
    return [f"{found.path}: {found.count:,} {content}", *_class_shares(found), *notes]


def _class_shares(found: FolderReport | FileReport) -> list[str]:
    if found.class_shares is None:
        return []
    shares = ", ".join(f"{name} {share:.1%}" for name, share in found.class_shares.items())
    return [f"classes of pixels: {shares or 'none'}"]
