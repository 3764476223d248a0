"""gancli data check: what a data set holds, and which of its files are bad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output, path_types

if TYPE_CHECKING:
    from gancli.data.inspection import FileReport, FolderReport

MOST_SIZES = 6  # printed
WIDTH = 80  # of lists

EPILOG = """\b
Examples:
  gancli data check photos/
  gancli data check photos.zip --json"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="DATA", type=path_types.SOURCE)
@flags.data_dir_option
@flags.pixel_range_option
@flags.skip_bad_option
@flags.strict_option
@flags.json_option
def command(source: str, data_dir: str | None, pixel_range: str, skip_bad: bool, as_json: bool) -> None:
    """Check a data set for bad files, and show its layout, parts, sizes and classes.

    Every picture of a folder or archive is decoded; a .npz, .h5 or text file is read completely.
    """
    from gancli.data import inspection

    report = inspection.check(source, data_dir=data_dir, pixel_range=pixel_range, skip_bad=skip_bad)
    lines = _folder_lines(report) if isinstance(report, inspection.FolderReport) else _file_lines(report)
    output.report(report.as_dict(), lines, as_json=as_json)
    output.need_none(report.remarks)
    report.raise_if_bad()


def _folder_lines(report: FolderReport) -> list[str]:
    sizes = [f"{size} ({count:,})" for size, count in list(report.sizes.items())[:MOST_SIZES]]
    more = f" and {len(report.sizes) - len(sizes)} more" if len(report.sizes) > len(sizes) else ""
    modes = [f"{mode} ({count:,})" for mode, count in report.modes.items()]
    return [
        f"{report.path}: {report.pictures:,} pictures" + (f", {report.color}" if report.pictures else ""),
        *_found(report, report.splits),
        *_listed("sizes", sizes, more),
        *_listed("color modes", modes),
        *_listed("classes", report.classes),
        *_listed("attributes", report.attributes),
        *([] if report.captions is None else [f"captions: {report.captions:,}"]),
        *_class_shares(report),
        *(f"note: {remark.text}" for remark in report.remarks),
        *(f"bad: {name}: {reason}" for name, reason in report.bad),
    ]


def _file_lines(report: FileReport) -> list[str]:
    content = f"images of shape {report.shape}"
    if report.test_sentences is not None:
        content = f"training sentences, {report.test_sentences:,} test sentences"
    return [
        f"{report.path}: {report.count:,} {content}",
        *_found(report, report.found.parts),
        *_listed("classes", report.classes),
        *_listed("attributes", report.attributes),
        *([] if report.captions is None else [f"captions: {report.captions:,}"]),
        *_class_shares(report),
        *(f"note: {remark.text}" for remark in report.remarks),
    ]


def _found(report: FolderReport | FileReport, parts: Mapping[str, int]) -> list[str]:
    """Layout, parts and columns, as they were found before anything was decoded."""
    counts = [f"{count:,} {name}" for name, count in parts.items() if count]
    return [
        *_listed("layouts" if len(report.found.layouts) > 1 else "layout", report.found.layouts),
        *(_listed("splits", counts) if len(counts) > 1 else []),
        *_listed("columns", report.found.columns),
    ]


def _listed(title: str, values: tuple[str, ...] | list[str], more: str = "") -> list[str]:
    """A list in lines of up to 80 characters, those after the first indented; no line without values."""
    lines = [f"{title}:"]
    for number, value in enumerate(values, 1):
        piece = value + ("," if number < len(values) else more)
        if len(lines[-1]) + 1 + len(piece) <= WIDTH or lines[-1] == f"{title}:":
            lines[-1] += f" {piece}"
        else:
            lines.append(f"  {piece}")
    return lines if values else []


def _class_shares(report: FolderReport | FileReport) -> list[str]:
    shares = [f"{name} {share:.1%}" for name, share in (report.class_shares or {}).items()]
    return _listed("classes of pixels", shares)
