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
from step import (BLOCKS, CHUNKS, COUNT, COUNT_CHUNKS, ENTRY, FRESH, FRESH_STEP, LDO, LDV, O, P_ROWS, SKIP, STEP, STORE, V0,
                  V_EVEN, V_ODD, Step)


class Panel(Step):
    # ------------------------------------------------------------------ ends of a row block
    def merge(self, i, j):
        """Of several sets the first one gets the sum."""
        for s in range(self.t.sets - 1, 0, -1):
            self.emit(f"fadd {self.acc(i, j, s - 1)}, {self.acc(i, j, s - 1)}, {self.acc(i, j, s)}")

    def replace(self, i, j, first_step):
        """Stores an accumulator, and loads it for the next row block."""
        self.merge(i, j)
        self.to_place(STORE, i, j, f"sub {STORE}, {O}, {FRESH_STEP}")
        self.to_place(FRESH, i, j, f"mov {FRESH}, {O}")
        self.emit(f"st1w {{{self.acc(i, j, 0)}}}, {self.stored_lanes(j)}, [{STORE}, #{j}, mul vl]")
        self.fresh(i, j, FRESH, first_step)

    def store(self, i, j):
        """An accumulator, behind the panel's last step."""
        if not self.t.by_columns:
            self.to_place(STORE, i, j, None)
        row = self.last_rows()[i] if self.t.by_columns else STORE
        self.emit(f"st1w {{{self.acc(i, j, 0)}}}, {self.stored_lanes(j)}, [{row}, #{j}, mul vl]")

    def last_rows(self):
        """Registers of O's rows in the panel's last step, column by column: P's are read."""
        return [FRESH, *P_ROWS[1:self.t.rows]]

    def fresh_rows(self):
        """The same in the first step, where there are enough: P's that the tile does not have."""
        spare = P_ROWS[self.t.rows:]
        return [O, *spare[:self.t.rows - 1]] if self.t.by_columns and len(spare) >= self.t.rows - 1 else []

    @staticmethod
    def rows_from(rows):
        return [f"add {row}, {before}, {LDO}" for before, row in itertools.pairwise(rows)]

    def to_place(self, address, i, j, to_first_row):
        """Moves O's address to the row of the next place in the step's order."""
        outer, inner = self.t.line(i, j)
        if self.t.by_columns and outer > 0 and inner == 0:
            self.emit(to_first_row)
        if i > 0 and (self.t.by_columns or j == 0):
            self.emit(f"add {address}, {address}, {LDO}")

    def replaced(self, places, first_step=True):
        """What follows each FMLA, by its number: the accumulators whose places are there, in their order."""
        waiting = list(zip(places, self.order()))

        def after(number):
            while waiting and waiting[0][0] <= number:
                self.replace(*waiting.pop(0)[1], first_step)

        return after

    FIRST_SET = 1  # of several: the one of the first step

    def fresh(self, i, j, row, first_step=True):
        """Of several sets one begins with the first step's product, where that follows, and another with O, which is needed a
        step later."""
        begun = {self.FIRST_SET} if first_step and self.t.sets > 1 else set()
        own = 1 - self.FIRST_SET if self.t.sets > 1 else 0
        self.emit(f"ld1w {{{self.acc(i, j, own)}}}, {self.lanes(j)}/z, [{row}, #{j}, mul vl]")
        for s in set(range(self.t.sets)) - {own} - begun:
            self.emit(f"ld1w {{{self.acc(i, j, s)}}}, p2/z, [{V0}]")

    def last_step(self):
        """Either the end of the panel or the passage to the next row block."""
        t, s = self.t, self.t.unroll - 1
        self.label(f"last{s}")
        self.emit(f"mov {STORE}, {O}", f"subs {BLOCKS}, {BLOCKS}, #1", f"b.eq {self.ref('exit')}",
                  *self.next_rows_of(t.p_ring))
        self.passage()
        self.label("exit")
        if self.t.by_columns:  # the next panel's place takes the registers
            self.emit(f"mov {V_EVEN}, {V_ODD}", f"mov {FRESH}, {O}", *self.rows_from(self.last_rows()))
        first, *place = chain.next_place()
        self.emit(first, f"cbz {BLOCKS}, {self.ref('end')}")
        self.exit(iter(place))
        self.emit(f"add {chain.LIST_AT}, {chain.LIST_AT}, #{chain.PANEL_BYTES}", "ret")
        self.label("end")
        self.exit(self.restored())
        self.emit("ret")

    MERGED_AHEAD = 6  # accumulators of several sets whose sum stands before a store
    STORED_BEHIND = 12  # FMLAs between an accumulator's and its store, which takes the same pipe's places and waits for it

    def exit(self, extras=iter(())):
        """The panel's last step, its stores and beside them what comes next: an iterator of instructions, or None."""
        t, order, stored = self.t, self.order(), 0
        behind = self.STORED_BEHIND if t.sets == 1 else len(order)
        self.unstored = set(range(32))

        def after(number):
            # Two at a time: FMLAs that take turns with others all go to one of the pipes.
            if number % 2 == 1:
                store(max(0, number - behind + 1))
                self.emit(*filter(None, itertools.islice(extras, 2)))

        def store(count):
            nonlocal stored
            for place in order[stored:count]:
                self.store(*place)
            stored = max(stored, count)

        self.step(t.unroll - 1, (4 * (t.unroll - 1), V_EVEN), None, after)  # row by row V is there
        for number, place in enumerate(order):
            self.merge(*place)
            if t.sets > 1 and number % 2 == 1:
                store(max(0, number + 1 - self.MERGED_AHEAD))
        while stored < len(order):
            store(stored + 2)
            self.unstored = {self.acc(i, j, s) for i, j in order[stored:] for s in range(t.sets)}
            self.emit(*filter(None, itertools.islice(extras, 2)))
        self.unstored = set()
        self.emit(*filter(None, extras))

    def restored(self):
        """The caller's registers, as soon as they are free: while stores wait for their places. The last pair of general ones
        has the panel's return address."""
        lines = [text.strip() for text in chain.restore()]
        own = 0 if self.t.rows <= 4 else 2  # pairs of P's rows
        yield from lines[own:chain.SAVED_VECTORS[0] - 1]
        for (a, b), text in [*zip(chain.SAVED, lines, strict=True)][chain.SAVED_VECTORS[0]:]:
            while self.unstored & {f"z{a[1:]}.s", f"z{b[1:]}.s"} or len(self.unstored) == 32:
                yield None
            yield text
        while self.unstored:
            yield None
        yield from lines[:own]

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
        after = self.replaced(places)
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
        reloaded = self.replaced(range(len(self.order())), first_step=False)
        self.step(t.unroll - 1, (4 * (t.unroll - 1), V_ODD), (0, V_EVEN), reloaded)
        for row in P_ROWS[t.p_ring:t.rows]:
            self.emit(f"add {row}, {row}, {STEP}")
        self.emit(f"mov {V_ODD}, {V0}")
        self.to_body()

    EITHER_ROW = f"mov {V_EVEN}, {V_ODD}"  # where the body is entered, either may be the step's row

    def first_step(self, first, after):
        self.first_fmlas(first, after)
        self.emit(self.EITHER_ROW)

    def first_fmlas(self, first, after):
        """With the operands of the second one, whose row of V is in V_ODD; `after(i, j, number)` follows each FMLA."""
        begin = "fmul {}, z{}.s, z{}.s" if self.t.sets > 1 else "fmla {}, p0/m, z{}.s, z{}.s"
        for number, (i, j) in enumerate(self.order()):
            self.emit(begin.format(self.acc(i, j, self.FIRST_SET if self.t.sets > 1 else 0), self.p[i], self.v[j]))
            self.loads(i, j, (0, first), (4, V_ODD))
            after(i, j, number)

    # ------------------------------------------------------------------ the whole
    def first_place(self):
        """Begins where the place's addresses are known."""
        self.emit(f"whilelt p1.s, xzr, {chain.LANES}", f"mov {STORE}, {O}")

    def rows_of_p(self):
        return [f"add {row}, {before}, {chain.LDP}" for before, row in itertools.pairwise(P_ROWS[:self.t.rows])]

    def enter(self):
        """The first step, with O's loads between its FMLAs; the body goes on with the second one."""
        self.first_place()
        self.emit(*self.rows_of_p())
        self.first_loads()
        self.emit(*self.find_entry(), f"add {V_ODD}, {V0}, {LDV}")
        extras = self.begin()
        self.emit(self.EITHER_ROW, *extras)
        self.to_body()

    def first_loads(self):
        t = self.t
        for j in range(t.ring if t.by_columns else t.vectors):
            self.load_v(j, V0)
        for i in range(t.p_ring):
            self.load_p(i, 0)

    def begin(self):
        """The first step, and beside it what row blocks need; what is left of that."""
        t, order, extras = self.t, self.order(), iter(self.prepare())
        self.emit(*self.rows_from(self.fresh_rows()))
        self.fresh_row(*order[0])

        def after(i, j, number):
            if number + 1 < len(order):
                self.fresh_row(*order[number + 1])
            if t.line(i, j)[1] + 1 == t.inner:
                self.emit(*itertools.islice(extras, 2))

        self.first_fmlas(V0, after)
        return extras

    def find_entry(self):
        return [f"cmp {SKIP}, #{4 * (self.t.unroll - 1)}", f"ccmp w{CHUNKS[1:]}, #0, #0, eq", f"b.eq {self.ref('only_step')}"]

    def prepare(self):
        """What row blocks need."""
        return [*self.first(), *self.second_step(self.strides())]

    @staticmethod
    def second_step(between=()):
        """Where the body is entered behind the first one, whose number is in COUNT."""
        return [f"add {COUNT}, {COUNT}, #1", f"ldrsw {COUNT}, [{ENTRY}, {COUNT}, lsl #2]", *between,
                f"add {ENTRY}, {ENTRY}, {COUNT}", COUNT_CHUNKS]

    def first(self):
        """COUNT: number of the step that a row block begins with; of the second copy where there is one round. STEP: bytes
        of p's row that it passes over, less than 0. Not kept in memory: it may have left L1."""
        unroll = self.t.unroll
        return [f"adr {ENTRY}, {self.ref('table')}", COUNT_CHUNKS,
                f"sub {STEP}, {SKIP}, {COUNT}, lsl #{unroll.bit_length() + 1}", f"cmp {COUNT}, #0",
                f"lsr {COUNT}, {SKIP}, #2", f"add {FRESH_STEP}, {COUNT}, #{unroll + 1}",
                f"csel {COUNT}, {FRESH_STEP}, {COUNT}, eq"]

    def fresh_row(self, i, j, first_step=True):
        rows = self.fresh_rows()
        if not rows:
            self.to_place(STORE, i, j, f"mov {STORE}, {O}")
        self.fresh(i, j, rows[i] if rows else STORE, first_step)

    def strides(self):
        """From a row block to the next one: of O, of P."""
        return [f"mov {FRESH_STEP}, #{self.t.rows}", f"madd {STEP}, {FRESH_STEP}, {chain.LDP}, {STEP}",
                f"mul {FRESH_STEP}, {FRESH_STEP}, {LDO}"]

    def only_step(self):
        """k = 1: the first step is the last one."""
        self.label("only_step")
        self.emit(*self.rows_from(self.fresh_rows()), *self.first())
        for i, j in self.order():
            self.fresh_row(i, j, first_step=False)
        self.emit(f"mov {V_EVEN}, {V0}", f"mov {V_ODD}, {V0}", *self.second_step(self.strides()))
        self.to_body()

    def load_next(self):
        """For the last round, a branch before its use: the code that follows is the first field of the next entry."""
        self.emit(f"ldp {self.NEXT}, {chain.V_DELTA}, [{chain.LIST_AT}, #{chain.NEXT}]",
                  *([f"ldr {self.NEXT_CODE}, [{chain.LIST_AT}, #{chain.PANEL_BYTES}]"] if self.NEXT_CODE else []))

    def to_body(self):
        self.load_next()
        self.rewind()
        self.emit(f"br {ENTRY}")

    def rewind(self):
        """The body's first round is a whole one for P's rows."""
        for row in P_ROWS[:self.t.rows]:
            self.emit(f"sub {row}, {row}, {SKIP}")

    def text(self):
        t = self.t
        self.table()
        self.lines += chain.function(t.name)
        self.label("enter")
        self.enter()
        self.rounds()
        self.last_round(self.next_rows())
        self.last_step()
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
