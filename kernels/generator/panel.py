"""GEMM panels as assembly: o[blocks*mr x n] += p[blocks*mr x k] * v[k x n] in register tiles of mr rows x nr vectors.

The instruction order is ours, as a compiler does not keep it:
- The loads of the next step of k follow the last use of their register, so that a step does not wait for its operands.
- K may be split over several sets of accumulators, so that a small tile still has the 20 independent ones that two
  pipes of latency 9 need. They are zeroed by loads of no lane, which cost no slot of the floating-point pipes.
- The last step of a row block stores each accumulator soon after its last FMLA and loads it for the next row block:
  the pipes do not drain between blocks.
- k that is no multiple of the unroll enters the body in its middle: there is no loop for the rest, and the number of
  branches is small enough for the predictor's history.
"""
from dataclasses import dataclass

VECTOR_REGISTERS = 32
# z8-z15 last: their lower halves belong to the caller.
ALLOCATION = [*range(8), *range(16, 32), *range(8, 16)]


@dataclass(frozen=True)
class Tile:
    rows: int
    vectors: int
    sets: int
    unroll: int

    @property
    def name(self):
        return f"svetune_panel_{self.rows}x{self.vectors}_s{self.sets}_u{self.unroll}"

    @property
    def accumulators(self):
        return self.rows * self.vectors * self.sets

    @property
    def p_ring(self):
        """Registers for p's column: rows share them in turn where there are too few."""
        return min(self.rows, VECTOR_REGISTERS - self.accumulators - self.vectors)

    def fits(self):
        return self.p_ring >= min(2, self.rows)


# General registers. Only x0-x17 where the tile has at most 4 rows.
ARGS, V_EVEN, LDV, O, LDO, V0, COUNT, BLOCKS, CHUNKS, SKIP, ENTRY, STEP, STORE, V_ODD = (
    "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13")
FRESH = ARGS  # O's next row block, once the arguments are read
P_ROWS = ["x14", "x15", "x16", "x17", "x19", "x20", "x21", "x22"]


