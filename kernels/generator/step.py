"""A step of k of a panel's tile: its registers, its FMLAs with the loads between them, and the lines fetched beside it."""
import itertools

import chain
from text import Text

# General registers; chain.py has those that all panels share.
LDV, LDO, CHUNKS, SKIP = chain.LDV, chain.LDO, chain.CHUNKS, chain.SKIP
FRESH, V_EVEN, COUNT, ENTRY, STEP, STORE, V_ODD = "x0", "x1", "x6", "x10", "x11", "x12", "x13"  # FRESH: O's next row block
O, V0, BLOCKS = chain.O_FIRST, chain.V0, chain.BLOCKS
COUNT_CHUNKS = f"mov w{COUNT[1:]}, w{CHUNKS[1:]}"
FRESH_STEP = "x23"  # bytes of O from a row block to the next one
P_ROWS = [chain.P_FIRST, "x15", "x16", "x17", "x19", "x20", "x21", "x22"]


class Step(Text):
    EXTRA_EVERY = 3
    AHEAD = chain.AHEAD
    NEXT, NEXT_CODE = STORE, FRESH  # in a row block's last round: where the next panel begins (see ChainPanel), its code

    def __init__(self, tile):
        super().__init__()
        self.t = tile
        inner = [tile.accumulators + n for n in range(tile.inner)]
        outer = [tile.accumulators + tile.inner + n % tile.ring for n in range(tile.outer)]
        self.p, self.v = (inner, outer) if tile.by_columns else (outer, inner)

    # ------------------------------------------------------------------ small pieces
    def ref(self, name):
        return f".L{self.t.name}_{name}"

    def acc(self, i, j, s):
        outer, inner = self.t.line(i, j)  # stored in this order
        return f"z{(s * self.t.outer + outer) * self.t.inner + inner}.s"

    def lanes(self, j):
        return "p1" if j + 1 == self.t.vectors else "p0"

    stored_lanes = lanes

    def load_v(self, j, row):
        self.emit(f"ld1w {{z{self.v[j]}.s}}, {self.lanes(j)}/z, [{row}, #{j}, mul vl]")

    def load_p(self, i, offset):
        self.emit(f"ld1rw {{z{self.p[i]}.s}}, p0/z, [{P_ROWS[i]}, #{offset}]")

    def order(self):
        return sorted(itertools.product(range(self.t.rows), range(self.t.vectors)), key=lambda place: self.t.line(*place))

    def set_of(self, s):
        # Three sets and a power of two of steps: the last step of 16 takes the set that rested longest on both sides.
        return 1 if self.t.sets == 3 and self.t.unroll == 16 and s == 15 else s % self.t.sets

    # ------------------------------------------------------------------ one step of k
    def load_line(self, n, step):
        """`step`: the offset of p, and where the row of v is."""
        self.load_v(n, step[1]) if self.t.by_columns else self.load_p(n, step[0])

    def loads(self, i, j, here, following):
        """What follows the FMLA of (i, j): the operand of a later line of this step, or operands of the following one
        (None: there is none) in registers that this step is done with."""
        t = self.t
        outer, inner = t.line(i, j)
        if inner + 1 == t.inner:
            if outer + t.ring < t.outer:
                self.load_line(outer + t.ring, here)
            elif following:
                self.load_line(outer % t.ring, following)
        if outer + 1 == t.outer and following:
            self.load_p(i, following[0]) if t.by_columns else self.load_v(j, following[1])

    def step(self, s, here, following, after=lambda number: None):
        for number, (i, j) in enumerate(self.order()):
            self.emit(f"fmla {self.acc(i, j, self.set_of(s))}, p0/m, z{self.p[i]}.s, z{self.v[j]}.s")
            after(number)
            self.loads(i, j, here, following)

    def pointers(self, s):
        return (V_EVEN, V_ODD) if s % 2 == 0 else (V_ODD, V_EVEN)

    def prefetch_v(self):
        """A row of V that is needed some rounds of the body later; behind the last row the first ones, for the next row block
        or the next panel. Two lines of 256 bytes at most."""
        for j in sorted({0, self.t.vectors - 1}):
            yield f"prfb pldl1keep, p0, [{self.AHEAD}, #{j}, mul vl]"
        yield f"add {self.AHEAD}, {self.AHEAD}, {LDV}"

    def prefetch_o(self, at):
        """The tile's rows of O, from the one at `at` on."""
        for i in range(self.t.rows):
            for j in sorted({0, self.t.vectors - 1}):
                yield f"prfb pldl1keep, p0, [{at}, #{j}, mul vl]"
            if i + 1 < self.t.rows:
                yield f"add {at}, {at}, {LDO}"

    def next_rows(self):
        """Prefetches, for the last round of a row block: P and O of the next one; behind the last one the first rows of
        the next panel, whose place is in STORE."""
        if self.NEXT_CODE:
            yield f"prfum pldl1keep, [{self.NEXT_CODE}, #-{chain.TABLE_AT}]"
        for offset in (0, chain.PANEL_BYTES - 8):  # the next entry: a line or two
            yield f"prfm pldl1keep, [{chain.LIST_AT}, #{chain.PANEL_BYTES + offset}]"
        yield from (f"prfm pldl1keep, [sp, #{offset}]" for offset in (0, chain.FRAME - 16))  # a line or two
        yield f"lsr {COUNT}, {self.NEXT}, #32"
        yield f"add {STORE}, {chain.O_BASE}, w{self.NEXT[1:]}, uxtw"
        yield f"madd {STORE}, {COUNT}, {LDO}, {STORE}"
        yield f"madd {COUNT}, {COUNT}, {chain.LDP}, {chain.P_BASE}"
        yield f"sub {COUNT}, {COUNT}, {P_ROWS[0]}"
        yield f"add {FRESH}, {O}, {FRESH_STEP}"
        # One piece, as turn_ahead() compares, too.
        yield "\n\t".join([f"cmp {BLOCKS}, #1", *self.choose_p(), f"csel {STORE}, {FRESH}, {STORE}, gt"])
        for i in range(self.t.rows):
            yield f"prfm pldl1keep, [{P_ROWS[i]}, {COUNT}]"
        yield from self.prefetch_o(STORE)

    @staticmethod
    def choose_p():
        """From the next panel's P (COUNT) to that of the next row block, where there is one (gt): both from P_ROWS[0]."""
        return [f"csel {COUNT}, {STEP}, {COUNT}, gt"]

    P_AHEAD = 128  # bytes: so far before they are needed P's lines of 256 bytes are fetched

    def next_p(self, s):
        """Prefetches P's rows, in a round of the body: one in each step, or as many as there are for a step."""
        for i in range(s, self.t.rows, self.t.unroll):
            yield f"prfm pldl1keep, [{P_ROWS[i]}, #{self.P_AHEAD}]"

    # So many steps before it is needed V is fetched, and the configuration's rounds of the body: L2 takes 57 cycles, and what
    # comes earlier may have left when it is needed, where V fills its part of L1.
    V_AHEAD = 6

    def turn_ahead(self, count, s):
        """From V's last row to the first one of the next row block or panel, where `count` rounds are left; before step s."""
        spare, rounds = self.pointers(s)[1], 32 + self.t.unroll.bit_length() - 1
        self.emit(f"add {spare}, {V0}, {chain.V_DELTA}", f"cmp {BLOCKS}, #1", f"csel {spare}, {V0}, {spare}, gt",
                  f"cmp {count}, {CHUNKS}, lsr #{rounds}", f"csel {self.AHEAD}, {spare}, {self.AHEAD}, eq")

    def plain_step(self, s, extras=()):
        """`extras`: an iterator of instructions, of which a few go between the FMLAs."""
        here, ahead = self.pointers(s)
        self.emit(*self.to_next(s, here, ahead))
        self.emit(*self.prefetch_v())
        extras = iter(extras)

        def after(number):
            if number % self.EXTRA_EVERY == 0:
                self.emit(*itertools.islice(extras, 1))

        self.step(s, (4 * s, here), (self.next_offset(s), ahead), after)

    def to_next(self, s, here, ahead):
        """From a step's row of V to that of the next one."""
        return [f"add {ahead}, {here}, {LDV}"]

    def next_offset(self, s):
        return 4 * (s + 1)
