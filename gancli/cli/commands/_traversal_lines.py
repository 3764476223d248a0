"""The lines that gancli traverse prints."""

from __future__ import annotations

from gancli.cli import tables


def of_codes(result: dict[str, object]) -> list[str]:
    """What was varied, and how well the categories match the classes of the data."""
    names = ", ".join(record["code"] for record in result["codes"])
    lines = [f"{result['out']}: the codes {names} at step {result['step']:,}"]
    if "classes" in result:
        matched = ", ".join(f"{number}: {name}" for number, name in enumerate(result["classes"]) if name is not None)
        lines += [
            f"  categories and the classes they match best: {matched}",
            f"  the classifier agrees for {result['sample_accuracy']:.1%} of {result['samples']:,} samples",
        ]
    if result.get("real_accuracy") is not None:
        lines.append(
            f"  recognized category: right for {result['real_accuracy']:.1%} of {result['real_images']:,} real"
        )
    return lines


def of_coordinates(result: dict[str, object]) -> list[str]:
    """A line per coordinate: the attribute that correlates with it, and how that changes along the way."""
    lines = [f"{result['out']}: z from {-result['reach']:g} to {result['reach']:g} at step {result['step']:,}"]
    for record in result["coordinates"]:
        line = f"  z {record['coordinate']}"
        if record.get("goes_with"):
            low, middle, high = record["found"]
            line += (
                f"  correlates with {record['goes_with']}, r {record['r']:+.3f}; share of images in which it is "
                f"recognized along the way: {low:.0%}, {middle:.0%}, {high:.0%} "
                f"(r {tables.number(record['moved_r'], '+.3f')})"
            )
        elif "r" in record:
            line += "  r not defined: the coordinate, or every attribute, is constant"
        lines.append(line)
    return lines + ([f"r over {result['r_over']}"] if result["r_over"] else [])
