"""gancli data check: what a data set holds, and which of its files are bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output, path_types

if TYPE_CHECKING:
    from gancli.data.inspection import FileReport, FolderReport

MOST_SIZES = 6  # printed

EPILOG = """\b
Examples:
  gancli data check photos/
  gancli data check photos.zip --json"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="DATA", type=path_types.SOURCE)
@flags.data_dir_option
@flags.pixel_range_option
@flags.strict_option
@flags.json_option
def command(source: str, data_dir: str | None, pixel_range: str, as_json: bool) -> None:
    """Check a data set for bad files, and show its sizes and classes.

    Every picture of a folder or zip file is decoded; a .npz, .h5 or text file is read completely.
    """
    from gancli.data import inspection

    report = inspection.check(source, data_dir=data_dir, pixel_range=pixel_range)
    lines = _folder_lines(report) if isinstance(report, inspection.FolderReport) else _file_lines(report)
    output.report(report.as_dict(), lines, as_json=as_json)
    output.need_none(report.remarks)
    report.raise_if_bad()


def _folder_lines(report: FolderReport) -> list[str]:
    sizes = [f"{size} ({count:,})" for size, count in list(report.sizes.items())[:MOST_SIZES]]
    more = f" and {len(report.sizes) - len(sizes)} more" if len(report.sizes) > len(sizes) else ""
    modes = [f"{mode} ({count:,})" for mode, count in report.modes.items()]
    splits = [f"{count:,} {name}" for name, count in report.splits.items() if count]
    return [
        f"{report.path}: {report.pictures:,} pictures, {report.color}",
        f"sizes: {', '.join(sizes) or 'none'}{more}",
        f"color modes: {', '.join(modes) or 'none'}",
        f"classes: {', '.join(report.classes) or 'none'}",
        *([f"attributes: {', '.join(report.attributes)}"] if report.attributes else []),
        *([] if report.captions is None else [f"captions: {report.captions:,}"]),
        *_class_shares(report),
        *([f"splits: {', '.join(splits)}"] if len(splits) > 1 else []),
        *(f"note: {remark.text}" for remark in report.remarks),
        *(f"bad: {name}: {reason}" for name, reason in report.bad),
    ]


def _file_lines(report: FileReport) -> list[str]:
    content = f"images of shape {report.shape}"
    content += f", classes: {', '.join(report.classes)}" if report.classes else ", no labels"
    content += f", attributes: {', '.join(report.attributes)}" if report.attributes else ""
    content += "" if report.captions is None else f", {report.captions:,} captions"
    if report.test_sentences is not None:
        content = f"training sentences, {report.test_sentences:,} test sentences"
    notes = [f"note: {remark.text}" for remark in report.remarks]
    return [f"{report.path}: {report.count:,} {content}", *_class_shares(report), *notes]


def _class_shares(report: FolderReport | FileReport) -> list[str]:
    if report.class_shares is None:
        return []
    shares = ", ".join(f"{name} {share:.1%}" for name, share in report.class_shares.items())
    return [f"classes of pixels: {shares or 'none'}"]
