"""The head of a chain: p[rows x n] = exp2(s * scale - max), four rows at a time.

Method, its seven operations and its bounds are `fexpa` of micro/exp2_core.hpp. The order is a software pipeline over all
rows as one stream: a step takes a vector of each of four rows, and each operation stands some vectors behind the one
whose result it needs (TIMES). Loads run a step ahead; a step's late operations run beside the next step's early ones, also
from four rows to the next four, so that the pipes do not drain.

The constants of all rows are computed first, a row a lane, into a table. The first four rows take them from registers, as
they wait for them, the others from memory. Rows past the end repeat the last one. The least z tells whether any element is
at or below -126, NaN, or of a row whose maximum is not ordinary: then the chain ends here and the caller repeats all rows
with the careful kernel.
"""
from math import log
from struct import pack

import chain
from schedule import scheduled

NAME = chain.WITH_EXP2
ROWS = 4
# Operation: position in the pipeline, in vectors; 0 to 3.99 is a step ahead. The distance of load and r is what keeps
# x's registers to four.
TIMES = {"load": 0.97, "z": 4.07, "n": 4.61, "lowest": 4.66, "r": 4.87, "f": 5.11, "u": 5.36, "w": 6.03, "p": 7.23,
         "store": 7.56}
# Values: first and last operation. n becomes r, and u becomes w, where they stand.
VALUES = {"x": ("load", "r"), "z": ("z", "f"), "r": ("n", "w"), "f": ("f", "store"), "u": ("u", "p")}

LN2 = log(2)
C0, C1 = float.fromhex("0x1.62e485p-1"), float.fromhex("0x1.ebfbe0p-3")  # kC0, kC1 of micro/exp2_core.hpp
SHIFT = float.fromhex("0x1.803f8p17")                                    # kShift
# K = 2^-delta, |delta| <= 1/128, and K*c0, K*c1 as polynomials of delta. Terms left out: 4e-11 of K; 3e-8 of c0 and 2e-5
# of c1, which r <= 1/128 makes 2^7 and 2^14 times smaller. Largest: an ordinary maximum (ordinary_row()).
LITERALS = {"shift": SHIFT, "k1": -LN2, "k2": LN2**2 / 2, "k3": -LN2**3 / 6, "c0": C0, "c0_1": -C0 * LN2,
            "c0_2": C0 * LN2**2 / 2, "c1": C1, "c1_1": -C1 * LN2, "largest": 64000.0, "start": 2.0**20,
            "least": SHIFT - 126}

ARGS, S_STRIDE, MAX, P_STRIDE, TABLE, LEFT, N = "x0", "x1", "x2", "x3", "x4", "x5", "x6"
K, K_MIDDLE, K_LATE = "x7", "x8", "x9"  # of loads, of the operations, of stores; p1, p2, p3 are their lanes, p0 all
S_ROWS, P_ROWS = ["x10", "x11", "x12", "x13"], ["x19", "x20", "x21", "x22"]
SPARE, S_GROUP, P_GROUP, COUNT = "x14", "x15", "x16", "x17"
ROW_BYTES = 16  # of the table: four constants
SHIFT_COPY = 25
VECTORS = (28, 29, 30, 31)  # constants of many rows, in the order of CONSTANTS
SCALE, LOWEST = 0, (1, 18)  # the least z in two chains: each FMIN waits for the one before
CONSTANTS = ("bias", "c0", "c1", "k")
LAST_USE = {"bias": "n", "c0": "u", "c1": "u", "k": "w"}
CONSTANT = {(name, row): 2 + 4 * i + row for i, name in enumerate(CONSTANTS) for row in range(ROWS)}
FREE = range(19, 32)


def colour(order):
    """Registers of the values on the circle of a step: arcs by their start, each the first register that is free."""
    position = {(name, row): i + stage * len(order) for i, (stage, name, row) in enumerate(order)}
    arcs = sorted((position[first, row], position[last, row], value, row)
                  for value, (first, last) in VALUES.items() for row in range(ROWS))
    register, taken = {}, {r: set() for r in FREE}
    for begin, end, value, row in arcs:
        points = {i % len(order) for i in range(begin, end)}
        assert end - begin <= len(order), f"{value} lives longer than a step"
        choice = [r for r in FREE if not points & taken[r]]
        assert choice, f"too few registers for {value}"
        taken[choice[0]] |= points
        register[value, row] = choice[0]
    return register


