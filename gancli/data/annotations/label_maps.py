"""Label maps: beside each picture another that says the class of every pixel, in a folder of its own.

Three layouts are read: SegNet's of CamVid, `train/0001.png` and `trainannot/0001.png`; a pair of folders,
`images/0001.jpg` and `labels/0001.png` (or `masks`, `annotations`), with or without `train`, `val` and `test` in them;
and that of Pascal VOC, `JPEGImages` and `SegmentationClass` (or `SegmentationClassPNG`), where pictures without a map
are left out and `ImageSets/Segmentation/train.txt`, `val.txt` and `test.txt` say what the others are for.

The classes are the numbers that occur in the maps, or those of a list (see class_lists), or its colors. Maps are
numbers where they are grey, in whatever mode, or places in a palette. Pixels of a class called void or ignore count
for nothing; so does 255 (of 16 bits, 65535), unless the list names it or the other numbers make it a class: where 0
and 255 occur alone, and where all numbers are levels of grey that are equally far apart, such as 0, 128, 255.

Pictures that EXIF turns and maps without EXIF: a map is turned too where only then it has the picture's size. Where
both ways fit, it is taken as it lies, unless all maps of the set that can be told apart are turned.
"""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import class_lists, label_map_files
from gancli.data.annotations.class_lists import MOST_CLASSES, ClassList
from gancli.data.annotations.label_map_files import GREY, KINDS, ON_SIDE, PALETTE, RGB, MapFile
from gancli.data.formats.pictures import Entries, Entry, Survey
from gancli.data.remarks import Remark, changed, guessed, left_out, some

IGNORED = 255  # in a column of maps
ANNOTATED = ("annot", "_annot", "-annot")  # after the name of a folder
IMAGES, MAPS = ("images", "image", "imgs"), ("labels", "label", "masks", "mask", "annotations")
VOC, VOC_MAPS = "jpegimages", ("segmentationclass", "segmentationclasspng")
TRAIN, TEST, VALIDATION = 0, 1, 2  # in a column of tests
PARTS = {"train": TRAIN, "test": TEST, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION}
NO_LABEL = (255, 65535)  # numbers of pixels without a label, each the largest of its kind
OF_SEVERAL = -1  # a color that is that of two classes
MOST_COLORS = 4096  # of a map; a photograph has more
LEAST_APART = 64  # grey values, or distance of colors: so far apart classes must lie to be read by the nearest
NEAR = 0.4  # of the distance of classes: what is farther from all is of none of three or more classes
MOST_BETWEEN = 0.05  # of the pixels may lie between classes
FEW, MANY = 4, 20  # numbers: where so few have nearly all pixels, so many are hardly classes
GOLDEN = 0.618034  # hues as far from one another as can be


class Labelled(NamedTuple):
    """Pictures, the map of each, what each is for, uint8 (pictures,): TRAIN, TEST or VALIDATION; and what is to be said
    of the pictures that are not used."""

    pictures: list[Entry]
    maps: list[Entry]
    parts: np.ndarray
    remarks: tuple[Remark, ...] = ()


@dataclass
class Classes:
    """What maps can say, and how they are read.

    names, palette, numbers: of each class its name, red, green and blue, and the number that stands for it in a map.
    of_number, of_color: the class of each number and color (0xRRGGBB) that a pixel may have, or IGNORED. readings: of
    each kind of file whether "numbers", "greys" or "colors" of its pixels are meant. centers: the values, int32
    (values,) or (values, 3), of which pixels of lossy files are taken for the nearest, None where they are not read;
    are_supposed: no list and no other map tells of them. nearest: kinds of files that are read so although they are
    not lossy. turns: the EXIF orientation by which a map, by its name, is to be turned. bits: what stands for 1 in maps
    of one bit a pixel.
    """

    names: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    numbers: tuple[int, ...]
    of_number: dict[int, int]
    of_color: dict[int, int] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)
    centers: np.ndarray | None = None
    of_center: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint8))
    are_supposed: bool = False
    nearest: frozenset[str] = frozenset()
    turns: dict[str, int] = field(default_factory=dict)
    bits: int = 1
    list_name: str = ""


