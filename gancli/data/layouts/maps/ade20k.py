"""ADE20K in the form of the scene parsing challenge of 2016."""

from __future__ import annotations

import re
from dataclasses import replace

from gancli.core.backend import np
from gancli.core.options import whole
from gancli.data.annotations.class_lists import ClassLine, ClassList, published
from gancli.data.containers.source_files import SourceFile
from gancli.data.labels.class_names import natural_key
from gancli.data.layouts.maps import map_matching, map_sets
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "ADE20K"
EXAMPLE = (
    "ADEChallengeData2016/images/training/ADE_train_00000001.jpg\n"
    "ADEChallengeData2016/annotations/training/ADE_train_00000001.png\nobjectInfo150.txt, sceneCategories.txt"
)
BECOMES = "images with label maps of 150 classes (0 is no label); for models that need no maps, with scenes as classes"
ORDER, ALONE = 24, True
STEM = re.compile(r"ADE_(train|val|test)_\d{8}")
COUNT = 150
_NAMES = (  # the first name of each, 1 to 150
    "wall,building,sky,floor,tree,ceiling,road,bed,windowpane,grass,cabinet,sidewalk,person,earth,door,table,mountain,"
    "plant,curtain,chair,car,water,painting,sofa,shelf,house,sea,mirror,rug,field,armchair,seat,fence,desk,rock,"
    "wardrobe,lamp,bathtub,railing,cushion,base,box,column,signboard,chest of drawers,counter,sand,sink,skyscraper,"
    "fireplace,refrigerator,grandstand,path,stairs,runway,case,pool table,pillow,screen door,stairway,river,bridge,"
    "bookcase,blind,coffee table,toilet,flower,book,hill,bench,countertop,stove,palm,kitchen island,computer,"
    "swivel chair,boat,bar,arcade machine,hovel,bus,towel,light,truck,tower,chandelier,awning,streetlight,booth,"
    "television,airplane,dirt track,apparel,pole,land,bannister,escalator,ottoman,bottle,buffet,poster,stage,van,ship,"
    "fountain,conveyer belt,canopy,washer,plaything,swimming pool,stool,barrel,basket,waterfall,tent,bag,minibike,"
    "cradle,oven,ball,food,step,tank,trade name,microwave,pot,animal,bicycle,lake,dishwasher,screen,blanket,sculpture,"
    "hood,sconce,vase,traffic light,tray,ashcan,fan,pier,crt screen,plate,monitor,bulletin board,shower,radiator,"
    "glass,clock,flag"
)


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps, or with scenes if no maps are needed. Raises: DataError for maps of other pictures."""
    files = pictures.pictures
    if "map" in pictures.settled or not files or not all(STEM.fullmatch(_stem(file)) for file in files):
        return None
    matches = map_matching.find(files)
    if matches is None:
        return None
    tables = map_sets.names_in(pictures.entries.texts, "objectinfo150.txt", "scenecategories.txt")
    scenes = _scenes(tables.get("scenecategories.txt"))
    if request.needs_maps is False and not request.wants_maps and scenes and not request.alone:
        found = _with_scenes(map_sets.with_labels(pictures, request, matches, "pictures have scenes"), scenes)
    else:
        classes = _classes(tables.get("objectinfo150.txt"))
        found = map_sets.with_maps(pictures, request, matches, published=classes)
    return found.with_used(tables.values())


def _stem(file: SourceFile) -> str:
    return file.stem


def _classes(table: SourceFile | None) -> ClassList:
    """The 150 classes (Zhou et al. 2017, 1608.05442), by objectInfo150.txt if it is there; 0, the rest, is none."""
    names = dict(enumerate(_NAMES.split(","), start=1))
    for line in map_sets.lines_of(table):
        number = whole(line.partition("\t")[0].strip(), COUNT, least=1)
        name = line.rpartition("\t")[2].partition(",")[0].strip()
        if number is not None and name and "\t" in line:
            names[number] = name
    if len(set(names.values())) < COUNT:
        names = dict(enumerate(_NAMES.split(","), start=1))
    lines = [ClassLine(name, number, None) for number, name in names.items()]
    return published("the 150 classes of ADE20K", [ClassLine("other", 0, None, ignored=True), *lines])


def _scenes(table: SourceFile | None) -> dict[str, str]:
    """The scene of each picture, by its name without ending."""
    words = [line.split(maxsplit=1) for line in map_sets.lines_of(table)]
    return {row[0]: row[1] for row in words if len(row) == 2}


def _with_scenes(pictures: PictureSet, scenes: dict[str, str]) -> PictureSet:
    found = pictures.without([file for file in pictures.pictures if _stem(file) not in scenes], "with no scene")
    named = [scenes[_stem(file)] for file in found.pictures]
    classes = sorted(set(named), key=natural_key)
    if len(classes) < 2:
        return found
    numbers = {name: number for number, name in enumerate(classes)}
    labels = np.array([numbers[name] for name in named], np.int32)
    tests = np.array([map_sets.by_folder(file) for file in found.pictures], np.uint8)
    return replace(found.with_columns(labels=labels, tests=tests, captions=None), classes=tuple(classes))
