"""GEMM panels as assembly, the links of a chain: o[blocks*mr x n] += p[blocks*mr x k] * v[k x n] in register tiles of mr rows x
nr vectors.

The instruction order is ours, as a compiler does not keep it:
- A step goes over the tile line by line, rows or columns (tile.py): the operands within a line stay in registers, those of the
  lines come through a ring.
- The loads of the next step of k follow the last use of their register, so that a step does not wait for its operands.
- K may be split over several sets of accumulators, so that a small tile still has the 20 independent ones that two
  pipes of latency 9 need. They are zeroed by loads of no lane, which cost no slot of the floating-point pipes.
- The last step of a row block and the first one of the next are one piece, in which the accumulators are stored and
  loaded: the pipes do not drain between blocks.
- k that is no multiple of the unroll enters the body in its middle: there is no loop for the rest, and the number of
  branches is small enough for the predictor's history.
"""
import itertools

import chain

# General registers; chain.py has those that all panels share.
LDV, LDO, CHUNKS, SKIP = chain.LDV, chain.LDO, chain.CHUNKS, chain.SKIP
FRESH, V_EVEN, COUNT, ENTRY, STEP, STORE, V_ODD = "x0", "x1", "x6", "x10", "x11", "x12", "x13"  # FRESH: O's next row block
O, V0, BLOCKS = chain.O_FIRST, chain.V0, chain.BLOCKS
COUNT_CHUNKS = f"mov w{COUNT[1:]}, w{CHUNKS[1:]}"
P_ROWS = [chain.P_FIRST, "x15", "x16", "x17", "x19", "x20", "x21", "x22"]


