"""A panel of four rows that begins before exp2 by columns has ended: both as one piece, up to the panel's first step.

The last vectors of exp2 are a chain of operations that wait for each other, and what the panel does first waits for its loads:
one behind the other they leave most slots of the floating-point pipes empty, as the reorder buffer holds little of both.
"""
import chain
from exp2_columns import PARITY, Exp2Columns
from panel import Panel
from step import ENTRY, LDV, V0, V_ODD
from weave import Weave


class PanelBehindExp2(Panel):
    def text(self):
        name, exp2 = self.t.name_behind_exp2, Exp2Columns()
        self.lines += chain.function(name)
        self.emit(f"cbnz {PARITY}, {self.ref('behind_odd')}")
        self.behind(exp2, 0)
        self.label("behind_odd")
        self.behind(exp2, 1)
        self.lines.append(f"\t.size {name}, .-{name}")
        return "\n".join(self.lines) + "\n"

    def behind(self, exp2, parity):
        """Goes on in the panel's body."""
        self.lines += Weave(exp2.ending(parity), self.emitted(self.beginning)).lines()
        self.emit(f"b.ne {exp2.ref('repeat')}", self.EITHER_ROW)  # what repeats has block and arguments still
        self.load_next()
        self.emit(f"br {ENTRY}")

    def beginning(self):
        """Addresses of the place and rows of P are there."""
        self.emit(chain.NO_LANES, chain.lanes())
        self.first_place()
        self.first_loads()
        self.emit(f"add {V_ODD}, {V0}, {LDV}")
        self.emit(*self.begin())
        self.rewind()
