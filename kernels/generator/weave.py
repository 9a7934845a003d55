"""Two pieces of straight-line assembly as one: a list scheduler that gives out vector registers on the way.

The first piece ends what is under way, the second one begins what follows; neither needs the other's values. Each was written
as if all registers were its own. Values of the first one get registers that are free, and that the second piece needs last;
those of the second one keep the registers that they were written with, and begin as soon as these are free and the first piece
has enough to go on. General registers, predicates and flags keep their names, and the order of those who share them.
"""
import re
from dataclasses import dataclass, field

from schedule import link, ordered, units_of

VECTORS = 32
# Of the schedule, in cycles, by a search with the core model of A64FX: by how much the second piece is preferred, behind which
# all goes on; and how long what stands before the first one takes half of a floating-point pipe, as it is not done yet.
SECOND_PREFERRED, UNDER_WAY = 38, 8


@dataclass(eq=False)
class Value:
    """What a vector register holds from its first write to its last use."""
    name: int               # the register that it was written with
    maker: int | None       # unit; None: it was there before
    color: int | None = None  # the register that it gets
    stays: bool = False     # behind both pieces, in its own register
    uses: set = field(default_factory=set)  # units to come, its maker among them


def vectors(names):
    return [int(name[1:]) for name in names if name[0] == "z"]


class Weave:
    def __init__(self, first, second):
        self.boundary = len(units_of(first))
        self.units = units_of([*first, *second])
        self.find_values()
        self.find_order()
        self.taken = {value.color: value for value in self.before if value.uses}  # registers
        self.done = set()

    def find_values(self):
        """Which values each unit reads, writes and begins."""
        now = {r: Value(r, None, r) for r in range(VECTORS)}
        self.before = list(now.values())
        self.read, self.written, self.begun, self.touched = [], [], [], []
        for i, unit in enumerate(self.units):
            read = {r: now[r] for r in vectors(unit.read)}
            written = {r: read[r] if r in read and len(unit.texts) == 1 else Value(r, i) for r in vectors(unit.written)}
            now |= written
            self.read.append(read)
            self.written.append(written)
            self.begun.append([value for value in written.values() if value.maker == i])
            self.touched.append(list(dict.fromkeys([*read.values(), *written.values()])))
            for value in self.touched[i]:
                value.uses.add(i)
        for value in now.values():
            value.stays = value.maker is not None and value.maker >= self.boundary

    def find_order(self):
        """Vectors of the first piece are in order where values are: their registers are given out anew."""
        def operands(i, registers):
            if i >= self.boundary:
                return registers
            values = self.read[i] if registers is self.units[i].read else self.written[i]
            return [values[int(r[1:])] if r[0] == "z" else r for r in registers]

        link(self.units, operands)

    # ------------------------------------------------------------------ registers
    def color(self, i):
        """Gives the values that unit i begins their registers: False if there are none for them now."""
        for value in self.begun[i]:
            free = {r for r in range(VECTORS) if r not in self.taken}
            if len(self.units[i].texts) == 1:  # MOVPRFX's must be no operand of what follows
                free |= {v.color for v in self.read[i].values() if v.uses == {i} and not v.stays}
            in_turn = i < self.boundary and not any(j not in self.done for j in range(i))
            if not in_turn and len(free) <= self.still_needed(i):
                return False
            if value.stays or i >= self.boundary:
                free &= {value.name}
            # Of the others the one whose own value comes last.
            value.color = max(free, key=lambda r: (self.own_value(r), r), default=None)
            if value.color is None:
                return False
        self.taken.update({value.color: value for value in self.begun[i]})
        return True

    def own_value(self, register):
        """The first unit to come that needs just this register."""
        return min((i for i in range(self.boundary, len(self.units)) for value in self.begun[i]
                    if value.name == register and value.color is None), default=len(self.units))

    def still_needed(self, unit):
        """How many more registers the rest of the first piece takes at most in its own order, behind `unit`."""
        held = peak = 0
        left = {}
        for i in range(self.boundary):
            if i in self.done or i == unit:
                continue
            held += len(self.begun[i])
            peak = max(peak, held)
            for v in self.touched[i]:
                if v not in left:
                    left[v] = len(v.uses) - (unit in v.uses)
                left[v] -= 1
                held -= left[v] == 0
        return peak

    # ------------------------------------------------------------------ the whole
    def lines(self):
        """Both pieces."""
        order = ordered(self.units, self.admit, lambda i: SECOND_PREFERRED * (i >= self.boundary), UNDER_WAY)
        return ["\t" + text for i in order for text in self.renamed(i)]

    def admit(self, i):
        if not self.color(i):
            return False
        self.done.add(i)
        self.use(i)
        return True

    def use(self, i):
        for value in self.touched[i]:
            value.uses.remove(i)
            if not value.uses and not value.stays and self.taken.get(value.color) is value:
                del self.taken[value.color]

    def renamed(self, i):
        """With the registers' new names: the first one is what the unit writes, if it writes any."""
        texts = self.units[i].texts
        for n, text in enumerate(texts):
            names = iter(re.findall(r"\bz(\d+)", text))
            first = [self.written[i]] if self.written[i] and not re.match(r"st|prf", text) else []
            colors = [(first.pop() if first else self.read[i])[int(name)].color for name in names]
            yield re.sub(r"\bz\d+", lambda _: f"z{colors.pop(0)}", text)