class Look(NamedTuple):
    """What a look at all label maps found. classes: None where there are none, as maps are bad; bad: names of files and
    reasons; shares: of each class among the labelled pixels, float64 (classes,)."""

    classes: Classes | None
    bad: list[tuple[str, str]]
    shares: np.ndarray
    remarks: tuple[Remark, ...]

    def need_all(self, where: str) -> Classes:
        """The classes. Raises: DataError that names the bad maps, up to five."""
        if self.bad or self.classes is None:
            shown = "; ".join(f"{name}: {reason}" for name, reason in self.bad[:5])
            more = f"; and {len(self.bad) - 5} more (gancli data check lists all)" if len(self.bad) > 5 else ""
            raise DataError(f"{where}: {len(self.bad)} bad label maps: {shown}{more}")
        return self.classes


def of_pictures(found: Entries) -> Labelled | None:
    """The pictures that have a map, in their order; None where no folder holds maps.

    Raises: DataError for a picture without a map, a map without a picture, or where a name is another's too.
    """
    pairs = _paired_folders(found)
    if not pairs:
        return None
    placed: dict[tuple[PurePosixPath, str], Entry] = {}
    for entry in found.pictures:
        place = PurePosixPath(entry.name).parent, PurePosixPath(entry.name).stem
        if place in placed:
            raise DataError(f"{placed[place].name} and {entry.name}: which one has the label map is not clear")
        placed[place] = entry
    held = [(place, entry) for place, entry in placed.items() if place[0] in pairs]
    maps = {place: entry for place, entry in placed.items() if place[0] in pairs.values()}
    lacking = [(place, entry) for place, entry in held if (pairs[place[0]], place[1]) not in maps]
    refused = [entry.name for place, entry in lacking if not _is_voc(place[0])]
    if refused or (lacking and len(lacking) == len(held)):
        lost = refused or [entry.name for _, entry in lacking]
        raise DataError(f"{several(lost)}: no label map of that name in {pairs[PurePosixPath(lost[0]).parent]}")
    wanted = {(pairs[folder], stem) for (folder, stem), _ in held}
    others = [entry.name for place, entry in maps.items() if place not in wanted]
    if others:
        raise DataError(f"{several(others)}: a label map, and no picture of that name")
    unmapped = {entry.name for _, entry in lacking}
    held = [(place, entry) for place, entry in held if entry.name not in unmapped]
    listed = _listed_parts(found.texts, pairs)
    parts = {entry.name: _part(place, listed) for place, entry in held}
    unlisted = {name for name, part in parts.items() if part is None}
    if len(unlisted) == len(parts):  # lists of another set
        parts, unlisted = {entry.name: part_of(folder) for (folder, _), entry in held}, set()
    held = [(place, entry) for place, entry in held if entry.name not in unlisted]
    for_what = np.array([parts[entry.name] for _, entry in held], np.uint8)
    beside = [entry.name for (folder, _), entry in placed.items() if folder not in {*pairs, *pairs.values()}]
    told = {
        "pictures in folders without label maps": beside,
        "pictures without a label map": sorted(unmapped),
        "pictures that no list of ImageSets names": sorted(unlisted),
    }
    return Labelled(
        [entry for _, entry in held],
        [maps[pairs[folder], stem] for (folder, stem), _ in held],
        for_what if (for_what == TRAIN).any() else np.zeros_like(for_what),
        tuple(left_out(f"{len(names):,} {what}, left out: {some(names)}") for what, names in told.items() if names),
    )


def without_maps(found: Entries) -> list[Entry]:
    """The pictures that lie in no folder of maps, in their order."""
    folders = set(_paired_folders(found).values())
    return [entry for entry in found.pictures if PurePosixPath(entry.name).parent not in folders]


def _paired_folders(found: Entries) -> dict[PurePosixPath, PurePosixPath]:
    """The folders whose pictures have maps, and the folders of those."""
    folders = {PurePosixPath(entry.name).parent for entry in found.pictures}
    return {folder: other for folder in folders if (other := _of_maps(folder, folders)) is not None}


def _is_voc(folder: PurePosixPath) -> bool:
    return VOC in map(str.lower, folder.parts)