class Exp2Rows:
    name = NAME

    def __init__(self):
        sorted_ops = sorted(((t + row) % ROWS, int((t + row) // ROWS), name, row)
                            for name, t in TIMES.items() for row in range(ROWS))
        self.order = [(stage, name, row) for _, stage, name, row in sorted_ops]
        self.register = colour(self.order)
        assert self.stored_in(1) in ([], [0]) and self.stage("n", ROWS - 1) == 1
        self.lines = []

    def emit(self, *texts):
        self.lines += ["\t" + text for text in texts]

    def label(self, name):
        self.lines.append(self.ref(name) + ":")

    @staticmethod
    def ref(name):
        return f".L{NAME}_{name}"

    # ------------------------------------------------------------------ a step: four vectors
    def stage(self, name, row):
        return next(stage for stage, n, r in self.order if (n, r) == (name, row))

    def operation(self, name, row):
        x, z, r, f, u = (f"z{self.register[value, row]}" for value in ("x", "z", "r", "f", "u"))
        bias, c0, c1, k = (f"z{CONSTANT[value, row]}" for value in CONSTANTS)
        stored, column = ("p2", K_MIDDLE) if self.stage("store", row) == 1 else ("p3", K_LATE)
        self.emit(*{
            "load": [f"ld1w {{{x}.s}}, p1/z, [{S_ROWS[row]}, {K}, lsl #2]"],
            "z": [f"movprfx {z}, {bias}", f"fmla {z}.s, p0/m, {x}.s, z{SCALE}.s"],
            "n": [f"fsub {r}.s, {z}.s, {bias}.s"],
            "lowest": [f"fmin z{LOWEST[row % 2]}.s, p2/m, z{LOWEST[row % 2]}.s, {z}.s"],
            "r": [f"fnmls {r}.s, p0/m, {x}.s, z{SCALE}.s"],
            "f": [f"fexpa {f}.s, {z}.s"],
            "u": [f"movprfx {u}, {c0}", f"fmla {u}.s, p0/m, {r}.s, {c1}.s"],
            "w": [f"fmad {u}.s, p0/m, {r}.s, {k}.s"],
            "p": [f"fmla {f}.s, p0/m, {f}.s, {u}.s"],
            "store": [f"st1w {{{f}.s}}, {stored}, [{P_ROWS[row]}, {column}, lsl #2]"],
        }[name])

    def step(self, *stages, reload_in=None):
        """Stage 0: loads; 1 and 2: the rest, of the steps before. Then every stage moves on. In a step in which stage
        `reload_in` is the last one of four rows, the next rows' constants follow the last use of the former ones."""
        for stage, name, row in self.order:
            if stage in stages:
                self.operation(name, row)
            if stage == reload_in:
                for i, constant in enumerate(CONSTANTS):
                    if LAST_USE[constant] == name:
                        self.emit(f"ld1rw {{z{CONSTANT[constant, row]}.s}}, p0/z, [{TABLE}, #{ROW_BYTES * row + 4 * i}]")
        self.emit("mov p3.b, p2.b", "mov p2.b, p1.b", f"mov {K_LATE}, {K_MIDDLE}", f"mov {K_MIDDLE}, {K}",
                  f"incw {K}", f"whilelt p1.s, {K}, {N}")

    # ------------------------------------------------------------------ four rows
    def addresses(self, rows, first, stride):
        """Addresses of four rows from `first`; those past the last of LEFT repeat it."""
        self.emit(f"mov {rows[0]}, {first}")
        for row in range(1, ROWS):
            self.emit(f"cmp {LEFT}, #{row}", f"csel {SPARE}, {stride}, xzr, gt",
                      f"add {rows[row]}, {rows[row - 1]}, {SPARE}")

    def next_addresses(self, rows, first, stride, which, back):
        """The same of the next four rows; fewer are dealt with out of line, from where the code goes on at `back`."""
        for row in which:
            self.emit(f"add {rows[row]}, {rows[row]}, {stride}, lsl #2")
        if which[-1] == ROWS - 1:
            self.emit(f"add {first}, {first}, {stride}, lsl #2", f"cmp {LEFT}, #{ROWS}", f"b.lt {self.ref('few_' + back)}")
            self.label(back)

    def few(self, rows, first, stride, back):
        self.label("few_" + back)
        self.addresses(rows, first, stride)
        self.emit(f"b {self.ref(back)}")

    def stored_in(self, stage):
        return [row for row in range(ROWS) if self.stage("store", row) == stage]

    # ------------------------------------------------------------------ constants of a vector's number of rows, a row a lane
    def constants(self, at):
        """Of the rows from `at` (a register): into the table, and left in VECTORS."""
        names = {"shift": 6, "max": 7, "last": 16, "c1_1": 17, "largest": 20, "c0_1": 21, "c0_2": 22, "k3": 23, "k2": 24,
                 "square": 26, "delta": 27, "bias": VECTORS[0], "c0": VECTORS[1], "c1": VECTORS[2], "k1": VECTORS[3]}
        z = {name: f"z{register}" for name, register in names.items()}
        self.emit(f"whilelt p3.s, {at}, {LEFT}", f"ld1w {{{z['max']}.s}}, p3/z, [{MAX}, {at}, lsl #2]",
                  f"add {SPARE}, {MAX}, {LEFT}, lsl #2", f"sub {SPARE}, {SPARE}, #4",
                  f"ld1rw {{{z['last']}.s}}, p0/z, [{SPARE}]", f"adr {K}, {self.ref('literals')}")
        for i, name in enumerate(LITERALS):
            if name in z:
                self.emit(f"ld1rw {{{z[name]}.s}}, p0/z, [{K}, #{4 * i}]")

        def op(text, *operands):
            self.emit(text.format(*(z[name] for name in operands)))

        op("sel {0}.s, p3, {0}.s, {1}.s", "max", "last")
        op("fsub {}.s, {}.s, {}.s", "bias", "shift", "max")
        op("fsub {}.s, {}.s, {}.s", "delta", "shift", "bias")
        op("fsub {0}.s, {1}.s, {0}.s", "delta", "max")
        op("fmla {}.s, p0/m, {}.s, {}.s", "c1", "c1_1", "delta")
        op("fmla {}.s, p0/m, {}.s, {}.s", "c0", "c0_1", "delta")
        op("fmul {0}.s, {1}.s, {1}.s", "square", "delta")
        op("fmla {}.s, p0/m, {}.s, {}.s", "k1", "k2", "delta")
        op("fmul {0}.s, {0}.s, {1}.s", "k3", "delta")
        # A row whose maximum is not ordinary makes the least z one.
        op("facgt p3.s, p0/z, {}.s, {}.s", "max", "largest")
        self.emit(f"mov z{LOWEST[0]}.s, p3/m, #0")
        op("fmla {}.s, p0/m, {}.s, {}.s", "c0", "c0_2", "square")
        op("fmul {0}.s, {0}.s, {1}.s", "k1", "delta")
        op("fmla {}.s, p0/m, {}.s, {}.s", "k1", "square", "k3")
        registers = ", ".join(f"z{r}.s" for r in VECTORS)
        self.emit(f"add {SPARE}, {TABLE}, {at}, lsl #4", f"st4w {{{registers}}}, p0, [{SPARE}]")

    def first_biases(self):
        """Of the first four rows, which all else waits for: not by way of the other constants."""
        self.emit(f"mov {P_GROUP}, #4")
        self.addresses(S_ROWS, MAX, P_GROUP)
        for row in range(ROWS):
            bias = f"z{CONSTANT['bias', row]}.s"
            self.emit(f"ld1rw {{{bias}}}, p0/z, [{S_ROWS[row]}]", f"fsub {bias}, z{SHIFT_COPY}.s, {bias}")

    def spread(self):
        """The other constants to the first four rows."""
        for name, vector in list(zip(CONSTANTS, VECTORS))[1:]:
            for row in range(ROWS):
                self.emit(f"dup z{CONSTANT[name, row]}.s, z{vector}.s[{row}]")

    # ------------------------------------------------------------------ the whole
    def scheduled(self, emit):
        before, self.lines = self.lines, []
        emit()
        self.lines = before + scheduled(self.lines)

    def enter(self):
        least = f"z{LOWEST[0]}"
        start = 4 * list(LITERALS).index("start")
        self.emit("ptrue p0.s", f"ldp {MAX}, {LEFT}, [{ARGS}, #{chain.MAX}]",
                  f"ldp {TABLE}, {N}, [{ARGS}, #{chain.TABLE}]",
                  f"ldp {S_GROUP}, {S_STRIDE}, [{ARGS}, #{chain.S}]", f"ld1rw {{z{SCALE}.s}}, p0/z, [{ARGS}, #{chain.SCALE}]",
                  f"adr {K}, {self.ref('literals')}", f"ld1rw {{{least}.s}}, p0/z, [{K}, #{start}]")
        # A scale that is no number makes the least z none.
        self.emit(f"fsub z19.s, z{SCALE}.s, z{SCALE}.s", f"fadd {least}.s, {least}.s, z19.s", f"cntw {COUNT}")

    def other_rows(self):
        """Changes no register that is saved: they are saved while the first rows wait."""
        self.constants(COUNT)
        self.emit(f"incw {COUNT}")

    def first_rows(self):
        self.emit(f"adr {K}, {self.ref('literals')}", f"ld1rw {{z{SHIFT_COPY}.s}}, p0/z, [{K}, #0]")
        self.first_biases()
        self.emit(f"ldp {P_GROUP}, {P_STRIDE}, [{ARGS}, #{chain.P}]")
        self.lines += chain.save()
        self.emit(f"mov {COUNT}, #0")
        self.constants(COUNT)
        self.spread()
        self.emit(f"mov z{LOWEST[1]}.d, z{LOWEST[0]}.d")
        self.addresses(S_ROWS, S_GROUP, S_STRIDE)
        self.emit("pfalse p2.b", f"mov {K}, xzr", f"mov {K_MIDDLE}, xzr", f"whilelt p1.s, xzr, {N}")
        self.step(0)
        self.addresses(P_ROWS, P_GROUP, P_STRIDE)
        self.step(0, 1)

    def leave(self):
        self.step(1, 2)
        self.step(2)
        self.emit(f"adr {K}, {self.ref('literals')}",
                  f"ld1rw {{z19.s}}, p0/z, [{K}, #{4 * list(LITERALS).index('least')}]",
                  f"fmin z{LOWEST[0]}.s, p0/m, z{LOWEST[0]}.s, z{LOWEST[1]}.s",
                  f"fcmgt p1.s, p0/z, z{LOWEST[0]}.s, z19.s")

    def text(self):
        self.lines += chain.function(NAME)
        self.emit(f"sub sp, sp, #{chain.FRAME}")
        self.scheduled(self.enter)
        self.emit(f"cmp {COUNT}, {LEFT}", f"b.ge {self.ref('first_rows')}")
        self.label("other_rows")
        self.scheduled(self.other_rows)
        self.emit(f"cmp {COUNT}, {LEFT}", f"b.lt {self.ref('other_rows')}")
        self.label("first_rows")
        self.scheduled(self.first_rows)
        self.label("columns")
        self.emit("ptest p0, p1.b", f"b.pl {self.ref('next')}")
        self.label("step")
        self.step(0, 1, 2)
        self.emit(f"b.mi {self.ref('step')}")
        self.label("next")
        self.emit(f"subs {LEFT}, {LEFT}, #{ROWS}", f"b.le {self.ref('end')}", f"add {TABLE}, {TABLE}, #{ROW_BYTES * ROWS}")
        self.next_addresses(S_ROWS, S_GROUP, S_STRIDE, range(ROWS), "s")
        self.emit(f"mov {K}, xzr", f"whilelt p1.s, xzr, {N}")
        self.step(0, 1, 2, reload_in=1)
        # Rows that are stored in stage 1 move on first; those past the last one repeat it, or the one they had.
        for row in self.stored_in(1):
            self.emit(f"add {P_ROWS[row]}, {P_ROWS[row]}, {P_STRIDE}, lsl #2")
        self.step(0, 1, 2, reload_in=2)
        self.next_addresses(P_ROWS, P_GROUP, P_STRIDE, self.stored_in(2), "p")
        self.emit(f"b {self.ref('columns')}")
        self.label("end")
        self.scheduled(self.leave)
        self.emit("nots p1.b, p0/z, p1.b", f"b.ne {self.ref('repeat')}")
        self.lines += chain.start()
        self.few(S_ROWS, S_GROUP, S_STRIDE, "s")
        self.few(P_ROWS, P_GROUP, P_STRIDE, "p")
        self.label("repeat")
        self.emit("mov w0, #1")
        self.lines += chain.restore()
        self.emit(f"add sp, sp, #{chain.FRAME}", "ret", ".p2align 2")
        self.label("literals")
        for value in LITERALS.values():
            self.emit(f".word {int.from_bytes(pack('<f', value), 'little'):#010x}")
        self.lines.append(f"\t.size {NAME}, .-{NAME}")
        return "\n".join(self.lines) + "\n"
