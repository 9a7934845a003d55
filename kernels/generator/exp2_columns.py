"""The head of a chain of four rows: p[4 x n] = exp2(s * scale - max), as one stream of steps of a vector of each row.

The panels that follow begin with the first elements of all rows, which are long written when the last ones are: the GEMM does
not wait for P. What exp2_rows.py says of the order holds here, too. A row's constants are loaded where they are needed, into
the register that the operation overwrites. The first vectors have them from the registers that they are computed in, as
broadcasts of the table wait until it is written.

Rows of P have room for four vectors at least, and for a multiple of them: steps behind the last element load nothing, and store
there.
"""
from itertools import zip_longest

import chain
from exp2 import BLOCK, LOWEST, SCALE, Exp2
from stream import SLOTS, Pipeline

# Operation: position in the pipeline, in vectors.
TIMES = {"load": 0.22, "z": 2.087, "n": 4.196, "lowest": 4.367, "r": 4.52, "f": 8.436, "load_c0": 5.38, "load_c1": 5.029,
         "u": 6.247, "load_k": 6.625, "w": 7.022, "p": 9.377, "store": 9.666}
ONCE = {"lanes": 0.0}
VALUES = {"x": ("load", "r", "z", False), "z": ("z", "f", "z", False), "r": ("n", "w", "z", False),
          "f": ("f", "store", "z", False), "u": ("load_c0", "p", "z", False), "c1": ("load_c1", "u", "z", False),
          "k": ("load_k", "w", "z", False), "lanes": ("lanes", "lowest", "p", True)}
BIASES = 28  # four registers: a row's bias
FIRST = {"c0": 25, "c1": 26, "k": 27}  # all rows' constants, a row a lane, until the first step has them
BETWEEN = ("max", "shift", "delta", "square", "c0_1", "k3", "k2_0", "c1_1", "k1", "largest")
FREE = {"z": range(3, 25), "p": range(4, 8)}
ORDINARY = "p3"  # lanes of rows whose maximum is
FILL = 4  # steps before the loop: as many as rows of P have room for at least
DUPS = 5  # vectors that have their constants from registers

LINE = 256
TABLE_ROW = 64  # bytes from c0 of the rows to c1, to k
TABLE, N = "x5", "x8"  # in the first step; then the panels' registers are theirs
LATER = {TABLE: "x19", N: "x21"}
LOADED, STORED = "x13", "x20"  # elements of a row
S, P = ("x6", "x12", "x11", "x10"), (chain.P_FIRST, "x15", "x16", "x17")  # P's rows are those of the panel's first row block
MAX, LDS, P_STRIDE, AT = "x17", "x10", "x9", ("x4", "x3")  # AT: rows of S in the first step, then of the table
COLUMN = BEHIND = "x22"  # BEHIND: code of the first panel that begins behind exp2
PARITY = "x21"  # of the last step, for that code
SAVED_FIRST = 2  # pairs of general registers
ABOVE = "p8"  # lanes whose least z is above that of -126


