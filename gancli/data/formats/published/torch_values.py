"""What the pickle in a PyTorch file may ask for: tensors, as places in storages that follow outside of the pickle.

A tensor is (storage, offset, shape, strides), counted in elements, so that several tensors may be views of one storage.
Nothing of PyTorch is imported; its classes and functions are names in a table here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.errors import value_text
from gancli.data.formats.published.inert_values import NAMES, Fault, Vocabulary, build, key_text

MOST_AXES, LONGEST_AXIS = 32, 2**48
MOST_STEPS = 500_000  # opcodes; a tensor takes 40
SAVE_WEIGHTS = "torch.save(model.state_dict(), FILE)"


@dataclass(frozen=True, eq=False)
class Kind:
    """A type of numbers. code: NumPy's, without a byte order; "bf16" for bfloat16, which NumPy lacks."""

    name: str
    code: str

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return 2 if self.code == "bf16" else int(self.code[1:])


FLOATS = {"Float": "f4", "Double": "f8", "Half": "f2", "BFloat16": "bf16", "ComplexFloat": "c8", "ComplexDouble": "c16"}
STORAGES = {"Long": "i8", "Int": "i4", "Short": "i2", "Char": "i1", "Byte": "u1", "Bool": "b1"} | FLOATS
DTYPES = {f"{letters}{8 * size}": f"{letters[0]}{size}" for letters in ("int", "uint") for size in (1, 2, 4, 8)}
DTYPES |= {f"{letters}{8 * size}": f"{letters[0]}{size}" for letters in ("float",) for size in (2, 4, 8)}
DTYPES |= {"bfloat16": "bf16", "complex64": "c8", "complex128": "c16", "bool": "b1"}
RAW = Kind("UntypedStorage", "u1")  # of newer files: bytes, whose type each tensor gives


@dataclass(eq=False)
class Storage:
    """Numbers in a row outside of the pickle. count: of numbers; key: under which the file holds them."""

    kind: Kind
    key: str
    count: int

    @property
    def size(self) -> int:
        """Bytes that the numbers take."""
        return self.count * self.kind.size


@dataclass(eq=False)
class PickledTensor:
    """Where the numbers of a tensor are: the first at `offset` of a storage, the next by the strides of the axes."""

    storage: Storage
    kind: Kind
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes that the numbers of the tensor take as an array of their own."""
        return math.prod(self.shape) * self.kind.size


def _rebuild(storage: object, offset: object, shape: object, strides: object, *more: object) -> PickledTensor:
    """torch._utils._rebuild_tensor and _rebuild_tensor_v2; further arguments are about gradients, but the last."""
    if type(storage) is not Storage or storage.kind is RAW:
        raise Fault("it has a tensor without a storage")
    if len(more) > 2 and more[2]:
        raise Fault("it has a tensor whose signs are not settled (conj or neg), so save its resolved copy")
    return _tensor(storage, storage.kind, offset, shape, strides)


def _rebuild_typed(storage: object, offset: object, shape: object, strides: object, *more: object) -> PickledTensor:
    """torch._utils._rebuild_tensor_v3: of a storage of bytes, with a type; for types without a storage class."""
    if type(storage) is not Storage or len(more) < 3 or type(more[2]) is not Kind:
        raise Fault("it has a tensor without a storage or a type")
    if len(more) > 3 and more[3]:
        raise Fault("it has a tensor whose signs are not settled (conj or neg), so save its resolved copy")
    return _tensor(storage, more[2], offset, shape, strides)


def _tensor(storage: Storage, kind: Kind, offset: object, shape: object, strides: object) -> PickledTensor:
    """A tensor that lies within its storage. Raises: Fault."""
    if type(shape) is not tuple or type(strides) is not tuple or not len(shape) == len(strides) <= MOST_AXES:
        raise Fault("it has a tensor of an odd shape")
    if not all(type(one) is int for one in (offset, *shape, *strides)):  # other values may be endless as texts
        raise Fault("it has a tensor of an odd shape")
    if min(offset, *shape, *strides, 0) < 0 or max(offset, *shape, 0) >= LONGEST_AXIS:
        raise Fault(f"it has a tensor of shape {value_text(shape)}, strides {value_text(strides)}")
    last = offset + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
    held = storage.size // kind.size
    if math.prod(side for side in shape if side) >= 2**60 or (0 not in shape and last >= held):
        raise Fault(f"a tensor of shape {value_text(shape)} exceeds its storage of {held:,} numbers")
    return PickledTensor(storage, kind, offset, shape, strides)


def _parameter(tensor: object, *_: object) -> PickledTensor:
    if type(tensor) is not PickledTensor:
        raise Fault("it has a parameter that is no tensor")
    return tensor


def _with_attributes(function: object, kind: object, arguments: object, *_: object) -> PickledTensor:
    """torch._tensor._rebuild_from_type_v2, of a tensor with attributes, which are left out."""
    if function not in (_rebuild, _rebuild_typed) or type(arguments) is not tuple or not isinstance(kind, _Class):
        raise Fault("it has a tensor of an odd kind")
    return function(*arguments)


class _Class:
    """A class that a tensor with attributes names."""


def _size(sides: object = ()) -> tuple:
    if type(sides) is not tuple:
        raise Fault("it has a torch.Size that is no tuple")
    return sides


def _device(*_: object) -> str:
    return "device"


def _build(target: object, state: object) -> None:
    """BUILD gives an OrderedDict its attributes, such as a state dict's _metadata, which are left out."""
    if type(target) is not dict:
        build(target, state)


