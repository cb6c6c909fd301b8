"""A filter on system calls, run as the kernel runs it."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from verifier.sandbox.walls import bpf

_WORD = 1 << 32


@dataclass(slots=True)
class Run:
    """One run of a program over one call."""

    words: bytes
    """The call: number, architecture, place and arguments, as the kernel lays them out."""
    loaded: int = 0
    beside: int = 0
    at: int = 0
    stored: dict[int, int] = field(default_factory=dict)

    def answer(self, program: bytes) -> int:
        """Go from instruction to instruction until one returns."""
        code = list(struct.iter_unpack("HBBI", program))
        while True:
            operation, then, otherwise, value = code[self.at]
            self.at += 1
            if operation == bpf.RETURN:
                return int(value)
            if operation == bpf.JUMP:
                self.at += value
            elif (met := self._meets(operation, value)) is not None:
                self.at += then if met else otherwise
            elif not self._moves(operation, value):
                self.loaded = self._computed(operation, value) % _WORD

    def _meets(self, operation: int, value: int) -> bool | None:
        """Whether a condition is met; None if it is none."""
        return {
            bpf.JUMP_EQUAL: self.loaded == value,
            bpf.JUMP_AT_LEAST: self.loaded >= value,
            bpf.JUMP_AT_LEAST_X: self.loaded >= self.beside,
            bpf.JUMP_ANY_BIT: bool(self.loaded & value),
        }.get(operation)

    def _moves(self, operation: int, value: int) -> bool:
        if operation == bpf.TO_X:
            self.beside = self.loaded
        elif operation == bpf.STORE:
            self.stored[value] = self.loaded
        else:
            return False
        return True

    def _computed(self, operation: int, value: int) -> int:
        if operation == bpf.LOAD:
            return int(struct.unpack_from("I", self.words, value)[0])
        if operation == bpf.LOAD_STORED:
            return self.stored[value]
        return {
            bpf.FROM_X: self.beside,
            bpf.ADD: self.loaded + value,
            bpf.ADD_X: self.loaded + self.beside,
            bpf.SUBTRACT: self.loaded - value,
            bpf.OR_X: self.loaded | self.beside,
            bpf.XOR: self.loaded ^ value,
            bpf.SHIFT_LEFT: self.loaded << value % 32,
            bpf.SHIFT_RIGHT: self.loaded >> value % 32,
        }[operation]