class Exp2Columns(Exp2):
    def __init__(self):
        super().__init__(Pipeline(TIMES, ONCE, VALUES, FREE))
        self.keep_vectors()

    def ref(self, name):
        return super().ref("repeat" if name == "repeat" else f"columns_{name}")

    def keep_vectors(self):
        """Renames registers by when they are used first: those whose halves belong to the caller are saved behind the first
        loads, and those that the constants' computation needs come last."""
        first_use = self.first_uses(FREE["z"])
        loaded = {self.pipeline.register["x", slot, 0] for slot in range(SLOTS)}
        order = sorted(FREE["z"], key=lambda r: (r not in loaded, first_use[r], r))
        saved = [r for r in FREE["z"] if r in range(8, 16)]
        ours = [r for r in FREE["z"] if r not in saved]
        between = ours[-len(BETWEEN):]
        names = [*ours[:-len(BETWEEN)], *saved, *between]
        self.names = {**FIRST, **dict(zip(BETWEEN, between, strict=True))}
        self.names |= {"c0_0": FIRST["c0"], "c1_0": FIRST["c1"], "k2": self.names["k2_0"], "c0_2": self.names["shift"],
                       "bias": BIASES + SLOTS - 1}
        new_name = dict(zip(order, names, strict=True))
        self.pipeline.register = {key: r if key[0] == "lanes" else new_name[r] for key, r in self.pipeline.register.items()}

    def operation(self, o, step):
        number = step - o.stage

        def z(value):
            return f"z{self.pipeline.register[value, o.slot, number % 2]}"

        # Rows have a vector at least.
        lanes = f"p{self.pipeline.register['lanes', 0, number % 2]}" if number else "p0"
        bias, low = f"z{BIASES + o.slot}", f"z{LOWEST[o.slot % 2]}"
        if o.name.startswith("load_"):
            self.load_constant(o, number, z("u" if o.name == "load_c0" else o.name[5:]))
            return
        self.emit(*{
            "lanes": lambda: [f"whilelt {lanes}.s, {LOADED}, {LATER[N]}"],
            "load": lambda: [f"ld1w {{{z('x')}.s}}, {lanes}/z, [{S[o.slot]}, {LOADED}, lsl #2]",
                             *([f"incw {LOADED}"] if o.slot + 1 == SLOTS else [])],
            "z": lambda: [f"movprfx {z('z')}, {bias}", f"fmla {z('z')}.s, p0/m, {z('x')}.s, z{SCALE}.s"],
            "n": lambda: [f"fsub {z('r')}.s, {z('z')}.s, {bias}.s"],
            "lowest": lambda: [f"fmin {low}.s, {lanes}/m, {low}.s, {z('z')}.s"],
            "r": lambda: [f"fnmls {z('r')}.s, p0/m, {z('x')}.s, z{SCALE}.s"],
            "f": lambda: [f"fexpa {z('f')}.s, {z('z')}.s"],
            "u": lambda: [f"fmla {z('u')}.s, p0/m, {z('r')}.s, {z('c1')}.s"],
            "w": lambda: [f"fmad {z('u')}.s, p0/m, {z('r')}.s, {z('k')}.s"],
            "p": lambda: [f"fmla {z('f')}.s, p0/m, {z('f')}.s, {z('u')}.s"],
            "store": lambda: [*([f"incw {STORED}"] if o.slot == 0 else []),
                              f"st1w {{{z('f')}.s}}, p0, [{P[o.slot]}, {STORED}, lsl #2]"],
        }[o.name]())

    def ordinary(self, maximum, largest):
        self.emit(f"facge {ORDINARY}.s, p0/z, {largest}.s, {maximum}.s")

    def load_constant(self, o, number, register):
        name = o.name[5:]
        if 0 <= number and SLOTS * number + o.slot < DUPS:
            self.emit(f"dup {register}.s, z{FIRST[name]}.s[{o.slot}]")
        else:
            at = TABLE_ROW * list(FIRST).index(name) + 4 * o.slot
            self.emit(f"ld1rw {{{register}.s}}, p0/z, [{LATER[TABLE]}, #{at}]")

    def body(self, step, stages, extras=()):
        """`extras` are spread over the operations."""
        operations, extras = self.operations(stages), list(extras)
        every = max(1, len(operations) // (len(extras) + 1))
        for i, o in enumerate(operations):
            self.operation(o, step)
            if extras and i % every == every - 1:
                self.emit(extras.pop(0))
        self.emit(*extras)

    # ------------------------------------------------------------------ the first steps
    def first_maxima(self, block):
        """What all waits for, before all else. `block`: bytes from BLOCK to it."""
        names = self.names
        return [f"ld1rqw {{z{names['max']}.s}}, p0/z, [{MAX}]", self.literal(names["shift"], "shift", block)]

    def first_steps(self):
        names = self.names
        self.lines += chain.save([*range(SAVED_FIRST), *chain.SAVED_VECTORS])
        self.emit(*(f"mov {later}, {first}" for first, later in LATER.items()), f"mov {STORED}, #0", f"decw {STORED}")
        self.load_literals({name: register for name, register in names.items() if name != "shift"})
        self.constants(names)
        for i, name in enumerate(FIRST):
            address = TABLE
            if i > 0:
                address = AT[i - 1]
                self.emit(f"add {address}, {TABLE}, #{TABLE_ROW * i}")
            self.emit(f"st1w {{z{FIRST[name]}.s}}, p0, [{address}]")
        self.emit(*(self.literal(register, "start") for register in LOWEST),
                  f"ldp {P[0]}, {P_STRIDE}, [{BLOCK}, #{chain.P}]", f"add {P[0]}, {P[0]}, {TABLE}",
                  *(f"add {P[i]}, {P[i - 1]}, {P_STRIDE}" for i in (1, 2, 3)))
        self.emit(f"cntw {LOADED}", f"add {S[1]}, {S[0]}, {LDS}, lsl #2", f"add {S[2]}, {S[0]}, {LDS}, lsl #3",
                  f"add {S[3]}, {S[1]}, {LDS}, lsl #3")
        for o in self.operations({0}):
            if o.name not in ("lanes", "load"):  # first_vectors()
                self.operation(o, 0)
        self.body(1, {0, 1})

    @staticmethod
    def offsets():
        """Of the third and the fourth row of S."""
        two, three = AT
        return [f"add {two}, {LDS}, {LDS}", f"add {three}, {two}, {LDS}"]

    def first_vectors(self):
        """Loads of S, before those of constants: by offsets, as addresses take longer."""
        z = [self.pipeline.register["x", slot, 0] for slot in range(SLOTS)]
        return [f"ld1w {{z{z[0]}.s}}, p0/z, [{S[0]}]",
                *(f"ld1w {{z{register}.s}}, p0/z, [{S[0]}, {offset}, lsl #2]" for register, offset in zip(z[1:], (LDS, *AT)))]

    def begin(self):
        self.delta(self.names)
        self.emit(*(f"dup z{BIASES + i}.s, z{self.names['bias']}.s[{i}]" for i in range(SLOTS)))
        self.scheduled(self.first_steps)
        # Where rows are more than a line of memory, the next one: the first ones may have left L1.
        late = [f"prfm pldl1keep, [{S[i]}, #{LINE}]" for i in range(SLOTS)]
        late += [text.strip() for text in chain.save(range(SAVED_FIRST, chain.SAVED_VECTORS[0]))]
        late += self.registers_of_panels()
        stages, each = set(range(self.pipeline.last_stage + 1)), -(-len(late) // (FILL - 2))
        for i, step in enumerate(range(2, FILL)):
            self.body(step, {s for s in stages if s <= step}, late[i * each:(i + 1) * each])
        self.emit(f"cmp {LOADED}, {LATER[N]}", f"b.ge {self.ref('drain0')}")

    @staticmethod
    def registers_of_panels():
        """All but what the list tells of the first place's lanes."""
        return [*chain.list_of_panels(), f"ldp {chain.NEXT_CODE}, {COLUMN}, [{chain.LIST_AT}]", *chain.shared(),
                f"prfum pldl1keep, [{chain.NEXT_CODE}, #-{chain.TABLE_AT}]", f"add {chain.V0}, {chain.V_DELTA}, {COLUMN}",
                f"add {chain.O_FIRST}, {chain.O_BASE}, {COLUMN}", f"ldr {BEHIND}, [{BLOCK}, #{chain.BEHIND_EXP2}]",
                *chain.first_ahead()]

    def ending(self, parity):
        """The last stages behind the last step, and the test of the least z: "not equal" where all is to be done again."""
        return self.emitted(lambda: self.last_stages(FILL + parity, ()))

    def last_stages(self, step, begin):
        """`begin`: instructions that stand between the first of them."""
        last = self.pipeline.last_stage
        bodies = [(step + i, set(range(i + 1, last + 1))) for i in range(last)]
        low, other = (f"z{r}.s" for r in LOWEST)
        assert max(o.stage for o in self.pipeline.operations if o.name == "lowest") == 1
        spare = max(set(range(3, BIASES)).difference(*(self.touched(*body) for body in bodies[1:])))
        # A scale that is no number, or infinite, leaves no least z above it.
        test = [self.literal(spare, "least"), f"fmin {low}, p0/m, {low}, {other}",
                f"fsub {other}, z{SCALE}.s, z{SCALE}.s", f"fadd z{spare}.s, z{spare}.s, {other}",
                f"fcmgt {ABOVE}.s, p0/z, {low}, z{spare}.s", f"nands {ABOVE}.b, p0/z, {ABOVE}.b, {ORDINARY}.b"]
        for body, between in zip_longest(bodies, [begin, test], fillvalue=()):
            self.body(*body, between)

    def drain(self, parity):
        """To the first panel's code that begins behind exp2, where it has some."""
        self.label(f"drain{parity}")
        self.emit(f"mov {PARITY}, #{parity}", f"cbz {BEHIND}, {self.ref(f'plain{parity}')}", f"blr {BEHIND}",
                  f"b {chain.RUN_SECOND}")

    def plain_drain(self, parity):
        self.label(f"plain{parity}")
        self.last_stages(FILL + parity, [chain.lanes(), f"mov {chain.CODE}, {chain.NEXT_CODE}", chain.NO_LANES])
        self.emit(f"b.ne {self.ref('repeat')}", f"b {chain.RUN}")

    def text(self):
        self.label("begin")
        self.begin()
        stages = set(range(self.pipeline.last_stage + 1))
        self.label("loop")
        for parity in (0, 1):
            self.body(FILL + parity, stages)
            self.emit(f"cmp {LOADED}, {LATER[N]}", f"b.ge {self.ref('drain1')}" if parity == 0 else f"b.lt {self.ref('loop')}")
        for drain in (self.drain, self.plain_drain):
            for parity in (0, 1):
                drain(parity)
        return "\n".join(self.lines) + "\n"
