"""GEMM of whole row blocks with exp2 of the next one inside: o[blocks*mr x d] += p * v, tile after tile of a row block, then
the next row block. micro/interleaved.hpp has the operands.

exp2 of the next row block's P (two buffers take turns) is issued between the FMAs of this one, a vector of each row in a
round of `unroll` steps of k, where a round is as many steps as a vector has floats. So no broadcast ever waits for a store,
and operations of exp2 go where a latency-bound tile leaves the pipes idle. `parts` tiles of the row block share its rows:
each has a copy of the body for its own rows (carry.py), the others run the plain copy, copy 0.

Rounds in which k is ragged are entered in the middle, in the plain copy; what is then left of exp2, less than a vector a row,
is a loop by itself.
"""
import itertools
from dataclasses import dataclass, replace

import chain
from carry import ROW_BYTES, Carry, Pointers, one_vector, operations
from panel import Panel
from tile import Tile, VECTOR_REGISTERS

# InterleavedBlock: pairs of 8 bytes, but for those that stand alone.
BLOCKS_AT, ROWS_AT, TILES_AT, NARROW_AT, COLUMNS_AT = 0, 8, 16, 24, 32
P_AT, OTHER_AT, WHOLE_AT, SKIPPED_AT, REST_AT, FIRST_AT = 40, 56, 64, 72, 80, 88
# On the stack, above the saved registers.
V_BASE, S_BASE, TABLE, ROW, STEP_O, S_NEXT, PLAIN, SCALE, STEP_S, FRAME = (chain.FRAME + 8 * i for i in range(10))

FRESH, V_EVEN, LDV, O, LDO, V0, COUNT, TILE = (f"x{i}" for i in range(8))
COL, BLOCKS, O_ROW, TMP, STORE, V_ODD = (f"x{i}" for i in range(8, 14))
P_ROWS = ["x14", "x15", "x16", "x17", "x19"]
S, P, TABLE_ROW, LDS, S_ROUND, P_ROUND, P_HERE, P_OTHER, LDP, BLOCK, CARRY = (f"x{i}" for i in range(20, 31))
AHEAD, TMP2, TMP3 = FRESH, STORE, CARRY  # where their own use is over, or has not begun
S_AHEAD = TMP  # in copies that carry exp2: from a row block of S to the next one, which is fetched
ARGS = "x1"

MASKED = {-1: "p1", -2: "p2"}  # lanes of the tile's last vectors
NEXT = {-1: "p3", -2: "p4"}    # of the next tile's
KEPT = (5, 6, 7)               # lanes of exp2
LEAST = 0x48400040  # z of the smallest normal result: kLowest of micro/exp2_core.hpp