class Panel:
    EXTRA_EVERY = 3
    AHEAD = chain.AHEAD
    NEXT, NEXT_CODE = STORE, FRESH  # in a row block's last round: where the next panel begins (see ChainPanel), its code

    def __init__(self, tile):
        self.t = tile
        inner = [tile.accumulators + n for n in range(tile.inner)]
        outer = [tile.accumulators + tile.inner + n % tile.ring for n in range(tile.outer)]
        self.p, self.v = (inner, outer) if tile.by_columns else (outer, inner)
        self.lines = []

    # ------------------------------------------------------------------ small pieces
    def emit(self, *texts):
        self.lines += ["\t" + text for text in texts]

    def label(self, name):
        self.lines.append(self.ref(name) + ":")

    def ref(self, name):
        return f".L{self.t.name}_{name}"

    def acc(self, i, j, s):
        return f"z{(s * self.t.rows + i) * self.t.vectors + j}.s"

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

    # ------------------------------------------------------------------ ends of a row block
    def replace(self, i, j, reload):
        """Stores an accumulator, and loads it for the next row block."""
        t = self.t
        if t.sets == 3:
            self.emit(f"fadd {self.acc(i, j, 1)}, {self.acc(i, j, 1)}, {self.acc(i, j, 2)}")
        if t.sets >= 2:
            self.emit(f"fadd {self.acc(i, j, 0)}, {self.acc(i, j, 0)}, {self.acc(i, j, 1)}")
        self.to_place(STORE, i, j, f"sub {STORE}, {O}, {FRESH_STEP}" if reload else f"mov {STORE}, {FRESH}")
        if reload:
            self.to_place(FRESH, i, j, f"mov {FRESH}, {O}")
        self.emit(f"st1w {{{self.acc(i, j, 0)}}}, {self.stored_lanes(j)}, [{STORE}, #{j}, mul vl]")
        if reload:
            self.fresh(i, j, FRESH)

    def to_place(self, address, i, j, to_first_row):
        """Moves O's address to the row of the next place in the step's order."""
        outer, inner = self.t.line(i, j)
        if self.t.by_columns and outer > 0 and inner == 0:
            self.emit(to_first_row)
        if i > 0 and (self.t.by_columns or j == 0):
            self.emit(f"add {address}, {address}, {LDO}")

    def replaced(self, places, reload):
        """What follows each FMLA, by its number: the accumulators whose places are there, in their order."""
        waiting = list(zip(places, self.order()))

        def after(number):
            while waiting and waiting[0][0] <= number:
                self.replace(*waiting.pop(0)[1], reload)

        return after

    def finish(self, reload):
        """For a last step by itself: each accumulator behind its last FMLA."""
        return self.replaced(range(len(self.order())), reload)

    def fresh(self, i, j, row):
        self.emit(f"ld1w {{{self.acc(i, j, 0)}}}, {self.lanes(j)}/z, [{row}, #{j}, mul vl]")
        for s in range(1, self.t.sets):
            self.emit(f"ld1w {{{self.acc(i, j, s)}}}, p2/z, [{V0}]")

    def last_step(self):
        """Either the end of the panel or the passage to the next row block."""
        t, s = self.t, self.t.unroll - 1
        self.label(f"last{s}")
        self.emit(f"mov {STORE}, {O}", f"subs {BLOCKS}, {BLOCKS}, #1", f"b.eq {self.ref('exit')}",
                  *self.next_rows_of(t.p_ring))
        self.passage()
        self.label("exit")
        here = V_ODD
        if t.by_columns:  # the next panel's place takes the registers
            here = V_EVEN
            self.emit(f"mov {V_EVEN}, {V_ODD}", f"mov {FRESH}, {O}")
        # The next panel's place is looked up beside the last step.
        finish, place = self.finish(reload=False), iter(chain.next_place())

        def after(number):
            self.emit(*itertools.islice(place, 1))
            finish(number)

        self.step(s, (4 * s, here), None, after)
        self.emit(*place)

    @staticmethod
    def next_rows_of(p_ring):
        """To the next row block, but for rows of P that are loaded later."""
        return [f"add {FRESH}, {O}, {FRESH_STEP}", f"mov {O}, {FRESH}",
                *(f"add {row}, {row}, {STEP}" for row in P_ROWS[:p_ring])]

    def passage(self):
        """The last step of a row block and the first one of the next, with the stores of one and the loads of the other
        spread over both: a write keeps loads from the cache, and stores take turns with FMLAs in one of the pipes."""
        t, count = self.t, len(self.order())
        step = (2 * count - 3) / max(1, count - 1)
        places = [min(max(int(n * step), n + 1), count + n - 1) for n in range(count)]
        after = self.replaced(places, reload=True)
        first = self.first_row()
        self.step(t.unroll - 1, (4 * (t.unroll - 1), V_ODD), (0, first), after)
        self.emit(f"add {V_ODD}, {first}, {LDV}", COUNT_CHUNKS)
        for row in P_ROWS[t.p_ring:t.rows]:
            self.emit(f"add {row}, {row}, {STEP}")
        self.first_step(first, lambda i, j, number: after(count + number))
        self.to_body()

    def first_row(self):
        """Register of the next row block's first row of V."""
        return V0

    def only_passage(self):
        """k = 1: each step is a last one."""
        t = self.t
        self.label("only_last")
        self.turn_ahead("xzr", t.unroll - 1)
        self.emit(f"mov {STORE}, {O}", f"subs {BLOCKS}, {BLOCKS}, #1", f"b.eq {self.ref('exit')}", *self.next_rows_of(t.p_ring),
                  COUNT_CHUNKS, f"mov {V_EVEN}, {V0}")
        self.step(t.unroll - 1, (4 * (t.unroll - 1), V_ODD), (0, V_EVEN), self.finish(reload=True))
        for row in P_ROWS[t.p_ring:t.rows]:
            self.emit(f"add {row}, {row}, {STEP}")
        self.emit(f"mov {V_ODD}, {V0}")
        self.to_body()

    def first_step(self, first, after):
        """With the operands of the second one, whose row of V is in V_ODD; `after(i, j, number)` follows each FMLA."""
        for number, (i, j) in enumerate(self.order()):
            self.emit(f"fmla {self.acc(i, j, 0)}, p0/m, z{self.p[i]}.s, z{self.v[j]}.s")
            self.loads(i, j, (0, first), (4, V_ODD))
            after(i, j, number)
        self.emit(f"mov {V_EVEN}, {V_ODD}")  # where the body is entered, either may be the step's row

    # ------------------------------------------------------------------ the whole
    def rows(self):
        """Begins where the place's addresses are known."""
        self.emit(f"whilelt p1.s, xzr, {chain.LANES}", f"mov {STORE}, {O}")
        for i in range(1, self.t.rows):
            self.emit(f"add {P_ROWS[i]}, {P_ROWS[i - 1]}, {chain.LDP}")

    def enter(self):
        """The first step, with O's loads between its FMLAs; the body goes on with the second one."""
        t = self.t
        self.rows()
        for j in range(t.ring if t.by_columns else t.vectors):
            self.load_v(j, V0)
        for i in range(t.p_ring):
            self.load_p(i, 0)
        self.emit(*self.find_entry(), f"add {V_ODD}, {V0}, {LDV}")
        extras = iter(self.prepare())
        order = self.order()
        self.fresh_row(*order[0])

        def after(i, j, number):
            if number + 1 < len(order):
                self.fresh_row(*order[number + 1])
            if t.line(i, j)[1] + 1 == t.inner:
                self.emit(*itertools.islice(extras, 2))

        self.first_step(V0, after)
        self.emit(*extras)
        self.to_body()

    def find_entry(self):
        return [f"adr {ENTRY}, {self.ref('table')}", *self.first(), f"cmp {COUNT}, #{2 * self.t.unroll}",
                f"b.eq {self.ref('only_step')}"]

    def prepare(self):
        """What row blocks need."""
        return [f"add {COUNT}, {COUNT}, #1", f"ldrsw {COUNT}, [{ENTRY}, {COUNT}, lsl #2]", *self.strides(),
                f"add {ENTRY}, {ENTRY}, {COUNT}", COUNT_CHUNKS]

    def first(self):
        """COUNT: number of the step that a row block begins with; of the second copy where there is one round. STEP: bytes
        of p's row that it passes over, less than 0. Not kept in memory: it may have left L1."""
        unroll = self.t.unroll
        return [COUNT_CHUNKS, f"sub {STEP}, {SKIP}, {COUNT}, lsl #{unroll.bit_length() + 1}", f"cmp {COUNT}, #0",
                f"lsr {COUNT}, {SKIP}, #2", f"add {FRESH_STEP}, {COUNT}, #{unroll + 1}",
                f"csel {COUNT}, {FRESH_STEP}, {COUNT}, eq"]

    def fresh_row(self, i, j):
        self.to_place(STORE, i, j, f"mov {STORE}, {O}")
        self.fresh(i, j, STORE)

    def strides(self):
        """From a row block to the next one: of O, of P."""
        return [f"mov {FRESH_STEP}, #{self.t.rows}", f"madd {STEP}, {FRESH_STEP}, {chain.LDP}, {STEP}",
                f"mul {FRESH_STEP}, {FRESH_STEP}, {LDO}"]

    def only_step(self):
        """k = 1: the first step is the last one."""
        self.label("only_step")
        for i, j in self.order():
            self.fresh_row(i, j)
        self.emit(f"mov {V_EVEN}, {V0}", f"mov {V_ODD}, {V0}", f"add {COUNT}, {COUNT}, #1",
                  f"ldrsw {COUNT}, [{ENTRY}, {COUNT}, lsl #2]", *self.strides(), f"add {ENTRY}, {ENTRY}, {COUNT}", COUNT_CHUNKS)
        self.to_body()

    def load_next(self):
        """For the last round, a branch before its use: the code that follows is the first field of the next entry."""
        self.emit(f"ldp {self.NEXT}, {chain.V_DELTA}, [{chain.LIST_AT}, #{chain.NEXT}]",
                  *([f"ldr {self.NEXT_CODE}, [{chain.LIST_AT}, #{chain.PANEL_BYTES}]"] if self.NEXT_CODE else []))

    def to_body(self):
        self.load_next()
        for row in P_ROWS[:self.t.rows]:
            self.emit(f"sub {row}, {row}, {SKIP}")
        self.emit(f"br {ENTRY}")

    def leave(self):
        """To the next panel, whose place is known."""
        self.emit(f"add {chain.LIST_AT}, {chain.LIST_AT}, #{chain.PANEL_BYTES}", "ret")

    def text(self):
        t = self.t
        self.table()
        self.lines += chain.function(t.name)
        self.label("enter")
        self.enter()
        self.rounds()
        self.last_round(self.next_rows())
        self.last_step()
        self.leave()
        self.other_entries()
        self.lines.append(f"\t.size {t.name}, .-{t.name}")
        return "\n".join(self.lines) + "\n"

    def rounds(self):
        """All but a row block's last one: a loop, which is entered anywhere."""
        self.round("middle", self.next_p)
        self.emit(f"subs {COUNT}, {COUNT}, #1")
        self.emit(f"b.ne {self.ref('middle0')}")

    def round(self, name, extras_of):
        """One of them; `extras_of(s)`: an iterator, see plain_step()."""
        for s in range(self.t.unroll):
            self.label(f"{name}{s}")
            if s == self.t.unroll - self.V_AHEAD:
                self.turn_in_round()
            self.plain_step(s, extras_of(s))
        self.label(f"{name}_end")
        self.advance_p()

    def last_round(self, extras=()):
        """But for its last step."""
        for s in range(self.t.unroll - 1):
            self.label(f"last{s}")
            if s == self.t.unroll - self.V_AHEAD:
                self.turn_in_last()
                self.emit(*self.prefetch_v(), *self.prefetch_v())  # the last step and the first one fetch nothing
            self.plain_step(s, extras)

    def turn_in_round(self):
        self.turn_ahead(COUNT, self.t.unroll - self.V_AHEAD)

    def turn_in_last(self):
        self.turn_ahead("xzr", self.t.unroll - self.V_AHEAD)

    def advance_p(self):
        """To the next round."""
        for row in P_ROWS[:self.t.rows]:
            self.emit(f"add {row}, {row}, #{4 * self.t.unroll}")

    def other_entries(self):
        self.only_step()
        self.only_passage()
        for s in self.behind_turn():
            self.label(f"late{s}")
            self.turn_ahead("xzr", s)
            self.emit(f"b {self.ref(f'last{s}')}")

    def behind_turn(self):
        """Last steps that are not entered as such before V's last row has been fetched."""
        return range(self.t.unroll - self.V_AHEAD + 1, self.t.unroll)

    LINE = 256

    def table(self):
        """Where a row block enters the body, by its first step: in the line of memory before the code, so that who knows the
        code can fetch it."""
        unroll = self.t.unroll
        last = [f"late{s}" if s in self.behind_turn() else f"last{s}" for s in range(unroll)]
        places = [*(f"middle{s}" for s in range(unroll)), "middle_end", *last, "only_last"]
        self.emit(f".p2align {self.LINE.bit_length() - 1}", f".skip {self.LINE - 4 * len(places)}")
        self.label("table")
        self.emit(*(f".word {self.ref(place)} - {self.ref('table')}" for place in places))


FRESH_STEP = "x23"  # bytes of O from a row block to the next
