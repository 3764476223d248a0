"""The classes of label maps: those of a list, or the numbers that occur in the maps.

Maps hold numbers if they are gray, in whatever mode, or palette indices. Pixels of a class called void or ignore count
for nothing. Neither does 255 (in 16 bits, 65535), unless the list names it or the other numbers make it a class: if 0
and 255 are the only numbers, or if all numbers are gray levels at equal distances, such as 0, 128, 255.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.class_lists import MOST_CLASSES, ClassList
from gancli.data.annotations.label_map_files import are_evenly_spaced, pack_color, unpack_colors
from gancli.data.annotations.label_map_values import NO_LABEL, MapValues, palette_difference
from gancli.data.annotations.label_maps import IGNORED, default_color, default_palette
from gancli.data.remarks import Remark, changed, guessed, left_out, some

AMBIGUOUS = -1  # a color that the list gives to two classes
LEAST_DISTANCE = 64  # of gray levels or colors: classes this far apart can be read by the nearest value
MOST_BETWEEN = 0.05  # the share of pixels that may lie between the values of classes
THIRD = 0.1  # of the pixels at the second peak: more at another level may be a third class
NEAR_END = 8  # levels from black or white that compression may add
FEW, MANY = 4, 20  # if FEW numbers cover nearly all pixels, MANY numbers are hardly classes


@dataclass
class LabelMapClasses:
    """The classes of a set of label maps, and how the maps are read.

    names, palette, numbers: the name, the red, green and blue, and the number in files of each class. of_number,
    of_color: the class of each number and color (0xRRGGBB) that a pixel may have, or IGNORED. readings: for each kind
    of file whether its pixels stand for "numbers", "grays" or "colors". centers: values int32 (values,) or (values, 3)
    to whose nearest the pixels of lossy files are assigned, None if lossy files cannot be read; of_center: their
    classes; are_assumed: neither a list nor another map confirms them. nearest: kinds of lossless files that are
    assigned to the nearest value too. turns: the EXIF orientation to apply to a map, by its name. bits: the number
    that 1 stands for in maps of one bit per pixel. can_resize: maps of another size than their images are resized.
    """

    names: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    numbers: tuple[int, ...]
    of_number: dict[int, int]
    of_color: dict[int, int] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)
    centers: np.ndarray | None = None
    of_center: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    are_assumed: bool = False
    nearest: frozenset[str] = frozenset()
    turns: dict[str, int] = field(default_factory=dict)
    bits: int = 1
    list_name: str = ""
    can_resize: bool = False

    def known_values(self, kind: str, *, is_bit: bool) -> dict[int, int]:
        """The class of each value that a pixel may have in a kind of map."""
        if self.readings[kind] == "colors":
            return self.of_color
        known = self.of_number
        return known | {1: known.get(self.bits, 1)} if is_bit and self.bits in known else known


def infer_classes(
    class_list: ClassList | None, maps: Sequence[MapValues], readings: dict[str, str], *, lossy: np.ndarray
) -> tuple[LabelMapClasses | None, list[Remark]]:
    """The classes of maps, and what was guessed about them; None if no map shows any.

    lossy: the number of pixels of each gray level in maps with lossy compression, int64 (256,).

    Raises: DataError for too few or too many classes.
    """
    numbered = [one for one in maps if readings[one.kind] != "colors" and readings[one.kind] in one.counts]
    bits = _number_of_bits(class_list, numbered, readings)
    totals: Counter[int] = Counter()
    for one in numbered:
        counts = one.counts[readings[one.kind]]
        totals.update({bits if one.is_bit and value == 1 else value: count for value, count in counts.items()})
    remarks = _palette_remarks([one for one in numbered if readings[one.kind] == "numbers"])
    is_two_valued = class_list is None or (len(class_list.lines) == 2 and not class_list.has_numbers)
    nearest: frozenset[str] = frozenset()
    if is_two_valued and _are_smoothed(totals):
        nearest = frozenset(one.kind for one in numbered)
        totals = Counter({0: 1, 255: 1})
        text = "label maps hold 0, 255 and a few values between, as smoothed edges do"
        remarks.append(changed(f"{text}: each pixel is read as the nearer of 0 and 255"))
    peaks = two_peaks(lossy) if not totals and is_two_valued else ()
    if peaks:
        totals = Counter(dict.fromkeys(peaks, 1))
    if class_list is None and not totals:
        return None, []
    values = sorted(totals)
    classes, more = _classes_of_numbers(values) if class_list is None else _classes_of_list(class_list, values)
    remarks += more
    if class_list is None:
        if peaks and values[-1] not in NO_LABEL:
            remarks.append(guessed(f"label maps hold values around {values[0]} and {values[1]}, taken for two classes"))
        remarks += _edge_remarks(len(classes.names), totals)
    classes.readings = readings
    classes.bits = bits
    classes.nearest = nearest
    classes.centers, classes.of_center = _class_centers(classes, class_list, totals)
    classes.are_assumed = bool(peaks) and classes.centers is not None and classes.centers.ndim == 1
    return classes, remarks


def _palette_remarks(maps: Sequence[MapValues]) -> list[Remark]:
    difference = palette_difference(maps)
    if not difference:
        return []
    index, first, second = difference
    text = f"palettes of label maps differ ({index} has one color in {first}, another in {second})"
    return [guessed(f"{text}: palette indices are taken for classes")]


def _edge_remarks(count: int, totals: Counter[int]) -> list[Remark]:
    """A remark on numbers that may be smoothed edges rather than classes."""
    share = sum(pixels for _, pixels in totals.most_common(FEW)) / max(sum(totals.values()), 1)
    if count < MANY or share < 1 - MOST_BETWEEN:
        return []
    text = f"label maps hold {count:,} numbers, each taken for a class, and {FEW} of them {share:.0%} of the pixels"
    return [guessed(f"{text}: are the others smoothed edges?")]


def _number_of_bits(class_list: ClassList | None, maps: Sequence[MapValues], readings: Mapping[str, str]) -> int:
    """The number that 1 stands for in maps of one bit: 255 if the other maps, or the list, have that instead."""
    others = {value for one in maps if not one.is_bit for value in one.counts[readings[one.kind]]}
    numbers = set(class_list.numbers()) if class_list and class_list.has_numbers else others
    return 255 if 255 in numbers and 1 not in numbers | others and others <= {0, 255} else 1


def _are_smoothed(totals: Mapping[int, int]) -> bool:
    """Whether numbers are 0 and 255, with a few pixels of values from the whole range between."""
    between = [value for value in totals if 0 < value < 255]
    quarters = Counter(value // 64 for value in between)
    share = sum(totals[value] for value in between) / max(sum(totals.values()), 1)
    is_in_range = {0, 255} <= totals.keys() and max(totals) == 255
    return is_in_range and all(quarters[quarter] > 1 for quarter in range(4)) and share <= 2 * MOST_BETWEEN


def two_peaks(levels: np.ndarray) -> tuple[int, ...]:
    """The two gray levels around which all others lie, as compression leaves them, or () if they are not clear.

    levels: pixels of each gray level, int64 (256,).
    """
    first = int(levels.argmax())
    far = np.abs(np.arange(256) - first) >= LEAST_DISTANCE
    second = int(np.where(far, levels, 0).argmax())
    if not levels[second] or not far[second]:
        return ()
    low, high = sorted((first, second))
    gap = (high - low) // 4
    others = np.where(np.minimum(np.abs(np.arange(256) - low), np.abs(np.arange(256) - high)) > gap, levels, 0)
    if others.max() > THIRD * levels[second] or others.sum() > MOST_BETWEEN * levels.sum():
        return ()
    return (0 if low <= NEAR_END else low), (255 if high >= 255 - NEAR_END else high)


def _classes_of_numbers(values: Sequence[int]) -> tuple[LabelMapClasses, list[Remark]]:
    """The classes of maps without a list: the numbers that occur. Raises: DataError for too few or too many."""
    remarks, top = [], values[-1]
    numbers = list(values)
    if top in NO_LABEL and len(values) == 2:
        remarks.append(guessed(f"label maps hold only {values[0]} and {top}, taken for two classes"))
    elif top == 255 and are_evenly_spaced(values):
        remarks.append(guessed(f"label maps hold {some([str(value) for value in values])}, each taken for a class"))
    elif top in NO_LABEL and len(values) > 1:
        numbers = numbers[:-1]
        is_plain = numbers[-1] - numbers[0] + 1 == len(numbers)
        remarks.append(guessed(f"{top} in label maps counted as no label", matters=not is_plain))
    if len(numbers) < 2:
        raise DataError(f"all label maps hold only {numbers[0]}: expected two classes or more, or a classes.txt")
    if len(numbers) > MOST_CLASSES:
        text = f"label maps hold {len(numbers):,} numbers, from {numbers[0]} to {numbers[-1]}"
        raise DataError(f"{text}; expected {MOST_CLASSES} classes at most")
    of_number = {number: row for row, number in enumerate(numbers)}
    of_number |= {value: IGNORED for value in values if value not in of_number}
    names, palette = tuple(map(str, numbers)), default_palette(len(numbers))
    return LabelMapClasses(names, palette, tuple(numbers), of_number), remarks


def _classes_of_list(class_list: ClassList, values: Sequence[int]) -> tuple[LabelMapClasses, list[Remark]]:
    """The classes of a list. values: the numbers that occur in maps, sorted."""
    remarks = []
    if class_list.unused:
        remarks.append(left_out(f"lists of classes beside {class_list.file}, not used: {some(class_list.unused)}"))
    numbers, more = _numbers_of_list(class_list, values)
    remarks += more
    classes = [(line, number) for line, number in zip(class_list.lines, numbers, strict=True) if line.is_class]
    of_number = dict.fromkeys(numbers, IGNORED)
    of_number |= {number: row for row, (_, number) in enumerate(classes)}
    top = values[-1] if values else NO_LABEL[0]
    if top not in of_number and top in NO_LABEL:
        of_number[top] = IGNORED
        if top in values:
            remarks.append(guessed(f"{top} in label maps counted as no label", matters=False))
    of_color: dict[int, int] = {}
    for line, number in zip(class_list.lines, numbers, strict=True):
        if line.color is not None:
            key, value = pack_color(line.color), of_number[number]
            of_color[key] = value if of_color.get(key, value) == value else AMBIGUOUS
    palette = tuple(line.color or default_color(number) for line, number in classes)
    names = tuple(line.name for line, _ in classes)
    in_files = tuple(max(number, 0) for _, number in classes)
    return LabelMapClasses(names, palette, in_files, of_number, of_color, list_name=class_list.file), remarks


def _numbers_of_list(class_list: ClassList, values: Sequence[int]) -> tuple[list[int], list[Remark]]:
    """The number of each line: its own, or the numbers in the maps in order if a list without numbers does not fit."""
    numbers = class_list.numbers()
    labels = [value for value in values if value not in NO_LABEL or value != values[-1]]
    is_binary = len(values) == len(numbers) == 2 and values[0] == 0 and values[1] in NO_LABEL
    if class_list.has_numbers or not (is_binary or not set(labels) <= set(numbers)):
        return numbers, []
    ordered = next((found for found in (values, labels) if len(found) == len(numbers)), None)
    if ordered is None:
        return numbers, []
    names = [f"{number} is {line.name}" for number, line in zip(ordered, class_list.lines, strict=True)]
    what = f"only {values[0]} and {values[1]}" if is_binary else "other numbers than its rows"
    return list(ordered), [guessed(f"{class_list.file} gives no numbers, and label maps hold {what}: {some(names)}")]


def _class_centers(
    classes: LabelMapClasses, class_list: ClassList | None, totals: Mapping[int, int]
) -> tuple[np.ndarray | None, np.ndarray]:
    """The values to whose nearest the pixels of lossy maps are assigned, and their classes; None if they are too close
    to each other."""
    if classes.of_color and (class_list.has_colors and all(line.color for line in class_list.lines)):
        known, values = classes.of_color, unpack_colors(np.array(list(classes.of_color)))
    else:
        is_listed = class_list is not None and class_list.has_numbers
        known = {n: row for n, row in classes.of_number.items() if n >= 0 and (is_listed or n in totals)}
        values = np.array(list(known), np.int32)
    of_center = np.array(list(known.values()))
    is_ambiguous = len(known) < 2 or (of_center == AMBIGUOUS).any()
    if is_ambiguous or least_distance(values) < LEAST_DISTANCE or values.max() > 255:
        return None, np.zeros(0, np.uint8)
    return values, of_center.astype(np.uint8)


def least_distance(centers: np.ndarray) -> float:
    """The least distance between two of some values, int (values,), or colors, int (colors, 3); two or more."""
    points = centers.reshape(len(centers), -1).astype(float)
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(axis=-1))
    return float(distances[~np.eye(len(points), dtype=bool)].min())