@dataclass(frozen=True)
class InterleavedTile(Tile):
    parts: int = 1

    @property
    def name(self):
        return f"svetune_interleaved_{self.rows}x{self.vectors}_p{self.parts}_u{self.unroll}"

    MOST_ROWS, CARRIED = len(P_ROWS), 6  # registers for exp2: with one less it waits for registers

    @property
    def ring(self):
        return min(self.rows, VECTOR_REGISTERS - self.accumulators - self.vectors - self.CARRIED)

    def fits(self):
        return 2 <= self.rows <= self.MOST_ROWS and self.ring >= 1 and self.parts <= self.rows

    def rows_of(self, part):
        """The rows of exp2 that a tile carries, as evenly as they go."""
        cut = [self.rows * i // self.parts for i in range(self.parts + 1)]
        return range(cut[part], cut[part + 1])


class Interleaved(Panel):
    AHEAD = AHEAD

    def __init__(self, tile):
        super().__init__(tile)
        used = tile.accumulators + tile.vectors + tile.p_ring
        self.carry = Carry.of(tuple(range(used, VECTOR_REGISTERS)), KEPT)
        self.at = Pointers(S, LDS, P, LDP, TABLE_ROW, f"sp, #{SCALE}", S_AHEAD)
        self.entering = False  # whether loads are those of the tile that comes

    # ------------------------------------------------------------------ what differs from a panel
    def masked(self, j, names):
        return names.get(j - self.t.vectors, "p0")

    def lanes(self, j):
        return self.masked(j, NEXT if self.entering else MASKED)

    def stored_lanes(self, j):
        return self.masked(j, MASKED)

    # ------------------------------------------------------------------ the body
    def body(self, copy, kind, steps, extras=()):
        """Steps of k under labels of their own. A copy that carries exp2 has it between the second step and the last but
        one: what lies outside of that belongs to passages."""
        t, count = self.t, self.t.accumulators
        waiting = []
        if copy > 0:
            waiting = operations(t.rows_of(copy - 1), (t.unroll - 2) * count / 2, self.carry, self.at)
        extras = iter(extras)
        for s in steps:
            self.label(f"{kind}{copy}_{s}")
            if copy > 0 and s == 1 and kind == "m":
                self.emit(*self.begin_round(), f"addvl {S_ROUND}, {S_ROUND}, #1", f"addvl {P_ROUND}, {P_ROUND}, #1")
            here, ahead = self.pointers(s)
            self.emit(f"add {ahead}, {here}, {LDV}")
            self.emit(*self.prefetch_v())

            def after(number, s=s):
                while waiting and s >= 1 and waiting[0][0] <= ((s - 1) * count + number) / 2:
                    self.emit(*waiting.pop(0)[1])
                if number % (1 if kind == "l" and s < 2 else self.EXTRA_EVERY) == 0:
                    self.emit(*itertools.islice(extras, 1))

            self.step(s, (4 * s, here), (4 * (s + 1), ahead), after)
            if s == t.unroll - 2:
                for _, texts in waiting:
                    self.emit(*texts)
                waiting = []
        self.emit(*extras)

    def step_bytes(self):
        """Bytes of a step of the plain copy, which is entered in its middle: all are as long."""
        lines = self.emitted(lambda: self.body(0, "m", range(self.t.unroll)))
        labels = [i for i, line in enumerate(lines) if line.endswith(":")] + [len(lines)]
        lengths = {end - begin - 1 for begin, end in zip(labels, labels[1:])}
        assert len(lengths) == 1, "steps of several lengths"
        return 4 * lengths.pop()

    def copies(self):
        """Each a loop over rounds and the last round of a tile; the last step of all is one."""
        t = self.t
        for copy in [*range(1, t.parts + 1), 0]:
            self.body(copy, "m", range(t.unroll))
            self.label(f"round{copy}")
            for row in P_ROWS[:t.rows]:
                self.emit(f"add {row}, {row}, #{4 * t.unroll}")
            self.emit(f"subs {COUNT}, {COUNT}, #1")
            if copy == 0:
                self.emit(f"cbnz {CARRY}, {self.ref('carry_on')}")
            self.emit(f"b.ne {self.ref(f'm{copy}_0')}")
            self.label(f"tail{copy}")
            if copy > 0:
                self.emit(*self.begin_round())
            self.body(copy, "l", range(t.unroll - 1), [*self.next_tile(S_ROUND), *self.fetch_o()])
            if copy > 0:
                self.emit(f"b {self.ref('end')}")
        self.label("end")

    @staticmethod
    def begin_round():
        return [f"mov {S}, {S_ROUND}", f"mov {P}, {P_ROUND}"]

    def fetch_o(self):
        yield f"add {TMP2}, {O_ROW}, {COL}"
        yield from self.prefetch_o(TMP2)

    def next_tile(self, tmp):
        """Where the next tile is: columns, row block, buffer of P; its lanes. Tiles of `vectors` come before narrower
        ones."""
        v = self.t.vectors
        return [f"ldr {TMP2}, [{BLOCK}, #{NARROW_AT}]", f"addvl {tmp}, {COL}, #{v}", f"sub {TILE}, {TILE}, #1",
                  f"addvl {COL}, {COL}, #{v - 1}", f"cmp {TILE}, {TMP2}", f"csel {COL}, {COL}, {tmp}, lt",
                  f"ldr {tmp}, [sp, #{STEP_O}]", f"ldr {TMP2}, [{BLOCK}, #{TILES_AT}]", f"cmp {TILE}, #0",
                  f"csel {COL}, xzr, {COL}, eq", f"add {tmp}, {tmp}, {O_ROW}", f"csel {O_ROW}, {tmp}, {O_ROW}, eq",
                  f"csel {TILE}, {TMP2}, {TILE}, eq", f"cset {TMP2}, eq", f"sub {BLOCKS}, {BLOCKS}, {TMP2}",
                  f"csel {tmp}, {P_OTHER}, {P_HERE}, eq", f"csel {P_OTHER}, {P_HERE}, {P_OTHER}, eq",
                  f"mov {P_HERE}, {tmp}", f"ldr {tmp}, [sp, #{V_BASE}]", f"add {V0}, {tmp}, {COL}", f"mov {AHEAD}, {V0}",
                  *self.lanes_of_tile(NEXT, tmp, TMP2, TMP3)]

    def lanes_of_tile(self, names, left, lanes, narrow):
        v = self.t.vectors
        first = [f"ldr {left}, [{BLOCK}, #{COLUMNS_AT}]", f"ldr {narrow}, [{BLOCK}, #{NARROW_AT}]",
                  f"sub {left}, {left}, {COL}, lsr #2", f"cntw {lanes}, all, mul #{max(1, v - 1)}",
                  f"cmp {TILE}, {narrow}", f"csel {lanes}, {lanes}, {left}, le", f"cmp {lanes}, {left}",
                  f"csel {left}, {lanes}, {left}, lt"]
        if v == 1:
            return [*first, f"whilelt {names[-1]}.s, xzr, {left}"]
        return [*first, f"mov {lanes}, #0" if v == 2 else f"cntw {lanes}, all, mul #{v - 2}",
                  f"whilelt {names[-2]}.s, {lanes}, {left}", f"incw {lanes}", f"whilelt {names[-1]}.s, {lanes}, {left}"]

    # ------------------------------------------------------------------ from tile to tile
    def passage(self):
        t, count = self.t, self.t.accumulators
        self.label("last")
        self.emit(f"mov {STORE}, {O}", f"cbz {BLOCKS}, {self.ref('exit')}", f"add {FRESH}, {O_ROW}, {COL}",
                  f"mov {O}, {FRESH}", f"mov {P_ROWS[0]}, {P_HERE}", *self.p_rows(range(1, t.p_ring)))
        spread = (2 * count - 3) / max(1, count - 1)
        after = self.replaced([min(max(int(n * spread), n + 1), count + n - 1) for n in range(count)])
        self.entering = True
        self.step(t.unroll - 1, (4 * (t.unroll - 1), V_ODD), (0, V0), after)
        self.emit(f"add {V_ODD}, {V0}, {LDV}", *self.p_rows(range(t.p_ring, t.rows)))
        self.first_step(V0, lambda i, j, number: after(count + number))
        self.entering = False
        self.emit("mov p1.b, p3.b", "mov p2.b, p4.b")
        self.to_body()
        self.choose()
        self.label("exit")
        self.exit()
        self.lines += chain.restore()
        self.emit(f"add sp, sp, #{self.frame()}", "ret")

    @staticmethod
    def p_rows(rows):
        return [f"add {P_ROWS[i]}, {P_ROWS[i - 1]}, {LDP}" for i in rows]

    @staticmethod
    def frame():
        return (FRAME + 15) // 16 * 16

    def to_body(self):
        """Which copy the tile runs, and where it enters. The tiles that carry exp2 are asked for in their order, so that
        none of them is behind more than one branch that is taken."""
        t = self.t
        shift = t.unroll.bit_length() - 1
        self.emit(f"ldr {TMP2}, [{BLOCK}, #{SKIPPED_AT}]", f"ldr {COUNT}, [{BLOCK}, #{WHOLE_AT}]",
                  *(f"sub {row}, {row}, {TMP2}" for row in P_ROWS[:t.rows]),
                  f"add {AHEAD}, {V0}, {LDV}, lsl #{shift}", f"ldr {TMP}, [{BLOCK}, #{TILES_AT}]",
                  f"ldr {S_ROUND}, [sp, #{S_NEXT}]", f"mov {CARRY}, #0", f"ldr {P}, [{BLOCK}, #{REST_AT}]",
                  f"sub {TMP}, {TMP}, {TILE}")

    def choose(self):
        t = self.t
        self.label("choose")
        self.emit(f"cbnz {TMP}, {self.ref('others')}")
        for part in range(t.parts):
            if part == 0:
                self.next_block()
            else:
                self.label("others")
                self.emit(f"cmp {TMP}, #{part}", f"ccmp {S_ROUND}, #0, #4, eq", f"b.eq {self.ref('plain')}",
                          f"mov {TMP}, #{t.rows_of(part)[0]}")
            self.emit(f"add {S_ROUND}, {S_ROUND}, {P}", f"add {P_ROUND}, {P_OTHER}, {P}")
            if part > 0:
                self.emit(f"madd {S_ROUND}, {TMP}, {LDS}, {S_ROUND}", f"madd {P_ROUND}, {TMP}, {LDP}, {P_ROUND}")
            self.emit(f"ldr {S_AHEAD}, [sp, #{STEP_S}]", f"cbz {P}, {self.ref(f'm{part + 1}_1')}",
                      f"adr {CARRY}, {self.ref(f'decide{part + 1}')}")
            if part == 0:
                self.ragged()
            self.emit(f"b {self.ref('plain')}")
        if t.parts == 1:
            self.label("others")
        self.label("plain")
        self.emit(f"ldr {TMP}, [sp, #{PLAIN}]", f"br {TMP}")
        self.label("carry_on")
        self.emit(f"br {CARRY}")
        for part in range(1, t.parts + 1):
            self.label(f"decide{part}")
            self.emit(f"ldr {S_AHEAD}, [sp, #{STEP_S}]", f"cbz {COUNT}, {self.ref(f'tail{part}')}",
                      f"b {self.ref(f'm{part}_0')}")

    def next_block(self):
        """exp2's row block: the next one, or the last rows of all; none behind the last."""
        rows = self.t.rows
        self.emit(f"ldr {TMP}, [sp, #{ROW}]", f"ldr {TMP2}, [{BLOCK}, #{ROWS_AT}]", f"ldr {S}, [sp, #{S_BASE}]",
                  f"ldr {TABLE_ROW}, [sp, #{TABLE}]", f"add {TMP}, {TMP}, #{rows}", f"str {TMP}, [sp, #{ROW}]",
                  f"sub {P_ROUND}, {TMP}, {TMP2}", f"cmp {TMP}, {TMP2}", f"csel {TMP2}, {TMP}, {TMP2}, lt",
                  f"cmp {P_ROUND}, #{rows}", f"add {TABLE_ROW}, {TABLE_ROW}, {TMP2}, lsl #{ROW_BYTES.bit_length() - 1}",
                  f"madd {S_ROUND}, {TMP2}, {LDS}, {S}", f"csel {S_ROUND}, {S_ROUND}, xzr, lt",
                  f"str {S_ROUND}, [sp, #{S_NEXT}]", f"b.ge {self.ref('plain')}")

    def ragged(self):
        """Less than a vector of each row, before the rounds."""
        self.emit(f"lsr {TMP}, {P}, #2", f"whilelt p5.s, xzr, {TMP}", f"sub {S}, {S_ROUND}, {P}",
                  f"sub {P}, {P_ROUND}, {P}", f"mov {TMP}, #{self.t.rows}", f"mov {TMP2}, {TABLE_ROW}")
        self.label("ragged")
        self.emit(*one_vector(replace(self.carry, kept=KEPT[1:]), replace(self.at, ahead=None), "p5"), f"subs {TMP}, {TMP}, #1",
                  f"add {TABLE_ROW}, {TABLE_ROW}, #{ROW_BYTES}", f"b.ne {self.ref('ragged')}", f"mov {TABLE_ROW}, {TMP2}")

    # ------------------------------------------------------------------ the whole
    def enter(self):
        t = self.t
        self.emit(f"sub sp, sp, #{self.frame()}")
        self.lines += chain.save()
        scale = self.carry.scale
        self.emit("ptrue p0.s", f"mov {BLOCK}, x0", f"ldp {TMP}, {LDS}, [{ARGS}, #{chain.S}]",
                  f"ldp {V0}, {LDV}, [{ARGS}, #{chain.V}]", f"ldp {O_ROW}, {LDO}, [{ARGS}, #{chain.O}]",
                  f"ldr {TABLE_ROW}, [{ARGS}, #{chain.WORKSPACE}]", f"ldr w{COUNT[1:]}, [{ARGS}, #{chain.SCALE}]",
                  *([] if scale is None else [f"ld1rw {{z{scale}.s}}, p0/z, [{ARGS}, #{chain.SCALE}]"]),
                  f"str w{COUNT[1:]}, [sp, #{SCALE}]", f"ldr {BLOCKS}, [{BLOCK}, #{BLOCKS_AT}]",
                  f"ldr {TILE}, [{BLOCK}, #{TILES_AT}]", f"ldp {P_HERE}, {LDP}, [{BLOCK}, #{P_AT}]",
                  f"ldr {P_OTHER}, [{BLOCK}, #{OTHER_AT}]", f"ldr {S}, [{BLOCK}, #{FIRST_AT}]",
                  f"str {V0}, [sp, #{V_BASE}]", f"stp {TMP}, {TABLE_ROW}, [sp, #{S_BASE}]", f"str xzr, [sp, #{ROW}]",
                  f"mov w{COUNT[1:]}, #{LEAST & 0xFFFF:#x}",
                  f"movk w{COUNT[1:]}, #{LEAST >> 16:#x}, lsl #16", f"dup z{self.carry.least}.s, w{COUNT[1:]}",
                  f"mov {COL}, #0")
        self.emit(*self.lanes_of_tile(MASKED, TMP, TMP2, TMP3))
        self.emit(*(f"lsl {r}, {r}, #2" for r in (LDS, LDV, LDO)), f"mov {TMP}, #{t.rows}",
                  f"mul {TMP2}, {TMP}, {LDO}", f"mul {TMP}, {TMP}, {LDS}", f"str {TMP2}, [sp, #{STEP_O}]",
                  f"str {TMP}, [sp, #{STEP_S}]", f"add {P_HERE}, {P_HERE}, {TABLE_ROW}",
                  f"add {P_OTHER}, {P_OTHER}, {P_HERE}", f"mov {P_ROWS[0]}, {P_HERE}", *self.p_rows(range(1, t.rows)),
                  f"mov {O}, {O_ROW}", f"mov {STORE}, {O}", f"add {S}, {S}, #1", f"mov {TMP}, #{self.step_bytes()}",
                  f"adr {COUNT}, {self.ref('m0_0')}", f"madd {TMP}, {S}, {TMP}, {COUNT}",
                  f"str {TMP}, [sp, #{PLAIN}]", f"cbz {BLOCKS}, {self.ref('enter')}")  # never: a trace's block ends
        self.label("enter")
        self.emit(f"add {V_ODD}, {V0}, {LDV}")
        for j in range(t.vectors):
            self.load_v(j, V0)
        for i in range(t.p_ring):
            self.load_p(i, 0)
        order = self.order()
        self.fresh_row(*order[0])
        self.first_step(V0, lambda _i, _j, number: number + 1 < len(order) and self.fresh_row(*order[number + 1]))
        self.to_body()
        self.emit(f"b {self.ref('choose')}")

    def text(self):
        t = self.t
        self.lines += chain.function(t.name)
        self.enter()
        self.copies()
        self.passage()
        self.lines.append(f"\t.size {t.name}, .-{t.name}")
        return "\n".join(self.lines) + "\n"
