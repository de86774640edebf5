"""The search of `friction`, compiled. Buckets are lists of chunks in one pool whose chunks are used again.

So the queue grows with the frontier of the search, not with the surface. What makes it quick: all that is known of a
cell lies together (the three rows around it are three cache lines, not nine), a rim of barriers spares each step the
question where the surface ends, barriers count as reached before all else, and a bucket is served a chunk at a time.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Unsigned = npt.NDArray[np.uint64]
# One cell. Barriers have minutes of minus infinity: nothing reaches them any sooner.
CELL = np.dtype([("minutes", "f8"), ("friction", "f4"), ("place", "i4")])
Cells = npt.NDArray[np.void]
# Of every entry its cell and its minutes; of every chunk the one after it; of every bucket its first chunk and how many
# entries this has (all others are full); then the three marks below.
Queue = tuple[Unsigned, Floats, Ints, Ints, Ints, Ints]

_CHUNK = 64
_NONE = -1
# What stands in the marks of a queue: chunks ever used, first chunk free again, entries waiting.
_USED, _FREE, _WAITING = 0, 1, 2
_NEIGHBOURS = 8


@numba.njit(cache=True, nogil=True)
def search(cells: Cells, metres: Floats, columns: int, targets: Ints, buckets: int, a_minute: float) -> None:
    """Fill in the least minutes from each cell to the nearest of `targets`, and which one that is.

    Parameters
    ----------
    cells
        `CELL`s row by row, rim included; `targets` are positions in it.
    metres
        Shape (rows, 8), rim included: from a cell of each row to its neighbours, row by row.
    columns
        Of `cells`, rim included.
    buckets, a_minute
        How many buckets (a power of two), and how many of them a minute is wide. No step may be longer than all.
    """
    for number in range(len(targets)):
        cell = targets[number]
        if cells[cell].minutes > 0.0:
            cells[cell].minutes, cells[cell].place = 0.0, number
    queue = _queue(buckets, targets)
    ways = np.array([-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1])
    turn = 0
    while queue[5][_WAITING] > 0:
        bucket = turn % buckets
        while queue[3][bucket] != _NONE:
            # Each entry of the chunk may send its neighbours to chunks of their own.
            if queue[5][_USED] + _CHUNK * _NEIGHBOURS > len(queue[2]):
                queue = (_twice(queue[0]), _twice(queue[1]), _twice(queue[2]), queue[3], queue[4], queue[5])
            _serve(cells, metres, ways, queue, bucket, a_minute)
        turn += 1


@numba.njit(cache=True, nogil=True)
def _serve(cells: Cells, metres: Floats, ways: Ints, queue: Queue, bucket: int, a_minute: float) -> None:
    """Take the first chunk of a bucket; tell the neighbours of its cells that they can be reached through them."""
    cell_of, reached_at, after, first, filled, marks = queue
    chunk, entries = first[bucket], filled[bucket]
    first[bucket], filled[bucket] = after[chunk], _CHUNK
    marks[_WAITING] -= entries
    columns, ring = np.uint64(ways[6]), np.uint64(len(first) - 1)
    for entry in range(entries):
        # Unsigned, so that no index is looked at for being negative.
        slot = np.uint64(chunk * _CHUNK + entry)
        cell, here = cell_of[slot], reached_at[slot]
        if here > cells[cell].minutes:
            continue
        friction, place = np.float64(cells[cell].friction), cells[cell].place
        steps = metres[cell // columns]
        for way in range(_NEIGHBOURS):
            to = np.uint64(np.int64(cell) + ways[way])
            there = here + steps[way] * (0.5 * (friction + np.float64(cells[to].friction)))
            if there < cells[to].minutes:
                cells[to].minutes, cells[to].place = there, place
                turn = np.uint64(there * a_minute) & ring
                if filled[turn] == _CHUNK:
                    other = marks[_FREE]
                    if other == _NONE:
                        other = marks[_USED]
                        marks[_USED] += 1
                    else:
                        marks[_FREE] = after[other]
                    after[other], first[turn], filled[turn] = first[turn], other, 0
                slot = np.uint64(first[turn] * _CHUNK + filled[turn])
                cell_of[slot], reached_at[slot] = to, there
                filled[turn] += 1
                marks[_WAITING] += 1
    after[chunk], marks[_FREE] = marks[_FREE], chunk


@numba.njit(cache=True, nogil=True)
def _queue(buckets: int, targets: Ints) -> Queue:
    """A queue whose first bucket holds the targets: chunks one upon the other, the last one not full."""
    last = (len(targets) - 1) // _CHUNK
    chunks = 1024 + last
    cell_of, reached_at = np.empty(chunks * _CHUNK, dtype=np.uint64), np.empty(chunks * _CHUNK)
    for number in range(len(targets)):
        cell_of[number], reached_at[number] = targets[number], 0.0
    after = np.arange(-1, chunks - 1)
    first, filled = np.full(buckets, _NONE, dtype=np.int64), np.full(buckets, _CHUNK, dtype=np.int64)
    first[0], filled[0] = last, len(targets) - last * _CHUNK
    return cell_of, reached_at, after, first, filled, np.array([last + 1, _NONE, len(targets)])


@numba.njit(cache=True, nogil=True)
def _twice(old):  # type: ignore[no-untyped-def]  # compiled for cells, minutes and chunks
    new = np.empty(2 * len(old), dtype=old.dtype)
    new[: len(old)] = old
    return new
