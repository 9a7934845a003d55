"""A tile of a panel: its size, the order in which a step of k goes over it, and what registers it takes."""
from dataclasses import dataclass

from stream import SLOTS

VECTOR_REGISTERS = 32


@dataclass(frozen=True)
class Tile:
    rows: int
    vectors: int
    sets: int
    unroll: int
    by_columns: bool = False  # a step goes over the tile column by column, else row by row
    zigzag: bool = False      # row blocks go over k upwards and downwards in turn (zigzag.py)

    @property
    def name(self):
        order = "_c" if self.by_columns else "_z" if self.zigzag else ""
        return f"svetune_panel_{self.rows}x{self.vectors}_s{self.sets}_u{self.unroll}{order}"

    @property
    def name_behind_exp2(self):
        """Of the code that begins before exp2 by columns has ended, which takes as many rows; None: there is none."""
        return f"{self.name}_behind_exp2" if self.rows == SLOTS and not self.zigzag else None

    @property
    def accumulators(self):
        return self.rows * self.vectors * self.sets

    @property
    def outer(self):
        """Lines of the tile that a step takes one after the other: rows, or columns of vectors."""
        return self.vectors if self.by_columns else self.rows

    @property
    def inner(self):
        return self.rows if self.by_columns else self.vectors

    @property
    def ring(self):
        """Registers for the operands of lines, p of a row or v of a column: lines share them in turn where there are too
        few. The operands within a line stay all the step."""
        return min(self.outer, VECTOR_REGISTERS - self.accumulators - self.inner)

    @property
    def p_ring(self):
        return self.rows if self.by_columns else self.ring

    def fits(self):
        return self.ring >= min(2, self.outer)

    def line(self, i, j):
        """Which line of which the place (i, j) is, and its number within it."""
        return (j, i) if self.by_columns else (i, j)