def _key(key: object) -> str:
    """A key as text: checkpoints also have whole numbers as keys."""
    return str(key) if type(key) is int and abs(key) < 2**63 else key_text(key)


def _advice(name: str) -> str:
    if name.startswith(("torch.nn.", "torchvision.")):
        return f"a part of a whole model: save its weights alone, with {SAVE_WEIGHTS}"
    if name.startswith("torch."):
        return "a kind of tensors that is not read: convert them to float32 before saving"
    return f"which is not imported: save weights alone, with {SAVE_WEIGHTS}"


_CLASSES = (("torch", "Tensor"), ("torch._tensor", "Tensor"), ("torch.nn.parameter", "Parameter"))
_KINDS = {f"{name}Storage": Kind(f"{name}Storage", code) for name, code in STORAGES.items()}
TORCH_NAMES: dict[tuple[str, str], object] = {
    **NAMES,
    **{(module, name): kind for name, kind in _KINDS.items() for module in ("torch", "torch.cuda")},
    **{("torch", name): Kind(name, code) for name, code in DTYPES.items()},
    **{("torch.storage", name): RAW for name in ("UntypedStorage", "_UntypedStorage")},
    **{name: _Class() for name in _CLASSES},
    ("torch._utils", "_rebuild_tensor"): _rebuild,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_tensor_v3"): _rebuild_typed,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("torch._tensor", "_rebuild_from_type_v2"): _with_attributes,
    ("torch", "Size"): _size,
    ("torch", "device"): _device,
}


def vocabulary(storages: dict[str, Storage]) -> Vocabulary:
    """The vocabulary of one PyTorch file. storages: receives those that its pickle names, by their keys."""

    def storage(identifier: object) -> Storage:
        parts = identifier if type(identifier) is tuple else ()
        if len(parts) not in (5, 6) or parts[0] not in ("storage", b"storage") or any(parts[5:]):
            raise Fault("it holds something that is no storage of numbers outside of its pickle")
        kind, key, count = parts[1], key_text(parts[2]), parts[4]
        if type(kind) is not Kind or type(count) is not int or not 0 <= count < LONGEST_AXIS:
            raise Fault("it has a storage of an odd type or size")
        found = storages.setdefault(key, Storage(kind, key, count))
        if (found.kind, found.count) != (kind, count):
            raise Fault("it has a storage of two sizes or types")
        return found

    return Vocabulary("a PyTorch file of plain tensors", TORCH_NAMES, _build, _key, storage, _advice, MOST_STEPS)


Content = Callable[[Storage], memoryview]  # the bytes of a storage; raises Fault if they are absent or damaged
