"""The classes of label maps as the publications of data sets define them: names, numbers and colors."""

from __future__ import annotations

from gancli.data.annotations.class_lists import ClassLine, ClassList, published

_VOC = (
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor"
)
_CITYSCAPES = (  # number in labelIds, name, red, green, blue; in the order of the numbers for training
    "7 road 128 64 128,8 sidewalk 244 35 232,11 building 70 70 70,12 wall 102 102 156,13 fence 190 153 153,"
    "17 pole 153 153 153,19 traffic light 250 170 30,20 traffic sign 220 220 0,21 vegetation 107 142 35,"
    "22 terrain 152 251 152,23 sky 70 130 180,24 person 220 20 60,25 rider 255 0 0,26 car 0 0 142,27 truck 0 0 70,"
    "28 bus 0 60 100,31 train 0 80 100,32 motorcycle 0 0 230,33 bicycle 119 11 32"
)
_CITYSCAPES_REST = (
    "0 unlabeled,1 ego vehicle,2 rectification border,3 out of roi,4 static,5 dynamic,6 ground,9 parking,10 rail track,"
    "14 guard rail,15 bridge,16 tunnel,18 polegroup,29 caravan,30 trailer"
)
_CAMVID_32 = (  # red, green, blue, name
    "64 128 64 Animal,192 0 128 Archway,0 128 192 Bicyclist,0 128 64 Bridge,128 0 0 Building,64 0 128 Car,"
    "64 0 192 CartLuggagePram,192 128 64 Child,192 192 128 Column_Pole,64 64 128 Fence,128 0 192 LaneMkgsDriv,"
    "192 0 64 LaneMkgsNonDriv,128 128 64 Misc_Text,192 0 192 MotorcycleScooter,128 64 64 OtherMoving,"
    "64 192 128 ParkingBlock,64 64 0 Pedestrian,128 64 128 Road,128 128 192 RoadShoulder,0 0 192 Sidewalk,"
    "192 128 128 SignSymbol,128 128 128 Sky,64 128 192 SUVPickupTruck,0 0 64 TrafficCone,0 64 64 TrafficLight,"
    "192 64 128 Train,128 128 0 Tree,192 128 192 Truck_Bus,64 0 64 Tunnel,192 192 0 VegetationMisc,0 0 0 Void,"
    "64 192 0 Wall"
)
_CAMVID_11 = (
    "128 128 128 Sky,128 0 0 Building,192 192 128 Pole,128 64 128 Road,60 40 222 Pavement,128 128 0 Tree,"
    "192 128 128 SignSymbol,64 64 128 Fence,64 0 128 Car,64 64 0 Pedestrian,0 128 192 Bicyclist,0 0 0 Unlabelled"
)
_FACADES = "background facade window door cornice sill balcony blind deco molding pillar shop"
_PARTS = (  # of CelebAMask-HQ's faces, in the order in which later ones cover earlier ones
    "skin nose eye_g l_eye r_eye l_brow r_brow l_ear r_ear mouth u_lip l_lip hair hat ear_r neck_l neck cloth"
)
PARTS = tuple(_PARTS.split())


def _voc_color(number: int) -> tuple[int, int, int]:
    """The color of a class number in Pascal VOC's palette: its bits, from the lowest, are the colors' high bits."""
    color = [0, 0, 0]
    for place in range(8):
        for channel in range(3):
            color[channel] |= (number >> (3 * place + channel) & 1) << (7 - place)
    return tuple(color)


def _colored(text: str, *, numbered: bool = False) -> list[ClassLine]:
    """Lines of red, green, blue and a name, counted from 0; or with `numbered` of a number, a name and a color."""
    lines = []
    for row, line in enumerate(text.split(",")):
        words = line.split()
        if numbered:
            number, *name, red, green, blue = words
        else:
            number, (red, green, blue, *name) = row, words
        lines.append(ClassLine(" ".join(name), int(number), (int(red), int(green), int(blue))))
    return lines


def voc() -> ClassList:
    """Pascal VOC's 21 classes, background included (Everingham et al. 2010); 255 is the edge of objects, no label."""
    lines = [ClassLine(name, number, _voc_color(number)) for number, name in enumerate(_VOC.split())]
    return published("the 21 classes of Pascal VOC", lines)


def cityscapes(*, by_train_id: bool) -> ClassList:
    """Cityscapes' 19 classes of the benchmark (Cordts et al. 2016, 1604.01685): the other 15 numbers are no label."""
    lines = _colored(_CITYSCAPES, numbered=True)
    if by_train_id:
        lines = [line._replace(number=row) for row, line in enumerate(lines)]
    else:
        rest = [line.partition(" ") for line in _CITYSCAPES_REST.split(",")]
        lines += [ClassLine(name, int(number), None, ignored=True) for number, _, name in rest]
    return published("the 19 classes of Cityscapes", lines)


def camvid_32() -> ClassList:
    """CamVid's classes and colors (Brostow et al. 2009); Void is no label."""
    return published("the 32 classes of CamVid", _colored(_CAMVID_32))


def camvid_11() -> ClassList:
    """The 11 classes into which SegNet (Badrinarayanan et al. 2015, 1511.00561) merged CamVid's; 11 is no label."""
    return published("the 11 classes of SegNet's CamVid", _colored(_CAMVID_11))


def pets() -> ClassList:
    """The trimaps of Oxford-IIIT Pet (Parkhi et al. 2012): 1 pet, 2 background, 3 not classified, which is no label."""
    lines = [ClassLine("pet", 1, None), ClassLine("background", 2, None)]
    return published("the trimaps of Oxford-IIIT Pet", [*lines, ClassLine("not classified", 3, None, ignored=True)])


def face_parts() -> ClassList:
    """CelebAMask-HQ's 19 classes (Lee et al. 2020, 1907.11922), numbered as in the authors' script."""
    lines = [ClassLine(name, number, None) for number, name in enumerate(["background", *PARTS])]
    return published("the 19 classes of CelebAMask-HQ", lines)


def facades() -> ClassList:
    """The 12 classes of the CMP facade database (Tylecek and Sara 2013), numbered from 1."""
    lines = [ClassLine(name, number, None) for number, name in enumerate(_FACADES.split(), start=1)]
    return published("the 12 classes of CMP facades", lines)


def birds() -> ClassList:
    """The segmentations of CUB-200-2011 (Wah et al. 2011)."""
    return published(
        "the segmentations of CUB-200-2011", [ClassLine("background", 0, None), ClassLine("bird", 255, None)]
    )
