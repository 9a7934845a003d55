"""The head of a chain: p[rows x n] = exp2(s * scale - max), as one stream of steps of four vectors of a row.

The order is a software pipeline: each operation stands some vectors behind the one whose result it needs (TIMES, ONCE), so
that loads run ahead and the late operations of a step run beside the early ones of the next steps, across the ends of rows
too. It is less than the latency, as registers are few: the rest is left to the processor's window.

The constants of all rows are computed first, a row a lane, into a table, and loaded once a step. The first steps do not
wait for it: they compute their first constant, and step 0 has the others from registers.
Rows of P are as long as their steps, and follow each other: stores need no lanes, and P no address of rows. There are at
least FILL steps; those past the last row load nothing, and store behind P.
The least z tells whether any element is at or below -126, NaN, or of a row whose maximum is not ordinary: then the chain
ends here, and what repeats all rows with the careful kernel is called.
"""
from itertools import zip_longest

import chain
from exp2 import ARGS, BLOCK, LOWEST, SCALE, Exp2
from stream import SLOTS, Pipeline

# Operation: position in the pipeline, in vectors.
TIMES = {"load": 0.788, "z": 1.596, "n": 3.65, "lowest": 3.799, "f": 4.5, "r": 4.34,
         "u": 7.909, "w": 8.242, "p": 10.283, "store": 11.671}
# Done once a step: lanes of loads, constants of the row.
ONCE = {"lanes": 0.0, "load_bias": 0.416, "load_c0": 5.438, "load_c1": 6.363, "load_k": 7.278}
# Values: first and last operation, kind of register, one for the step. n becomes r, and u becomes w, where they stand.
VALUES = {"x": ("load", "r", "z", False), "z": ("z", "f", "z", False), "r": ("n", "w", "z", False),
          "f": ("f", "store", "z", False), "u": ("u", "p", "z", False), "lanes": ("lanes", "lowest", "p", False),
          "spare": ("lanes", "load_bias", "z", True), "bias": ("load_bias", "n", "z", True),
          "c0": ("load_c0", "u", "z", True), "c1": ("load_c1", "u", "z", True), "k": ("load_k", "w", "z", True)}
SAVED_FIRST = 3  # pairs of general registers: x19 to x24; the others are the panels' alone
BETWEEN = 11  # registers that the computation of constants needs besides its results
FREE = {"z": range(3, 32), "p": range(1, 8)}
BIASES = 28  # of the first rows, followed by their other constants: ST4W takes four in a row
FILL = 4  # steps before the loop, which compute their first constant

CONSTANTS = {"bias": 0, "c0": 4, "c1": 8, "k": 12}  # bytes within a row of the table
ROW_BYTES = 16

S, P, TABLE, LEFT, N, STEP_BYTES, TO_NEXT_ROW, STEPS = "x2", "x3", "x5", "x7", "x8", "x9", "x10", "x11"
TABLES = (TABLE, "x22")  # of even and odd steps; not LDO, which is loaded before the last constants
L1, L2, L3, L4 = "x12", "x13", "x14", "x15"  # floats in one, two, three and four vectors
ROW_STEP, MOVE, MAX, SPARE, MAX_STEP = "x16", "x17", "x19", "x20", "x21"
# Until the first steps: nothing of the caller's is saved before the first loads, as writes keep loads from the cache.
AT, ROWS, BACK, FIRST_MAX = "x13", "x15", "x16", "x17"
S_AHEAD = "x23"  # bytes: S of four rows ahead is fetched, as rows of a block of nc have gaps that no prefetcher bridges


