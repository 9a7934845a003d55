"""What the heads of a chain share, which compute p[rows x n] = exp2(s * scale - max): constants of rows, and their registers.

Method, its seven operations and its bounds are `fexpa` of micro/exp2_core.hpp.
"""
import re

import chain
from schedule import scheduled
from stream import SLOTS
from text import Text

SCALE, LOWEST = 0, (1, 2)  # the least z in two chains: each FMIN waits for the one before

# Fields of Exp2Literals, in their order.
LITERALS = ("shift", "k1", "k2_0", "k3", "c0_0", "c0_1", "c0_2", "c1_0", "c1_1", "largest", "start", "least")

BLOCK, ARGS = chain.BLOCK, chain.ARGS


class Exp2(Text):
    """`pipeline`: order and registers of the operations; `operation(o, step)` of those that derive from this emits one."""

    def __init__(self, pipeline):
        super().__init__()
        self.pipeline = pipeline

    def ref(self, name):
        return f".L{chain.WITH_EXP2}_{name}"

    @staticmethod
    def literal(register, name, block=0):
        return f"ld1rw {{z{register}.s}}, p0/z, [{BLOCK}, #{block + chain.LITERALS + 4 * LITERALS.index(name)}]"

    def load_literals(self, names):
        self.emit(*(self.literal(names[name], name) for name in LITERALS if name in names))

    def scheduled(self, emit):
        self.lines += scheduled(self.emitted(emit))

    # ------------------------------------------------------------------ registers
    def operations(self, stages):
        return [o for o in self.pipeline.operations if o.stage in stages]

    def touched_by(self, o, step):
        """Numbers of an operation's vector registers."""
        text = "\n".join(self.emitted(lambda: self.operation(o, step)))
        return {int(r) for r in re.findall(r"\bz(\d+)", text)}

    def touched(self, step, stages):
        return set().union(*(self.touched_by(o, step) for o in self.operations(stages)))

    def first_uses(self, free):
        """When the first two steps touch each vector register first, in vectors."""
        uses = dict.fromkeys(free, 2 * SLOTS)
        for step, stages in ((0, {0}), (1, {0, 1})):
            for o in self.operations(stages):
                for register in self.touched_by(o, step):
                    uses[register] = min(uses.get(register, 2 * SLOTS), SLOTS * step + o.place)
        return uses

    # ------------------------------------------------------------------ constants of a vector's number of rows, a row a lane
    def delta(self, names):
        """From maxima: the bias of z, and what rounding left out of it."""
        bias, shift, delta, maximum = (f"z{names[name]}.s" for name in ("bias", "shift", "delta", "max"))
        self.emit(f"fsub {bias}, {shift}, {maximum}", f"fsub {delta}, {shift}, {bias}", f"fsub {delta}, {maximum}, {delta}")

    def constants(self, names):
        """Behind delta(). `names`: registers, also of the literals; those of results may be the ones of the literals they begin
        with."""
        z = {name: f"z{register}" for name, register in names.items()}

        def op(text, *operands):
            self.emit(text.format(*(z[name] for name in operands)))

        def add(result, start, *factors):
            if names[result] != names[start]:
                op("movprfx {}, {}", result, start)
            op("fmla {}.s, p0/m, {}.s, {}.s", result, *factors)

        op("fmul {0}.s, {1}.s, {1}.s", "square", "delta")
        add("c1", "c1_0", "c1_1", "delta")
        add("c0", "c0_0", "c0_1", "delta")
        add("k2", "k2_0", "k3", "delta")
        op("fmul {}.s, {}.s, {}.s", "k", "k1", "delta")
        self.ordinary(z["max"], z["largest"])
        op("fmla {}.s, p0/m, {}.s, {}.s", "c0", "c0_2", "square")
        op("fmla {}.s, p0/m, {}.s, {}.s", "k", "k2", "square")
