"""exp2 vectors that travel in the idle slots of a GEMM loop: where their operations stand, and in which registers.

Method, constants and bounds are `fexpa` of micro/exp2_core.hpp. One vector is a chain of six results of latency 9; each
operation stands `spacing` cycles of the GEMM behind the one that it waits for, as far apart as registers allow, so that it
does not hold an entry of the stations for long. A constant is loaded where it is needed, into the register that the
operation overwrites: a broadcast costs no slot of the floating-point pipes.
"""
from dataclasses import dataclass

LATENCY, LOAD = 9, 14
SPACINGS = [0.5 * i for i in range(21)]
LEADS = [0.5 * i for i in range(29)]  # cycles from a load to its use

# Operation: spacings behind the first (and 1: `lead` cycles before that), values that begin with it, values that end.
STEPS = [("load", 0, 0, ["x", "b"], []),
         ("z", 0, 1, [], []),
         ("load_n", 1, 0, ["n"], []),
         ("n", 1, 1, ["kept"], []),
         ("r", 2, 1, [], ["x"]),
         ("load_u", 3, 0, ["u", "c"], []),
         ("u", 3, 1, [], ["c"]),
         ("load_d", 3, 1, ["d"], []),
         ("edge", 4, 1, [], ["d"]),
         ("load_k", 4, 0, ["k"], []),
         ("w", 4, 1, [], ["k", "n"]),
         ("p", 5, 1, [], ["b", "kept"]),
         ("store", 6, 1, [], ["u"])]
CONSTANTS = {"bias": 0, "c0": 4, "c1": 8, "k": 12, "delta": 16}  # bytes within a row of the table
ROW_BYTES = 32
EDGE, ABOVE = 4, "p12"  # lanes of z of -126 behind those kept; those that are not below it


@dataclass(frozen=True)
class Carry:
    """Registers: those that hold z of the least normal result and the scale (None: it is loaded again and again), those
    for what lies between, and predicates."""
    least: int
    scale: int | None
    free: tuple
    kept: tuple

    @staticmethod
    def of(free, kept):
        """With registers that the tile leaves free: four at least have to be left for what lies between."""
        keep_scale = len(free) >= 6
        return Carry(free[0], free[1] if keep_scale else None, tuple(free[2 if keep_scale else 1:]), kept)


@dataclass(frozen=True)
class Pointers:
    """Registers: S and P walk from row to row by their strides; the row's constants; scale's address."""
    s: str
    s_stride: str
    p: str
    p_stride: str
    table: str
    scale: str
    ahead: str | None  # from a row of S to one that is fetched


def texts(name, z, row, carry, at, lanes="p0"):
    """One operation; z: registers of the values."""

    def constant(what, register):
        return f"ld1rw {{z{register}.s}}, p0/z, [{at.table}, #{ROW_BYTES * row + CONSTANTS[what]}]"

    scale = carry.scale if carry.scale is not None else z.get("scale")
    if name == "load":
        own = [] if carry.scale is not None else [f"ld1rw {{z{scale}.s}}, p0/z, [{at.scale}]"]
        fetch = [] if at.ahead is None else [f"prfm pldl1keep, [{at.s}, {at.ahead}]"]
        return [f"ld1w {{z{z['x']}.s}}, {lanes}/z, [{at.s}]", *fetch, f"add {at.s}, {at.s}, {at.s_stride}",
                constant("bias", z["b"]), *own]
    if name == "store":
        return [f"st1w {{z{z['u']}.s}}, {lanes}, [{at.p}]", f"add {at.p}, {at.p}, {at.p_stride}"]
    return {
        "z": lambda: [f"fmla z{z['b']}.s, p0/m, z{z['x']}.s, z{scale}.s"],
        "load_n": lambda: [constant("bias", z["n"])],
        # What is at or below the least becomes zero; NaN does not, nor what was rounded down to it.
        "n": lambda: [f"fsub z{z['n']}.s, z{z['b']}.s, z{z['n']}.s",
                      f"fcmge p{z['kept']}.s, p0/z, z{carry.least}.s, z{z['b']}.s",
                      f"fcmeq p{z['kept'] + EDGE}.s, p0/z, z{carry.least}.s, z{z['b']}.s",
                      f"fexpa z{z['b']}.s, z{z['b']}.s", f"not p{z['kept']}.b, p0/z, p{z['kept']}.b"],
        "r": lambda: [f"fnmls z{z['n']}.s, p0/m, z{z['x']}.s, z{scale}.s"],
        "load_d": lambda: [constant("delta", z["d"])],
        "edge": lambda: [f"fcmge {ABOVE}.s, p0/z, z{z['n']}.s, z{z['d']}.s",
                         f"and {ABOVE}.b, p0/z, {ABOVE}.b, p{z['kept'] + EDGE}.b",
                         f"orr p{z['kept']}.b, p0/z, p{z['kept']}.b, {ABOVE}.b"],
        "load_u": lambda: [constant("c0", z["u"]), constant("c1", z["c"])],
        "u": lambda: [f"fmla z{z['u']}.s, p0/m, z{z['n']}.s, z{z['c']}.s"],
        "load_k": lambda: [constant("k", z["k"])],
        "w": lambda: [f"fmad z{z['u']}.s, p0/m, z{z['n']}.s, z{z['k']}.s"],
        "p": lambda: [f"movprfx z{z['u']}.s, p{z['kept']}/z, z{z['u']}.s",
                      f"fmad z{z['u']}.s, p{z['kept']}/m, z{z['b']}.s, z{z['b']}.s"],
    }[name]()


