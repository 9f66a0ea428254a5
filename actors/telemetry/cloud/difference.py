"""What is to be sent so that a document becomes another, as twins are patched (pure).

A patch is merged key by key; null removes a key.
"""

from collections.abc import Mapping
from typing import Any

Tree = dict[str, Any]


def difference(has: Mapping[str, Any], truth: Mapping[str, Any]) -> Tree:
    """The smallest patch that makes `truth` of `has`."""
    patch: Tree = dict.fromkeys(key for key in has if key not in truth)
    for key, value in truth.items():
        had = has.get(key)
        if isinstance(value, Mapping) and isinstance(had, Mapping):
            if inner := difference(had, value):
                patch[key] = inner
        elif key not in has or not _same(had, value):
            patch[key] = value
    return patch


def merged(has: Mapping[str, Any], patch: Mapping[str, Any]) -> Tree:
    tree = dict(has)
    for key, value in patch.items():
        had = has.get(key)
        if value is None:
            tree.pop(key, None)
        elif isinstance(value, Mapping):
            tree[key] = merged(had if isinstance(had, Mapping) else {}, value)
        else:
            tree[key] = value
    return tree


def _same(had: object, value: object) -> bool:
    """As JSON has it: 1 is 1.0, and is not true."""
    return had == value and isinstance(had, bool) == isinstance(value, bool)