def _listed_parts(texts: Iterable[Entry], pairs: Mapping[PurePosixPath, object]) -> dict[PurePosixPath, dict[str, int]]:
    """Of folders of pictures in the layout of VOC what lists say that a name is for."""
    found: dict[PurePosixPath, dict[str, int]] = {}
    by_name = {entry.name.lower(): entry for entry in texts}
    for folder in filter(_is_voc, pairs):
        at = [part.lower() for part in folder.parts].index(VOC)
        lists = PurePosixPath(*folder.parts[:at], "ImageSets", "Segmentation")
        for part, number in (("train", TRAIN), ("val", VALIDATION), ("test", TEST)):
            entry = by_name.get(f"{lists}/{part}.txt".lower())
            lines = entry.read().decode("utf-8-sig", "replace").splitlines() if entry else []
            stems = {PurePosixPath(line.split()[0]).name: number for line in lines if line.strip()}
            if stems:
                found[folder] = stems | found.get(folder, {})  # who is in two lists is of the first
    return found


def _part(place: tuple[PurePosixPath, str], listed: Mapping[PurePosixPath, Mapping[str, int]]) -> int | None:
    """What a picture is for; None where there are lists, and none names it."""
    folder, stem = place
    return listed[folder].get(stem) if folder in listed else part_of(folder)


