"""The search of `friction`, compiled. Buckets are linked lists in one pool whose slots are used again.

So memory grows with the frontier of the search, not with the surface.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# First slot of every bucket, and of every slot its cell, its minutes, the slot after it; then the two marks below.
Queue = tuple[Ints, Ints, Floats, Ints, Ints]
# Friction (0: barrier) row by row, metres of steps by row, number of rows and columns, width of a bucket in minutes.
Surface = tuple[npt.NDArray[np.float32], Floats, int, int, float]
# Minutes and place of every cell, row by row.
Found = tuple[Floats, npt.NDArray[np.int32]]

_NONE = -1
# What stands in the marks of a queue: slots ever used, first slot free again, entries waiting.
_USED, _FREE, _WAITING = 0, 1, 2
_NEIGHBOURS = 8
_DOWN = (-1, -1, -1, 0, 0, 1, 1, 1)
_RIGHT = (-1, 0, 1, -1, 1, -1, 0, 1)
# Column of the metres: within the row, below, below aside.
_STEP = (2, 1, 2, 0, 0, 2, 1, 2)


@numba.njit(cache=True, nogil=True)
def search(surface: Surface, targets: Ints, buckets: int, found: Found) -> None:
    """Fill `found` with the least minutes from each cell to the nearest of `targets`, and which one that is."""
    friction = surface[0]
    minutes, place = found
    queue = _queue(buckets, 1024 + len(targets))
    for number in range(len(targets)):
        cell = targets[number]
        if cell >= 0 and friction[cell] > 0 and minutes[cell] > 0:
            minutes[cell], place[cell] = 0.0, number
            _push(queue, cell, 0.0, 0)
    turn = 0
    while queue[4][_WAITING] > 0:
        bucket = turn % buckets
        while queue[0][bucket] != _NONE:
            if queue[4][_USED] + _NEIGHBOURS > len(queue[1]):
                queue = (queue[0], _twice(queue[1]), _twice(queue[2]), _twice(queue[3]), queue[4])
            cell, here = _pop(queue, bucket)
            if here <= minutes[cell]:
                _spread(surface, found, queue, cell, here)
        turn += 1


@numba.njit(cache=True, nogil=True)
def _spread(surface: Surface, found: Found, queue: Queue, cell: int, here: float) -> None:
    """Tell the neighbours of a cell that they can be reached through it."""
    friction, steps, rows, columns, width = surface
    minutes, place = found
    row, column = cell // columns, cell % columns
    for way in range(_NEIGHBOURS):
        to_row, to_column = row + _DOWN[way], column + _RIGHT[way]
        if to_row < 0 or to_row >= rows or to_column < 0 or to_column >= columns:
            continue
        to = to_row * columns + to_column
        if friction[to] <= 0:
            continue
        mean = 0.5 * (np.float64(friction[cell]) + np.float64(friction[to]))
        there = here + steps[min(row, to_row), _STEP[way]] * mean
        if there < minutes[to]:
            minutes[to], place[to] = there, place[cell]
            _push(queue, to, there, int(there / width) % len(queue[0]))


@numba.njit(cache=True, nogil=True)
def _queue(buckets: int, slots: int) -> Queue:
    marks = np.zeros(3, dtype=np.int64)
    marks[_FREE] = _NONE
    head = np.full(buckets, _NONE, dtype=np.int64)
    return head, np.empty(slots, dtype=np.int64), np.empty(slots), np.empty(slots, dtype=np.int64), marks


@numba.njit(cache=True, nogil=True)
def _push(queue: Queue, cell: int, at: float, bucket: int) -> None:
    head, cell_of, reached_at, after, marks = queue
    slot = marks[_FREE]
    if slot == _NONE:
        slot = marks[_USED]
        marks[_USED] += 1
    else:
        marks[_FREE] = after[slot]
    cell_of[slot], reached_at[slot], after[slot] = cell, at, head[bucket]
    head[bucket] = slot
    marks[_WAITING] += 1


@numba.njit(cache=True, nogil=True)
def _pop(queue: Queue, bucket: int) -> tuple[int, float]:
    head, cell_of, reached_at, after, marks = queue
    slot = head[bucket]
    head[bucket] = after[slot]
    after[slot] = marks[_FREE]
    marks[_FREE] = slot
    marks[_WAITING] -= 1
    return cell_of[slot], reached_at[slot]


@numba.njit(cache=True, nogil=True)
def _twice(old):  # type: ignore[no-untyped-def]  # compiled for whole numbers and for minutes
    new = np.empty(2 * len(old), dtype=old.dtype)
    new[: len(old)] = old
    return new