def values(carry):
    """Values of a vector by the operation that begins or ends them."""
    own = [] if carry.scale is not None else ["scale"]
    begins = {name: [*first, *(own if name == "load" else [])] for name, _, _, first, _ in STEPS}
    ends = {name: [*last, *(own if name == "r" else [])] for name, _, _, _, last in STEPS}
    return begins, ends


def placed(vectors, window, spacing, lead):
    """(cycle, vector, number of the operation) of all vectors, evenly spread over a window of cycles; None: too long."""
    span = 6 * spacing + lead
    if span > window:
        return None
    apart = (window - span) / max(1, vectors - 1)
    start = 0 if vectors > 1 else (window - span) / 2
    return sorted((start + v * apart + spacings * spacing + late * lead, v, number)
                  for v in range(vectors) for number, (_, spacings, late, _, _) in enumerate(STEPS))


def lag(spacing, lead):
    """Cycles that the last operation of a vector waits for the others, at least."""
    ready = 0
    for name, spacings, late, begins, _ in STEPS:
        place = spacings * spacing + late * lead
        if name in ("load_d", "edge"):  # beside the chain
            continue
        if late:
            ready = max(ready + LATENCY, place)
        elif begins:
            ready = max(ready, place + LOAD - LATENCY)
    return ready - place


def allocated(order, carry):
    """A register for each value, or None where there are too few."""
    begins, ends = values(carry)
    free, kept, held, result = list(carry.free), list(carry.kept), {}, []
    for cycle, vector, number in order:
        name = STEPS[number][0]
        for value in begins[name]:
            pool = kept if value == "kept" else free
            if not pool:
                return None
            held[vector, value] = pool.pop(0)
        result.append((cycle, vector, name, {value: r for (v, value), r in held.items() if v == vector}))
        for value in ends[name]:
            (kept if value == "kept" else free).append(held.pop((vector, value)))
    return result


def operations(rows, window, carry, at):
    """[(cycle, instructions)] of a vector of each of the rows, within a window of so many cycles."""
    choices = sorted((lag(spacing, lead), spacing, lead) for spacing in SPACINGS for lead in LEADS)
    for _, spacing, lead in choices:
        order = placed(len(rows), window, spacing, lead)
        found = order and allocated(order, carry)
        if found:
            return [(cycle, texts(name, z, rows[vector], carry, at)) for cycle, vector, name, z in found]
    # One behind the other.
    found = allocated([(window * v / len(rows), v, number) for v in range(len(rows)) for number in range(len(STEPS))], carry)
    return [(cycle, texts(name, z, rows[vector], carry, at)) for cycle, vector, name, z in found]


def one_vector(carry, at, lanes):
    """A vector of the table's first row by itself."""
    found = allocated([(0, 0, number) for number in range(len(STEPS))], carry)
    return [text for _, _, name, z in found for text in texts(name, z, 0, carry, at, lanes)]