def several(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return names[0] + (f" and {len(names) - 1:,} more" if names[1:] else "")


def part_of(folder: PurePosixPath) -> int:
    """What a folder says its pictures are for: the last of its names that says something, else TRAIN."""
    return next((PARTS[part.lower()] for part in folder.parts[::-1] if part.lower() in PARTS), TRAIN)


def _of_maps(folder: PurePosixPath, folders: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The folder of the maps of a folder's pictures, if there is one."""
    likely = [str(folder.with_name(folder.name + ending)) for ending in ANNOTATED if folder.name]
    for at, part in enumerate(folder.parts):
        names = MAPS if part.lower() in IMAGES else VOC_MAPS if part.lower() == VOC else ()
        likely += [str(PurePosixPath(*folder.parts[:at], name, *folder.parts[at + 1 :])) for name in names]
    there = {str(path).lower(): path for path in folders}
    return next((there[path.lower()] for path in likely if path.lower() in there), None)


class _Seen(NamedTuple):
    """One map that was looked at. values: of each reading that its pixels allow, how many pixels have each value."""

    entry: Entry
    kind: str
    values: dict[str, dict[int, int]]
    is_bit: bool
    places: dict[int, int]  # the color at each place of its palette that is used


def look(found: Entries, labelled: Labelled, looked: Survey) -> Look:
    """Read every map, and find the classes, what is bad and what is to be said.

    looked: the survey of the pictures. Raises: DataError for a list of another form, too few or too many classes.
    """
    listed = class_lists.among(found.texts)
    bad: dict[str, str] = {}
    seen, lossy, lying, facts = [], {}, {}, Counter()
    for picture, entry in zip(labelled.pictures, labelled.maps, strict=True):
        try:
            file = label_map_files.decode(entry)
        except DataError as error:
            bad[entry.name] = str(error).removeprefix(f"{entry.name}: ")
            continue
        size = looked.by_name.get(picture.name)  # of a bad picture none is known
        lies = _lies(file, size, looked.turns.get(picture.name, 1)) if size else "upright"
        if lies == "neither":
            height, width = file.shape
            bad[entry.name] = f"{width}x{height} pixels, and {picture.name} has {size[0]}x{size[1]}"
            continue
        facts.update(pages=file.frames > 1, alpha=file.has_alpha)
        lying.setdefault(lies, []).append((entry.name, looked.turns.get(picture.name, 1)))
        if file.lossy:
            lossy[entry.name] = entry
        elif (one := _seen(entry, file)) is not None:
            seen.append(one)
        else:
            bad[entry.name] = f"more than {MOST_COLORS:,} colors, as a photograph has"
    turns, remarks = _turns(lying)
    if facts["pages"]:
        remarks.append(changed(f"{facts['pages']:,} label maps of several pages, first one taken"))
    if facts["alpha"]:
        remarks.append(guessed(f"{facts['alpha']:,} label maps with transparency, read by the colors beneath"))
    readings = {kind: _reading(kind, [one for one in seen if one.kind == kind], listed) for kind in KINDS}
    classes, told = _classes(listed, seen, readings, has_lossy=bool(lossy))
    if classes is None:
        bad |= {one.entry.name: _in_colors(listed) for one in seen}
        return Look(None, list(bad.items()), np.zeros(0), tuple(remarks))
    classes.turns = turns
    counts = _counted(classes, seen, lossy, bad)
    remarks += [] if classes.are_supposed and bad else told
    if lossy and not bad.keys() & lossy.keys():
        text = f"{len(lossy):,} label maps of a compression that changes values, each pixel read as the nearest class"
        text += " (those between classes without a label)" if len(classes.centers) > 2 else ""
        remarks.append(changed(f"{text}: {some(list(lossy))}"))
    if not counts.any() and not bad:
        raise DataError("no pixel of the label maps has a class")
    remarks += [] if bad else _absent(classes, counts, listed, seen)
    order = {entry.name: row for row, entry in enumerate(labelled.maps)}
    return Look(
        classes,
        sorted(bad.items(), key=lambda one: order[one[0]]),
        counts / max(counts.sum(), 1),
        tuple(remarks),
    )


def _lies(file: MapFile, size: tuple[int, int], turn: int) -> str:
    """How a map lies beside its picture of this width and height, which EXIF turns so: "upright" as the picture is
    shown, "stored" as its pixels are in the file, "either" where the sizes do not tell, "neither" where none fits."""
    is_upright = file.shape == size[::-1]
    if turn == 1 or file.turn != 1:
        return "upright" if is_upright else "neither"
    is_stored = file.shape == (size if turn in ON_SIDE else size[::-1])
    return {(1, 1): "either", (1, 0): "upright", (0, 1): "stored", (0, 0): "neither"}[is_upright, is_stored]


def _turns(lying: Mapping[str, Sequence[tuple[str, int]]]) -> tuple[dict[str, int], list[Remark]]:
    """How each map that lies as the pixels of its picture is to be turned, and what is to be said of it."""
    stored, either, remarks = dict(lying.get("stored", ())), dict(lying.get("either", ())), []
    if stored:
        text = f"{len(stored):,} label maps turned as EXIF turns their pictures, whose sizes fit only so"
        remarks.append(changed(f"{text}: {some(list(stored))}"))
    turned_maps_alone = bool(stored) and not any(turn in ON_SIDE for _, turn in lying.get("upright", ()))
    if either:
        how = "are turned too, as others here" if turned_maps_alone else "are taken as they are"
        text = f"{len(either):,} pictures are turned by their EXIF, their label maps {how}: {some(list(either))}"
        remarks.append(guessed(text))
    return stored | (either if turned_maps_alone else {}), remarks


def _seen(entry: Entry, file: MapFile) -> _Seen | None:
    """What the pixels of a map can mean; None where they are of too many colors."""
    held = {"numbers": file.numbers, "greys": file.greys, "colors": file.colors if file.kind == RGB else None}
    values = {reading: label_map_files.counts(one) for reading, one in held.items() if one is not None}
    if len(values.get("colors", ())) > MOST_COLORS:
        return None
    places = {}
    if file.kind != RGB and file.colors is not None:  # each number has one color
        table = np.zeros(256, np.int32)
        table[file.numbers] = file.colors
        values["colors"] = Counter()
        for number, count in values["numbers"].items():
            values["colors"][int(table[number])] += count
        places = {number: int(table[number]) for number in values["numbers"]} if file.kind == PALETTE else {}
    return _Seen(entry, file.kind, values, file.is_bit, places)


def _reading(kind: str, seen: Sequence[_Seen], listed: ClassList | None) -> str:
    """Whether numbers, greys or colors are meant in maps of a kind: that by which the fewest of them are bad."""
    order = {GREY: ["numbers"], RGB: ["greys"], PALETTE: ["numbers"]}[kind]
    if kind == PALETTE and seen and all("greys" in one.values for one in seen):
        are_grey = all(color % 0x10101 == 0 for one in seen for color in one.places.values())
        order = ["greys", "numbers"] if are_grey and _differing(seen) else order
    numbers = {*(listed.numbers() if listed else ()), *NO_LABEL}
    colors = {_packed(line.color) for line in listed.lines if line.color is not None} if listed else set()
    if colors:
        unsure = any(NO_LABEL[0] in one.values.get("numbers", ()) for one in seen) and 255 not in listed.numbers()
        order = [*order, "colors"] if kind == GREY and not unsure else ["colors", *order]

    def faults(reading: str) -> int:
        known = colors if reading == "colors" else numbers
        return sum(
            reading not in one.values or (listed is not None and not one.values[reading].keys() <= known)
            for one in seen
        )

    return min(order, key=faults)


def _differing(seen: Sequence[_Seen]) -> tuple[int, str, str] | None:
    """A place that has another color in another map's palette, and the names of both; None where there is none."""
    held: dict[int, tuple[int, str]] = {}
    for one in seen:
        for place, color in one.places.items():
            other = held.setdefault(place, (color, one.entry.name))
            if other[0] != color:
                return place, other[1], one.entry.name
    return None


def _packed(color: Sequence[int]) -> int:
    return (color[0] << 16) + (color[1] << 8) + color[2]


def _classes(
    listed: ClassList | None, seen: Sequence[_Seen], readings: dict[str, str], *, has_lossy: bool
) -> tuple[Classes | None, list[Remark]]:
    """The classes of maps, and what was guessed of them; None where no map tells any.

    Raises: DataError for too few or too many.
    """
    in_numbers = [one for one in seen if readings[one.kind] != "colors" and readings[one.kind] in one.values]
    bits = _bits(listed, in_numbers, readings)
    totals: Counter[int] = Counter()
    for one in in_numbers:
        values = one.values[readings[one.kind]]
        totals.update({bits if one.is_bit and value == 1 else value: count for value, count in values.items()})
    remarks: list[Remark] = []
    differing = _differing([one for one in in_numbers if readings[one.kind] == "numbers"])
    if differing:
        place, first, second = differing
        text = f"palettes of label maps differ ({place} has one color in {first}, another in {second})"
        remarks.append(guessed(f"{text}: places in the palette are taken for classes"))
    is_two_valued = listed is None or (len(listed.lines) == 2 and not listed.has_numbers)
    nearest = frozenset()
    if is_two_valued and _are_smoothed(totals):
        nearest = frozenset(one.kind for one in in_numbers)
        totals = Counter({0: 1, 255: 1})
        text = "label maps hold 0, 255 and a few values between, as smoothed edges do"
        remarks.append(changed(f"{text}: each pixel is read as the nearer of 0 and 255"))
    are_supposed = not totals and is_two_valued and has_lossy
    if are_supposed:
        totals = Counter({0: 1, 255: 1})
    if listed is None and not totals:
        return None, []
    made, told = _of_numbers(sorted(totals)) if listed is None else _of_list(listed, sorted(totals))
    remarks += told
    few = sum(count for _, count in totals.most_common(FEW)) / max(sum(totals.values()), 1)
    if listed is None and len(made.names) >= MANY and few >= 1 - MOST_BETWEEN:
        text = (
            f"label maps hold {len(made.names):,} numbers, each taken for a class, and {FEW} of them {few:.0%} of the"
        )
        remarks.append(guessed(f"{text} pixels: are the others smoothed edges?"))
    made.readings, made.bits, made.nearest = readings, bits, nearest
    made.centers, made.of_center = _centers(made, listed, totals)
    made.are_supposed = are_supposed and made.centers is not None and made.centers.ndim == 1
    return made, remarks


def _bits(listed: ClassList | None, seen: Sequence[_Seen], readings: Mapping[str, str]) -> int:
    """What stands for 1 in maps of one bit: 255 where the other maps, or the list, have that in its place."""
    others = {value for one in seen if not one.is_bit for value in one.values[readings[one.kind]]}
    numbers = set(listed.numbers()) if listed and listed.has_numbers else others
    return 255 if 255 in numbers and 1 not in numbers | others and others <= {0, 255} else 1


def _are_smoothed(totals: Mapping[int, int]) -> bool:
    """Whether numbers are 0 and 255, with values from the whole range between at a few pixels."""
    between = [value for value in totals if 0 < value < 255]
    quarters = Counter(value // 64 for value in between)
    share = sum(totals[value] for value in between) / max(sum(totals.values()), 1)
    is_in_range = {0, 255} <= totals.keys() and max(totals) == 255
    return is_in_range and all(quarters[quarter] > 1 for quarter in range(4)) and share <= 2 * MOST_BETWEEN


def _of_numbers(values: Sequence[int]) -> tuple[Classes, list[Remark]]:
    """The classes of maps without a list: the numbers that occur. Raises: DataError for too few or too many."""
    remarks, top = [], values[-1]
    numbers = list(values)
    if top in NO_LABEL and len(values) == 2:
        remarks.append(guessed(f"label maps hold {values[0]} and {top} alone, taken for two classes"))
    elif top == 255 and label_map_files.evenly_spaced(values):
        remarks.append(guessed(f"label maps hold {some([str(value) for value in values])}, each taken for a class"))
    elif top in NO_LABEL and len(values) > 1:
        numbers = numbers[:-1]
        is_plain = numbers[-1] - numbers[0] + 1 == len(numbers)
        remarks.append(guessed(f"{top} in label maps taken for no label", matters=not is_plain))
    if len(numbers) < 2:
        raise DataError(f"all label maps hold {numbers[0]} alone: expected two classes or more, or a classes.txt")
    if len(numbers) > MOST_CLASSES:
        text = f"label maps hold {len(numbers):,} numbers, from {numbers[0]} to {numbers[-1]}"
        raise DataError(f"{text}; expected {MOST_CLASSES} classes at most")
    of_number = {number: row for row, number in enumerate(numbers)}
    of_number |= {value: IGNORED for value in values if value not in of_number}
    return Classes(tuple(map(str, numbers)), palette(len(numbers)), tuple(numbers), of_number), remarks


def _of_list(listed: ClassList, values: Sequence[int]) -> tuple[Classes, list[Remark]]:
    """The classes of a list. values: the numbers that occur in maps, in order."""
    numbers, remarks = listed.numbers(), []
    if listed.unused:
        remarks.append(left_out(f"lists of classes beside {listed.file}, not used: {some(listed.unused)}"))
    labels = [value for value in values if value not in NO_LABEL or value != values[-1]]
    is_binary = len(values) == len(numbers) == 2 and values[0] == 0 and values[1] in NO_LABEL
    if not listed.has_numbers and (is_binary or not set(labels) <= set(numbers)):
        ordered = next((held for held in (values, labels) if len(held) == len(numbers)), None)
        if ordered is not None:
            numbers = list(ordered)
            names = [f"{number} is {line.name}" for number, line in zip(numbers, listed.lines, strict=True)]
            what = f"{values[0]} and {values[1]} alone" if is_binary else "other numbers than its rows"
            remarks.append(guessed(f"{listed.file} gives no numbers, and label maps hold {what}: {some(names)}"))
    held = [(line, number) for line, number in zip(listed.lines, numbers, strict=True) if line.is_class]
    of_number = {number: IGNORED for line, number in zip(listed.lines, numbers, strict=True)}
    of_number |= {number: row for row, (_, number) in enumerate(held)}
    top = values[-1] if values else NO_LABEL[0]
    if top not in of_number and top in NO_LABEL:
        of_number[top] = IGNORED
        if top in values:
            remarks.append(guessed(f"{top} in label maps taken for no label", matters=False))
    of_color: dict[int, int] = {}
    for line, number in zip(listed.lines, numbers, strict=True):
        if line.color is not None:
            key, value = _packed(line.color), of_number[number]
            of_color[key] = value if of_color.get(key, value) == value else OF_SEVERAL
    colors = tuple(line.color or _color(number) for line, number in held)
    names = tuple(line.name for line, _ in held)
    kept = tuple(max(number, 0) for _, number in held)
    return Classes(names, colors, kept, of_number, of_color, list_name=listed.file), remarks


def _centers(
    classes: Classes, listed: ClassList | None, totals: Mapping[int, int]
) -> tuple[np.ndarray | None, np.ndarray]:
    """The values of which a lossy map's pixels are taken for the nearest, None where they lie too near each other."""
    if classes.of_color and (listed.has_colors and all(line.color for line in listed.lines)):
        held, values = classes.of_color, label_map_files.unpacked(np.array(list(classes.of_color)))
    else:
        is_told = listed is not None and listed.has_numbers
        held = {n: row for n, row in classes.of_number.items() if n >= 0 and (is_told or n in totals)}
        values = np.array(list(held), np.int32)
    of_center = np.array(list(held.values()))
    if len(held) < 2 or (of_center == OF_SEVERAL).any() or _apart(values) < LEAST_APART or values.max() > 255:
        return None, np.zeros(0, np.uint8)
    return values, of_center.astype(np.uint8)


def _apart(centers: np.ndarray) -> float:
    """The least distance of two of some values (values,) or (values, 3)."""
    points = centers.reshape(len(centers), -1).astype(float)
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(axis=-1))
    return float(distances[~np.eye(len(points), dtype=bool)].min())


def _nearest(file: MapFile, classes: Classes) -> tuple[np.ndarray, float]:
    """A map by the nearest of the values of classes, uint8 (height, width); and the share of pixels between them, which
    have no label where there are three classes or more. Raises: ValueError with the reason where it cannot be read."""
    why = _of_png(file.lossy)
    if classes.centers is None:
        raise ValueError(why)
    rgb = label_map_files.unpacked(file.colors)
    if classes.centers.ndim == 1:
        if (np.ptp(rgb, axis=-1) > LEAST_APART // 2).mean() > MOST_BETWEEN:
            raise ValueError(f"{why} (and it is in colors, for which there is no list)")
        rgb = rgb.mean(axis=-1, keepdims=True)
    points = classes.centers.reshape(len(classes.centers), -1)
    distances = np.stack([((rgb - point) ** 2).sum(axis=-1) for point in points])
    is_between = np.sqrt(distances.min(axis=0)) > NEAR * _apart(classes.centers)
    found = classes.of_center[distances.argmin(axis=0)]
    share = float(is_between.mean())
    if share > MOST_BETWEEN:
        text = f"{share:.0%} of the pixels lie between the values of classes"
        raise ValueError(f"{text}; {why}" if file.lossy else text)
    return (found if len(points) == 2 else np.where(is_between, np.uint8(IGNORED), found)), share


def _of_png(compression: str) -> str:
    return f"a {compression}, whose compression changes numbers: save label maps as PNG"


def _counted(classes: Classes, seen: Sequence[_Seen], lossy: Mapping[str, Entry], bad: dict[str, str]) -> np.ndarray:
    """How many pixels are of each class, int64 (classes,); maps that cannot be read are added to the bad ones."""
    counts = np.zeros(256, np.int64)
    again = dict(lossy)
    for one in seen:
        if one.kind in classes.nearest:
            again[one.entry.name] = one.entry
            continue
        values = one.values.get(classes.readings[one.kind])
        reason = _in_colors_of(classes) if values is None else _reason(values, classes, one.kind, is_bit=one.is_bit)
        if reason:
            bad[one.entry.name] = reason
            continue
        known = _known(classes, one.kind, is_bit=one.is_bit)
        for value, count in values.items():
            counts[known[value]] += count
    for name, entry in again.items():
        try:
            counts += np.bincount(_nearest(label_map_files.decode(entry), classes)[0].ravel(), minlength=256)
        except ValueError as error:
            bad[name] = str(error)
    if classes.are_supposed and not counts[: len(classes.names)].all():
        bad |= dict.fromkeys(lossy, _of_png(label_map_files.decode(next(iter(lossy.values()))).lossy))
    return counts[: len(classes.names)]


def _known(classes: Classes, kind: str, *, is_bit: bool) -> dict[int, int]:
    """The class of each value that pixels of a kind of map may have."""
    if classes.readings[kind] == "colors":
        return classes.of_color
    known = classes.of_number
    return known | {1: known.get(classes.bits, 1)} if is_bit and classes.bits in known else known


def _reason(values: Iterable[int], classes: Classes, kind: str, *, is_bit: bool) -> str:
    """Why values are not those of classes; empty where they are."""
    in_colors, known = classes.readings[kind] == "colors", _known(classes, kind, is_bit=is_bit)
    for value in sorted(values):
        what = f"the color {value:06x}" if in_colors else f"label {value}"
        if value not in known:
            return f"{what}, none of the {len(classes.names)} classes: {some(classes.names, 20)}"
        if known.get(value) == OF_SEVERAL:
            return f"{what}, which the list gives to two classes"
    return ""


def _in_colors(listed: ClassList | None) -> str:
    return _no_colors(listed.file if listed else "")


def _in_colors_of(classes: Classes) -> str:
    return _no_colors(classes.list_name)


def _no_colors(list_name: str) -> str:
    lack = f"{list_name} names no colors" if list_name else "there is no list of its colors: put a classes.txt beside"
    return f"a map in RGB, and {lack}"


def _absent(classes: Classes, counts: np.ndarray, listed: ClassList | None, seen: Sequence[_Seen]) -> list[Remark]:
    """That classes of a list have no pixel."""
    names = [name for name, count in zip(classes.names, counts, strict=True) if not count]
    if not names or listed is None:
        return []
    text = f"no pixel of a label map is of {len(names):,} of the classes in {listed.file}: {some(names)}"
    has_none = any(255 in one.values.get(classes.readings[one.kind], ()) for one in seen)
    if has_none and classes.of_number.get(255) == IGNORED and not classes.of_color:
        text += f" (255 counts as no label; if it is a class, write '255 {names[-1]}' in the list)"
    return [left_out(text)]


def read(entry: Entry, classes: Classes, *, size: tuple[int, int], of: str) -> np.ndarray:
    """A map as classes, uint8 (height, width), IGNORED where nothing is known.

    size: width and height of its picture, whose name is `of`. Raises: DataError for a map of another size, or with
    pixels of no class.
    """
    file = label_map_files.decode(entry)
    if file.lossy or file.kind in classes.nearest:
        try:
            made = _nearest(file, classes)[0]
        except ValueError as error:
            raise DataError(f"{entry.name}: {error}") from error
    else:
        values = getattr(file, classes.readings[file.kind])
        if values is None:
            raise DataError(f"{entry.name}: {_in_colors_of(classes)}")
        found, places = np.unique(values, return_inverse=True)
        reason = _reason(found.tolist(), classes, file.kind, is_bit=file.is_bit)
        if reason:
            raise DataError(f"{entry.name}: {reason}")
        known = _known(classes, file.kind, is_bit=file.is_bit)
        made = np.array([known[value] for value in found.tolist()], np.uint8)[places].reshape(values.shape)
    turn = classes.turns.get(entry.name)
    made = made if turn is None else label_map_files.turned(made, turn)
    if made.shape != size[::-1]:
        raise DataError(f"{entry.name}: {made.shape[1]}x{made.shape[0]} pixels, and {of} has {size[0]}x{size[1]}")
    return made


def palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Colours of bytes for classes that have none, (count, 3)."""
    return tuple(map(_color, range(count)))


def _color(number: int) -> tuple[int, int, int]:
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(number * GOLDEN % 1.0, 0.65, 0.95))


def colored(classes: np.ndarray, palette: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Maps uint8 (…, height, width) in the colours of their classes, uint8 (…, height, width, 3); black for none."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = palette
    return table[classes]


def frequencies(maps: np.ndarray, count: int) -> tuple[float, ...]:
    """How often classes are met: a class's pixels over all labelled ones of the maps in which it is, (count,).

    maps: uint8 (maps, height, width). Eigen & Fergus 2015 (1411.4734), section 6.3.2; 0 for a class that is nowhere.
    """
    told = np.stack([np.bincount(one.ravel(), minlength=256)[:count] for one in maps])
    whole = (told.sum(axis=1, keepdims=True) * (told > 0)).sum(axis=0)
    return tuple((told.sum(axis=0) / np.maximum(whole, 1)).tolist())


def shares(maps: np.ndarray, count: int) -> np.ndarray:
    """Of all labelled pixels each class's share, float64 (count,)."""
    told = sum((np.bincount(one.ravel(), minlength=256)[:count] for one in maps), np.zeros(count, np.int64))
    return told / max(told.sum(), 1)
