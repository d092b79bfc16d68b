r"""Patterns of ``matches``: a subset of RE2's syntax, matched in time linear in the text, whatever the pattern.

A pattern becomes a non-deterministic automaton (Thompson 1968), which is run as the deterministic one it stands for,
built as far as texts lead into it. There is no backtracking, so no pattern can be made slow by a text; what would
need it (back references, looking around) does not exist. As in RE2, ``$`` is the end of the text and nothing else,
and ``\d``, ``\w`` and ``\s`` are ASCII.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.conditions.pattern_syntax import (
    Alternatives,
    Edge,
    Letters,
    PatternTooLarge,
    PatternUnreadable,
    Piece,
    Ranges,
    Repeat,
    Sequence_,
    read_pattern,
)

__all__ = ["Pattern", "PatternTooLarge", "PatternUnreadable"]

MOST_PIECES = 1_000
"""Most pieces of a pattern; a count such as ``{50}`` repeats what stands before it."""

MOST_MOVES = 10_000
"""How many moves are remembered before they are forgotten, so that memory stays bounded."""


@dataclass(slots=True)
class _Node:
    """A place in the automaton: reads one of some letters, forks, asks for an edge of the text, or accepts."""

    letters: Ranges | None = None
    edge: str = ""
    accepts: bool = False
    exits: list[int] = field(default_factory=list)


class _State(dict[str, "_State"]):
    """Every place the automaton can be in at once, and where each letter that was met leads."""

    __slots__ = ("_pattern", "accepts_at_end", "readers")

    def __init__(self, pattern: Pattern, readers: tuple[int, ...], *, accepts_at_end: bool) -> None:
        super().__init__()
        self._pattern = pattern
        self.readers = readers
        self.accepts_at_end = accepts_at_end

    def __missing__(self, letter: str) -> _State:
        return self._pattern.move(self, letter)


class Pattern:
    """A pattern ready to be searched for. Raises :class:`PatternUnreadable` where it cannot be one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._nodes: list[_Node] = []
        self._built = 0
        accept = self._add(_Node(accepts=True))
        self._start = self._build(read_pattern(text), accept)
        self._states: dict[frozenset[int], _State] = {}
        self._moves = 0
        self._found = _State(self, (), accepts_at_end=True)
        self._first = self._new_state([self._start], begins=True)

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        if not isinstance(text, str):
            raise TypeError("a pattern is searched for in a text")
        found = self._found
        state = self._first
        if state is found:
            return True
        for letter in text:
            state = state[letter]
            if state is found:
                return True
        return state.accepts_at_end

    def move(self, state: _State, letter: str) -> _State:
        """Find and remember where a letter leads."""
        exits = [self._nodes[index].exits[0] for index in state.readers if self._reads(index, letter)]
        target = self._state([self._start, *exits])
        if self._moves >= MOST_MOVES:
            self._forget()
        state[letter] = target
        self._moves += 1
        return target

    # --- the automaton -------------------------------------------------------------------------------------------

    def _add(self, node: _Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _build(self, piece: Piece, after: int) -> int:
        """The node at which ``piece`` begins when ``after`` is the node that follows it."""
        self._built += 1
        if self._built > MOST_PIECES:
            raise PatternTooLarge
        if isinstance(piece, Letters):
            return self._add(_Node(letters=piece.ranges, exits=[after]))
        if isinstance(piece, Edge):
            return self._add(_Node(edge=piece.which, exits=[after]))
        if isinstance(piece, Alternatives):
            return self._add(_Node(exits=[self._build(branch, after) for branch in piece.branches]))
        if isinstance(piece, Sequence_):
            for part in reversed(piece.parts):
                after = self._build(part, after)
            return after
        return self._repeat(piece, after)

    def _repeat(self, piece: Repeat, after: int) -> int:
        if piece.most is None:
            fork = self._add(_Node())
            self._nodes[fork].exits = [self._build(piece.piece, fork), after]
            after = fork
        else:
            end = after
            for _ in range(piece.most - piece.least):
                after = self._add(_Node(exits=[self._build(piece.piece, after), end]))
        for _ in range(piece.least):
            after = self._build(piece.piece, after)
        return after

    # --- running it ----------------------------------------------------------------------------------------------

    def _reach(self, starts: list[int], *, begins: bool = False, ends: bool = False) -> set[int]:
        """Every node that can be reached without reading a letter."""
        found: set[int] = set()
        waiting = list(starts)
        while waiting:
            index = waiting.pop()
            if index in found:
                continue
            found.add(index)
            node = self._nodes[index]
            passes = begins if node.edge == "begin" else ends if node.edge == "end" else node.letters is None
            if passes:
                waiting += node.exits
        return found

    def _state(self, starts: list[int]) -> _State:
        reached = frozenset(self._reach(starts))
        known = self._states.get(reached)
        if known is None:
            known = self._states[reached] = self._new_state(starts)
        return known

    def _new_state(self, starts: list[int], *, begins: bool = False) -> _State:
        reached = self._reach(starts, begins=begins)
        if any(self._nodes[index].accepts for index in reached):
            return self._found
        at_end = self._reach(starts, begins=begins, ends=True)
        return _State(
            self,
            readers=tuple(index for index in sorted(reached) if self._nodes[index].letters is not None),
            accepts_at_end=any(self._nodes[index].accepts for index in at_end),
        )

    def _reads(self, index: int, letter: str) -> bool:
        return any(low <= letter <= high for low, high in self._nodes[index].letters or ())

    def _forget(self) -> None:
        for state in self._states.values():
            state.clear()
        self._states = {}
        self._first.clear()
        self._moves = 0