class Exp2Rows(Exp2):
    rows = "few"  # not more than lanes; or "many": all behind the entry is there for both
    OF_ROWS = ("begin", "loop", "drain0", "drain1")

    def __init__(self):
        super().__init__(Pipeline(TIMES, ONCE, VALUES, FREE))
        self.keep_vectors()

    def keep_vectors(self):
        """Renames registers by when the first two steps use them first. The last ones are `vectors`, which must stay until
        step 0 has its constants, and before these BIASES and `idle`, what lies between. Those whose halves belong to the
        caller come between: they are saved behind the first loads."""
        first_use = self.first_uses(FREE["z"])
        order = sorted(FREE["z"], key=lambda r: (first_use[r], r))
        last = max(ONCE[f"load_{name}"] for name in self.vectors)
        assert first_use[order[-len(self.vectors)]] > last, "no registers for the first rows' constants"
        saved = [r for r in FREE["z"] if r in range(8, 16)]
        ours = [r for r in FREE["z"] if r not in saved and r < BIASES]
        early = len(ours) - BETWEEN
        self.idle = ours[early:]
        names = [*ours[:early], *saved, *self.idle, BIASES, *self.vectors.values()]
        new_name = dict(zip(order, names, strict=True))
        self.pipeline.register = {key: r if key[0] == "lanes" else new_name[r]
                                  for key, r in self.pipeline.register.items()}

    def ref(self, name):
        return super().ref(f"{self.rows}_{name}" if name in self.OF_ROWS else name)

    # ------------------------------------------------------------------ a step
    def operation(self, o, step):
        """An operation in the body of step number `step`, whose parity picks the registers: it belongs to the step
        o.stage before. The constants of the first FILL steps are not in the table yet."""
        number = step - o.stage

        def z(value, slot=o.slot):
            return f"z{self.pipeline.register[value, slot, number % 2]}"

        def constant(name):
            return f"z{self.pipeline.register[name, 0, number % 2]}"

        def lanes(slot):
            return f"p{self.pipeline.register['lanes', slot, number % 2]}"

        low = f"z{LOWEST[o.slot % 2]}"
        last = self.pipeline.last_stage
        if o.name == "lanes":
            self.emit(*(f"whilelt {lanes(j)}.s, {begin}, {LEFT}" for j, begin in enumerate(("xzr", L1, L2, L3))))
        elif o.name.startswith("load_"):
            self.load_constant(o, number, constant(o.name[5:]))
        elif o.name == "store":
            back = 0 if o.stage == last else SLOTS  # P is that of the last stage's step
            self.emit(f"st1w {{{z('f')}.s}}, p0, [{P}, #{o.slot + back}, mul vl]")
        else:
            self.emit(*{
                "load": [f"ld1w {{{z('x')}.s}}, {lanes(o.slot)}/z, [{S}, #{o.slot}, mul vl]"],
                "z": [f"movprfx {z('z')}, {constant('bias')}", f"fmla {z('z')}.s, p0/m, {z('x')}.s, z{SCALE}.s"],
                "n": [f"fsub {z('r')}.s, {z('z')}.s, {constant('bias')}.s"],
                "lowest": [f"fmin {low}.s, {lanes(o.slot)}/m, {low}.s, {z('z')}.s"],
                "r": [f"fnmls {z('r')}.s, p0/m, {z('x')}.s, z{SCALE}.s"],
                "f": [f"fexpa {z('f')}.s, {z('z')}.s"],
                "u": [f"movprfx {z('u')}, {constant('c0')}", f"fmla {z('u')}.s, p0/m, {z('r')}.s, {constant('c1')}.s"],
                "w": [f"fmad {z('u')}.s, p0/m, {z('r')}.s, {constant('k')}.s"],
                "p": [f"fmla {z('f')}.s, p0/m, {z('f')}.s, {z('u')}.s"],
            }[o.name])

    def load_constant(self, o, number, register):
        name, spare = o.name[5:], self.pipeline.register["spare", 0, number % 2]
        if 0 <= number < FILL and name == "bias":
            self.emit(self.literal(spare, "shift"), f"ld1rw {{{register}.s}}, p0/z, [{MAX if number else FIRST_MAX}]",
                      f"fsub {register}.s, z{spare}.s, {register}.s")
        elif number == 0:
            self.emit(f"dup {register}.s, z{self.vectors[name]}.s[0]")
        else:
            self.emit(f"ld1rw {{{register}.s}}, p0/z, [{TABLES[number % 2]}, #{CONSTANTS[name]}]")

    def advance(self, step, with_max):
        """From a step to the next one. The first part may stand anywhere behind the step's lanes, the second behind its
        loads and stores."""
        first = [f"subs {STEPS}, {STEPS}, #1", f"csel {N}, {N}, xzr, gt"]  # past the last row nothing is left
        if with_max:
            first += [f"csel {MAX_STEP}, {ROW_STEP}, xzr, gt"]
        first += [f"subs {LEFT}, {LEFT}, {L4}", f"csel {MOVE}, {TO_NEXT_ROW}, {STEP_BYTES}, le",
                  f"csel {SPARE}, {ROW_STEP}, xzr, le", f"csel {LEFT}, {N}, {LEFT}, le"]
        if with_max:
            first += [f"csel {MAX_STEP}, {MAX_STEP}, xzr, le", f"add {MAX}, {MAX}, {MAX_STEP}, lsr #2"]
        here, there = TABLES[step % 2], TABLES[1 - step % 2]
        return first, [f"add {there}, {here}, {SPARE}", f"add {S}, {S}, {MOVE}"]

    def body(self, step, stages, extras=()):
        """Stage 0: loads; the others: the rest, of the steps before. `extras` are spread over the body."""
        operations = self.operations(stages)
        first, second = self.advance(step, step < FILL) if 0 in stages else ([], [])
        if step >= FILL and 0 in stages and self.rows == "many":
            first += [f"prfm pldl1keep, [{S}, {S_AHEAD}]"]
        first = [*first, *extras]
        every = max(1, len(operations) // (len(first) + 1))
        for i, o in enumerate(operations):
            self.operation(o, step)
            if first and i % every == every - 1 and (0 not in stages or o.place > ONCE["lanes"]):
                self.emit(first.pop(0))
        self.emit(*first, *second)
        if any(o.name == "store" for o in operations):
            self.emit(f"addvl {P}, {P}, #{SLOTS}")

    # ------------------------------------------------------------------ constants of a vector's number of rows, a row a lane
    def ordinary(self, maximum, largest):
        """A row whose maximum is not ordinary makes the least z one."""
        self.emit(f"facgt p3.s, p0/z, {maximum}.s, {largest}.s", f"mov z{LOWEST[0]}.s, p3/m, #0")

    def constants_from(self, names, lanes="p0"):
        """Of the rows from AT: into the table, of lanes that are rows."""
        # Lanes past the last row have a maximum of 0: nothing reads them.
        rows = "p3" if lanes == "p0" else lanes
        self.emit(f"whilelt {rows}.s, {AT}, {ROWS}", f"ld1w {{z{names['max']}.s}}, {rows}/z, [{FIRST_MAX}, {AT}, lsl #2]")
        self.delta(names)
        self.constants(names)
        columns = ", ".join(f"z{names[name]}.s" for name in CONSTANTS)
        self.emit(f"add {L1}, {TABLE}, {AT}, lsl #4", f"st4w {{{columns}}}, {lanes}, [{L1}]")

    def first_constants(self):
        between = ("max", "shift", "delta", "square", "c0_1", "k3", "k2_0", "c1_1", "k1", "c0_2", "largest")
        names = {"bias": BIASES, **self.vectors, **dict(zip(between, self.idle, strict=True))}
        names |= {"c0_0": names["c0"], "c1_0": names["c1"], "k2": names["k2_0"]}
        self.emit(f"mov {AT}, #0")
        self.load_literals(names)
        self.constants_from(names)

    vectors = {"c0": BIASES + 1, "c1": BIASES + 2, "k": BIASES + 3}  # constants of the first rows, behind `constants`

    # ------------------------------------------------------------------ the whole
    def enter(self):
        """Behind head.py's entry."""
        least = f"z{LOWEST[0]}"
        self.emit(self.literal(LOWEST[0], "start"))
        # A scale that is no number makes the least z none.
        self.emit(f"fsub z22.s, z{SCALE}.s, z{SCALE}.s", f"fadd {least}.s, {least}.s, z22.s", f"cntw {AT}")
        # All that is loaded for addresses, a branch before they are used: a trace knows it only behind the block's end.
        self.emit(f"ldr {STEPS}, [{BLOCK}, #{chain.N + 8}]", f"ldp {BACK}, {P}, [{BLOCK}, #{chain.BACK}]")

    # ------------------------------------------------------------------ many rows: more than lanes
    FIRST_LINES, CHUNKS = 8, 3  # of S: as many rows as are not fetched beside a step four rows before
    V, V_STEP, O, O_STEP = "x25", "x26", "x27", "x28"  # until the panels begin

    def fetch(self):
        """Many rows are more than L1 holds beside V and O: what the first steps need is fetched at once."""
        stride, at = L3, L1
        self.emit(f"lsl {stride}, {TO_NEXT_ROW}, #2", f"prfm pldl1keep, [{S}]", f"prfm pstl1keep, [{TABLE}]",
                  f"add {at}, {S}, {stride}")
        for _ in range(1, self.FIRST_LINES):
            self.emit(f"prfm pldl1keep, [{at}]", f"add {at}, {at}, {stride}")
        self.lines += chain.save()
        self.emit(f"ldp {self.V}, {self.V_STEP}, [{ARGS}, #{chain.V}]", f"ldp {self.O}, {self.O_STEP}, [{ARGS}, #{chain.O}]")

    @staticmethod
    def fetch_operands():
        """What start() loads, before the many lines of fetch_panels(): stores of the last steps hold loads up."""
        return [f"prfm pldl1keep, [{chain.LIST_AT}]", f"prfm pldl1keep, [{BLOCK}, #{chain.P}]",
                f"prfm pldl1keep, [{ARGS}, #{chain.V}]", f"prfm pldl1keep, [{ARGS}, #{chain.WORKSPACE}]"]

    P_FIRST = "x29"
    KEPT = {"p": MOVE, "p_step": SPARE, "v": L3, "v_step": L4, "o": ROW_STEP, "o_step": MAX}  # free behind the last loads

    def keep(self):
        """Where P, V and O begin, beyond start(), which loads over it: for fetch_panels()."""
        k = self.KEPT
        return [f"mov {k['p']}, {self.P_FIRST}", f"lsr {k['p_step']}, {S_AHEAD}, #2",
                f"sub {k['p_step']}, {k['p_step']}, {TO_NEXT_ROW}", f"add {k['p_step']}, {k['p_step']}, {STEP_BYTES}",
                f"mov {k['v']}, {self.V}", f"lsl {k['v_step']}, {self.V_STEP}, #2",
                f"mov {k['o']}, {self.O}", f"lsl {k['o_step']}, {self.O_STEP}, #2"]

    def fetch_panels(self):
        """P, V and O of the first panel, some rows: exp2 has streamed past them."""
        lines = []
        for base, rows in (("p", 6), ("v", 2), ("o", 6), ("v", 8)):
            at, step = self.KEPT[base], self.KEPT[f"{base}_step"]
            for _ in range(rows):
                lines += [f"prfm pldl1keep, [{at}]", f"add {at}, {at}, {step}"]
        return lines

    def all_constants(self):
        """Those of the first vector's rows stay in registers, as in first_constants(), and come first, as they are waited for;
        then so many vectors that there is seldom a second round, as the exit of a loop is mispredicted."""
        between = ("max", "delta", "square", "k2", "shift", "k1", "k2_0", "k3", "c0_0", "c0_1", "c0_2", "c1_0", "c1_1",
                   "largest")
        free = iter(r for r in FREE["z"] if r < BIASES - len(CONSTANTS))
        names = dict(zip(between, free))
        first, others = ({name: at + i for i, name in enumerate(CONSTANTS)} for at in (BIASES, BIASES - len(CONSTANTS)))
        self.emit(f"mov {AT}, #0")
        self.load_literals(names)
        for results, chunks in ((first, 1), (others, self.CHUNKS)):
            if results is others:
                self.label("other_rows")
            for _ in range(chunks):
                self.scheduled(lambda: self.constants_from(names | results, lanes="p4"))
                self.emit(f"incw {AT}")
        self.emit(f"cmp {AT}, {ROWS}", f"b.lt {self.ref('other_rows')}")

    # ------------------------------------------------------------------ the first steps
    def first_steps(self):
        self.emit(f"mov {MAX}, {FIRST_MAX}", *chain.list_of_panels())
        if self.rows == "few":
            self.first_constants()
        self.emit(f"mov z{LOWEST[1]}.d, z{LOWEST[0]}.d", f"rdvl {STEP_BYTES}, #{SLOTS}",
                  f"lsl {S_AHEAD}, {TO_NEXT_ROW}, #4", f"add {TO_NEXT_ROW}, {BACK}, {TO_NEXT_ROW}, lsl #2",
                  f"add {P}, {P}, {TABLE}", *([f"mov {self.P_FIRST}, {P}"] if self.rows == "many" else []),
                  f"sub {P}, {P}, {STEP_BYTES}", f"mov {LEFT}, {N}", f"mov {ROW_STEP}, #{ROW_BYTES}", f"cntw {L1}",
                  f"cntw {L2}, all, mul #2", f"cntw {L3}, all, mul #3", f"cntw {L4}, all, mul #4")
        self.body(0, {0})
        self.body(1, {0, 1})

    def begin(self, saves, extras):
        """Steps up to the loop; `extras`: instructions beside those behind the first two."""
        def first_steps():
            self.lines += chain.save(saves)
            self.first_steps()

        self.scheduled(first_steps)
        stages, each = set(range(self.pipeline.last_stage + 1)), -(-len(extras) // (FILL - 2))
        for i, step in enumerate(range(2, FILL)):
            more = [f"ldr {chain.NEXT_CODE}, [{chain.LIST_AT}]"] if step + 1 == FILL else []  # for drain(), saved by now
            self.body(step, {s for s in stages if s <= step}, [*extras[i * each:(i + 1) * each], *more])
        self.emit(f"cmp {STEPS}, #0", f"b.le {self.ref('drain0')}")

    def drain(self, step):
        """The last stages behind step - 1; between them what the panels need, and the test of the least z."""
        last = self.pipeline.last_stage
        assert max(o.stage for o in self.pipeline.operations if o.name == "lowest") == 1 < last
        bodies = [(step + i, set(range(i + 1, last + 1))) for i in range(last)]
        low, other = (f"z{r}.s" for r in LOWEST)
        spare = max(set(FREE["z"]).difference(*(self.touched(*body) for body in bodies[1:])))
        extras = [[f"prfum pldl1keep, [{chain.NEXT_CODE}, #-{chain.TABLE_AT}]", *chain.start()],
                  [self.literal(spare, "least"),
                   f"fmin {low}, p0/m, {low}, {other}",
                   f"fcmgt p1.s, p0/z, {low}, z{spare}.s", "nots p1.b, p0/z, p1.b", chain.NO_LANES]]
        if self.rows == "many":
            extras[0] = [*self.fetch_operands(), *self.keep(), *extras[0], *self.fetch_panels()]
        for body, between in zip_longest(bodies, extras, fillvalue=()):
            self.body(*body, between)
        self.emit(*chain.first_addresses(), f"b.ne {self.ref('repeat')}", f"b {chain.RUN}")

    def steps(self, saves, extras):
        self.label("begin")
        self.begin(saves, extras)
        stages = set(range(self.pipeline.last_stage + 1))
        self.label("loop")
        self.body(FILL, stages)
        self.emit(f"cbz {STEPS}, {self.ref('drain1')}")
        self.body(FILL + 1, stages)
        self.emit(f"cbnz {STEPS}, {self.ref('loop')}")
        for parity in (0, 1):
            self.label(f"drain{parity}")
            self.drain(FILL + parity)

    def text(self):
        self.label("begin_rows")
        self.scheduled(self.enter)
        self.emit(f"cmp {AT}, {ROWS}", f"b.lt {self.ref('many_rows')}")
        late = [text.strip() for text in chain.save(range(SAVED_FIRST, chain.SAVED_VECTORS[0]))]
        self.steps([*range(SAVED_FIRST), *chain.SAVED_VECTORS], late)
        self.rows = "many"
        self.label("many_rows")
        self.fetch()
        self.all_constants()
        self.steps([], [])
        return "\n".join(self.lines) + "\n"