class Panel:
    STORE_LAG = 6  # FMLAs between an accumulator's last one and its store

    def __init__(self, tile):
        self.t = tile
        z = ALLOCATION
        self.v = [z[tile.accumulators + j] for j in range(tile.vectors)]
        self.p = [z[tile.accumulators + tile.vectors + i % tile.p_ring] for i in range(tile.rows)]
        self.saves_vectors = tile.accumulators + tile.vectors + tile.p_ring > 24
        self.saves_general = tile.rows > 4
        self.lines = []

    # ------------------------------------------------------------------ small pieces
    def emit(self, text):
        self.lines.append("\t" + text)

    def label(self, name):
        self.lines.append(self.ref(name) + ":")

    def ref(self, name):
        return f".L{self.t.name}_{name}"

    def acc(self, i, j, s):
        return f"z{ALLOCATION[(s * self.t.rows + i) * self.t.vectors + j]}.s"

    def lanes(self, j):
        return "p1" if j + 1 == self.t.vectors else "p0"

    def load_v(self, j, row):
        self.emit(f"ld1w {{z{self.v[j]}.s}}, {self.lanes(j)}/z, [{row}, #{j}, mul vl]")

    def load_p(self, i, offset):
        self.emit(f"ld1rw {{z{self.p[i]}.s}}, p0/z, [{P_ROWS[i]}, #{offset}]")

    def order(self):
        return [(i, j) for i in range(self.t.rows) for j in range(self.t.vectors)]

    def set_of(self, s):
        # Three sets and a power of two of steps: the last step of 16 takes the set that rested longest on both sides.
        return 1 if self.t.sets == 3 and self.t.unroll == 16 and s == 15 else s % self.t.sets

    # ------------------------------------------------------------------ one step of k
    def step(self, s, load_next_p, next_row, after=lambda number: None):
        """`load_next_p(i)` loads p of the next step into the register of row i; None: there is no next step."""
        t = self.t
        for number, (i, j) in enumerate(self.order()):
            self.emit(f"fmla {self.acc(i, j, self.set_of(s))}, p0/m, z{self.p[i]}.s, z{self.v[j]}.s")
            after(number)
            if j + 1 == t.vectors:
                if i + t.p_ring < t.rows:
                    self.load_p(i + t.p_ring, 4 * s)
                elif load_next_p:
                    load_next_p(i % t.p_ring)
            if i + 1 == t.rows and load_next_p:
                self.load_v(j, next_row)

    def pointers(self, s):
        return (V_EVEN, V_ODD) if s % 2 == 0 else (V_ODD, V_EVEN)

    def plain_step(self, s):
        here, ahead = self.pointers(s)
        self.emit(f"add {ahead}, {here}, {LDV}")
        self.step(s, lambda i: self.load_p(i, 4 * (s + 1)), ahead)

    # ------------------------------------------------------------------ ends of a row block
    def finish(self, reload):
        """What follows each FMLA of a row block's last step: stores, and loads of the next row block."""
        t = self.t
        order = self.order()

        def one(i, j):
            if t.sets == 3:
                self.emit(f"fadd {self.acc(i, j, 1)}, {self.acc(i, j, 1)}, {self.acc(i, j, 2)}")
            if t.sets >= 2:
                self.emit(f"fadd {self.acc(i, j, 0)}, {self.acc(i, j, 0)}, {self.acc(i, j, 1)}")
            if i > 0 and j == 0:
                self.emit(f"add {STORE}, {STORE}, {LDO}")
                if reload:
                    self.emit(f"add {FRESH}, {FRESH}, {LDO}")
            self.emit(f"st1w {{{self.acc(i, j, 0)}}}, {self.lanes(j)}, [{STORE}, #{j}, mul vl]")
            if reload:
                self.fresh(i, j, FRESH)

        def after(number):
            if number >= self.STORE_LAG:
                one(*order[number - self.STORE_LAG])
            if number + 1 == len(order):
                for rest in order[max(0, len(order) - self.STORE_LAG):]:
                    one(*rest)

        return after

    def fresh(self, i, j, row):
        self.emit(f"ld1w {{{self.acc(i, j, 0)}}}, {self.lanes(j)}/z, [{row}, #{j}, mul vl]")
        for s in range(1, self.t.sets):
            self.emit(f"ld1w {{{self.acc(i, j, s)}}}, p2/z, [{V0}]")

    def last_step(self):
        """Either the end of the panel or the passage to the next row block."""
        t = self.t
        s = t.unroll - 1
        self.label(f"last{s}")
        self.emit(f"mov {STORE}, {O}")
        self.emit(f"subs {BLOCKS}, {BLOCKS}, #1")
        self.emit(f"b.eq {self.ref('exit')}")
        self.emit(f"add {FRESH}, {O}, {FRESH_STEP}")
        self.emit(f"mov {O}, {FRESH}")
        self.emit(f"mov {COUNT}, {CHUNKS}")
        self.emit(f"mov {V_EVEN}, {V0}")
        for i in range(t.p_ring):
            self.emit(f"add {P_ROWS[i]}, {P_ROWS[i]}, {STEP}")
        self.step(s, lambda i: self.load_p(i, 0), V_EVEN, self.finish(reload=True))
        for i in range(t.p_ring, t.rows):
            self.emit(f"add {P_ROWS[i]}, {P_ROWS[i]}, {STEP}")
        for i in range(t.rows):
            self.emit(f"sub {P_ROWS[i]}, {P_ROWS[i]}, {SKIP}")
        self.emit(f"mov {V_ODD}, {V0}")
        self.emit(f"br {ENTRY}")
        self.label("exit")
        self.step(s, None, None, self.finish(reload=False))

    # ------------------------------------------------------------------ the whole
    def enter(self):
        t = self.t
        shift = t.unroll.bit_length() - 1
        ldp, k, n = V_EVEN, COUNT, V_ODD
        self.emit(f"ldp {P_ROWS[0]}, {ldp}, [{ARGS}]")
        self.emit(f"ldp {V0}, {LDV}, [{ARGS}, #16]")
        self.emit(f"ldp {O}, {LDO}, [{ARGS}, #32]")
        self.emit(f"ldp {k}, {n}, [{ARGS}, #48]")
        self.emit(f"ldr {BLOCKS}, [{ARGS}, #64]")
        self.emit(f"cbz {BLOCKS}, {self.ref('nothing')}")
        self.save()
        self.emit("ptrue p0.s")
        if t.vectors > 1:
            self.emit(f"cntw {STORE}, all, mul #{t.vectors - 1}")
        self.emit(f"whilelt p1.s, {STORE if t.vectors > 1 else 'xzr'}, {n}")
        if t.sets > 1:
            self.emit("pfalse p2.b")
        for i in range(1, t.rows):
            self.emit(f"add {P_ROWS[i]}, {P_ROWS[i - 1]}, {ldp}")
        self.emit(f"mov {STORE}, {O}")
        for i, j in self.order():
            if i > 0 and j == 0:
                self.emit(f"add {STORE}, {STORE}, {LDO}")
            self.fresh(i, j, STORE)
        for j in range(t.vectors):
            self.load_v(j, V0)
        for i in range(t.p_ring):
            self.load_p(i, 0)
        # Chunks of k, and the steps that the first one leaves out.
        self.emit(f"add {CHUNKS}, {k}, #{t.unroll - 1}")
        self.emit(f"neg {SKIP}, {k}")
        self.emit(f"lsr {CHUNKS}, {CHUNKS}, #{shift}")
        self.emit(f"and {SKIP}, {SKIP}, #{t.unroll - 1}")
        self.emit(f"mov {STEP}, #{t.rows}")
        self.emit(f"mul {STEP}, {STEP}, {ldp}")
        self.emit(f"sub {STEP}, {STEP}, {k}, lsl #2")
        self.emit(f"add {STEP}, {STEP}, #{4 * t.unroll}")
        self.emit(f"mov {V_EVEN}, #{t.unroll}")
        self.emit(f"subs {CHUNKS}, {CHUNKS}, #1")
        self.emit(f"csel {V_EVEN}, {V_EVEN}, xzr, eq")
        self.emit(f"add {V_EVEN}, {V_EVEN}, {SKIP}")
        self.emit(f"adr {ENTRY}, {self.ref('table')}")
        self.emit(f"ldrsw {V_ODD}, [{ENTRY}, {V_EVEN}, lsl #2]")
        self.emit(f"add {ENTRY}, {ENTRY}, {V_ODD}")
        self.emit(f"lsl {SKIP}, {SKIP}, #2")
        for i in range(t.rows):
            self.emit(f"sub {P_ROWS[i]}, {P_ROWS[i]}, {SKIP}")
        self.emit(f"mov {COUNT}, {CHUNKS}")
        self.emit(f"mov {V_EVEN}, {V0}")
        self.emit(f"mov {V_ODD}, {V0}")
        self.emit(f"mov {FRESH_STEP}, #{t.rows}")
        self.emit(f"mul {FRESH_STEP}, {FRESH_STEP}, {LDO}")
        self.emit(f"br {ENTRY}")

    def frame(self):
        return (64 if self.saves_vectors else 0) + (32 if self.saves_general else 0) + 16

    def save(self):
        self.saved("stp", "str")

    def saved(self, pair, one):
        if pair == "stp":
            self.emit(f"sub sp, sp, #{self.frame()}")
        self.emit(f"{one} {FRESH_STEP}, [sp]")
        at = 16
        if self.saves_general:
            self.emit(f"{pair} x19, x20, [sp, #{at}]")
            self.emit(f"{pair} x21, x22, [sp, #{at + 16}]")
            at += 32
        if self.saves_vectors:
            for d in range(8, 16, 2):
                self.emit(f"{pair} d{d}, d{d + 1}, [sp, #{at + 8 * (d - 8)}]")
        if pair == "ldp":
            self.emit(f"add sp, sp, #{self.frame()}")

    def text(self):
        t = self.t
        self.lines += [f"\t.globl {t.name}", f"\t.type {t.name}, %function", "\t.p2align 6", f"{t.name}:"]
        self.enter()
        for s in range(t.unroll):
            self.label(f"middle{s}")
            self.plain_step(s)
        for i in range(t.rows):
            self.emit(f"add {P_ROWS[i]}, {P_ROWS[i]}, #{4 * t.unroll}")
        self.emit(f"subs {COUNT}, {COUNT}, #1")
        self.emit(f"b.ne {self.ref('middle0')}")
        for s in range(t.unroll - 1):
            self.label(f"last{s}")
            self.plain_step(s)
        self.last_step()
        self.saved("ldp", "ldr")
        self.label("nothing")
        self.emit("ret")
        self.label("table")
        for kind in ("middle", "last"):
            for s in range(t.unroll):
                self.emit(f".word {self.ref(kind + str(s))} - {self.ref('table')}")
        self.lines.append(f"\t.size {t.name}, .-{t.name}")
        return "\n".join(self.lines) + "\n"


FRESH_STEP = "x23"  # bytes of O from a row block to the next
