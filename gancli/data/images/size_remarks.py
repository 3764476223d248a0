"""The remark on how images are brought to one square size: the sizes found, what is cut, and how to change it."""

from __future__ import annotations

from collections.abc import Mapping

from gancli.data.remarks import Remark, changed

ADVICE = "change with --image-size, --crop"


def size_remarks(
    sizes: Mapping[tuple[int, int], int], side: int, *, crop: int | None, is_requested: bool, what: str = "pictures"
) -> tuple[Remark, ...]:
    """A remark on images of these sizes (width, height) that become squares of `side`; none if nothing is changed,
    or if the sizes were requested and nothing but the size is changed.

    crop: side of the central square that is cut out first. is_requested: whether the side was, with --image-size.
    """
    count = sum(sizes.values())
    oblong = sum(number for (width, height), number in sizes.items() if width != height)
    is_resized = any((crop or min(size)) != side for size in sizes)
    if not oblong and (is_requested or crop or not is_resized):
        return ()
    first, *others = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    found = "x".join(map(str, first)) + (f" to {others[-1][0]}x{others[-1][1]}" if others else "")
    found += "" if not oblong else ", not square" if oblong == count else f", {oblong:,} of them not square"
    center = crop or (min(first) if not others else None)
    cut = f"cropped to the center {center}x{center}" if center else "cropped to center squares"
    steps = ([cut] if oblong else []) + ([f"resized to {side}x{side}"] if is_resized else [])
    return (changed(f"{count:,} {what if count > 1 else what[:-1]} of {found}: {', '.join(steps)} ({ADVICE})"),)
