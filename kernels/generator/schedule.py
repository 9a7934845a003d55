"""List scheduling of straight-line assembly: an order in which results are there when they are asked for.

An out-of-order core looks 128 micro-ops ahead, but its stations for the floating-point pipes hold 40: instructions that
wait fill them, and younger ones that could run do not get in. Latencies are A64FX's (Microarchitecture Manual, p.92-135, with
the 3 cycles from a load or a predicate to the floating-point pipes); other cores are less in need of an order.
"""
import re

LATENCIES = [(r"ld1|ldr|ldp s|ldp d", 14), (r"ldp", 6), (r"st|b\b|prf", 1), (r"dup|mov z\d+\.s, z\d+\.s\[", 6),
             (r"fexpa|fmin|sel|mov z|and|orr", 4), (r"facgt|fcm", 8), (r"f", 9), (r"while", 5),
             (r"(mov|not|nots|ptrue|pfalse|ptest) p?", 3), (r"mul|madd", 5)]
PIPES = {"fl": 2, "memory": 2, "other": 2}
WIDTH, LONGEST = 4, 20  # LONGEST: no instruction takes as long


def latency(text):
    if re.match(r"mov x|mov w", text):
        return 1
    return next((cycles for pattern, cycles in LATENCIES if re.match(pattern, text)), 1)


def pipe(text):
    if re.match(r"ld|st|prf", text):
        return "memory"
    return "fl" if re.match(r"f|dup|sel|mov z|movprfx", text) else "other"


def registers(text):
    return ["z" + r[1:] if r[0] == "d" else "x" + r[1:] if r[0] == "w" else r
            for r in re.findall(r"\b([zpxwd]\d+)\b", text)]


def effects(text):
    """Registers that an instruction writes and reads; "flags" is one."""
    name, _, operands = text.partition(" ")
    found = registers(operands)
    if re.match(r"st|prf", name):
        return [], found
    if name in ("cmp", "ptest"):
        return ["flags"], found
    written = found[:2] if name == "ldp" else found[:1]
    read = found[len(written):]
    if "/m" in text or name.startswith(("inc", "dec", "movk")) or name in ("fmla", "fmls"):
        read = read + written
    if name.startswith("while") or name in ("subs", "adds", "nots"):
        written = written + ["flags"]
    if name in ("csel", "cset"):
        read = read + ["flags"]
    return written, read


class Unit:
    """An instruction, with the MOVPRFX before it."""

    def __init__(self, texts):
        self.texts = texts
        self.written, self.read = effects(texts[-1])
        if len(texts) == 2:
            destination, source = registers(texts[0])[:2]
            self.read = [r for r in self.read if r != destination] + [source]
        self.latency, self.pipe = latency(texts[-1]), pipe(texts[-1])
        self.after, self.height = {}, 0  # units that follow, with the cycles between


def units_of(lines):
    units, prefix = [], []
    for line in lines:
        text = line.strip()
        if text.startswith("movprfx"):
            prefix = [text]
            continue
        units.append(Unit(prefix + [text]))
        prefix = []
    return units


def link(units, operands=lambda i, registers: registers):
    """Edges for values (latency) and for registers that are written again (order alone). `operands(i, registers)`: what stands
    for those registers of unit i."""
    writer, readers = {}, {}
    for i, unit in enumerate(units):
        for register in operands(i, unit.read):
            if register in writer:
                before = writer[register]
                units[before].after[i] = max(units[before].after.get(i, 0), units[before].latency)
            readers.setdefault(register, []).append(i)
        for register in operands(i, unit.written):
            for before in [*readers.get(register, []), writer.get(register, i)]:
                if before != i:
                    units[before].after.setdefault(i, 0)
            writer[register], readers[register] = i, []
    for unit in reversed(units):
        unit.height = max((cycles + units[i].height for i, cycles in unit.after.items()), default=0)


def ordered(units, admit=lambda i: True, preferred=lambda i: 0, under_way=0):
    """Numbers of linked units in an order in which, each cycle, those with the longest way to go come first. `admit(i)`: if
    unit i can be done now that it is its turn; `preferred(i)`: cycles added to its way; `under_way`: so many cycles what came
    before takes every other cycle of a floating-point pipe."""
    waiting, ready_at = [0] * len(units), [0] * len(units)
    for unit in units:
        for i in unit.after:
            waiting[i] += 1
    open_units = [i for i in range(len(units)) if waiting[i] == 0]
    order, now, last = [], 0, 0
    while open_units:
        used = dict.fromkeys(PIPES, 0)
        if now < under_way and now % 2:
            used["fl"] = 1
        for i in sorted(open_units, key=lambda i: (-units[i].height - preferred(i), i)):
            if sum(used.values()) == WIDTH:
                break
            if ready_at[i] > now or used[units[i].pipe] == PIPES[units[i].pipe] or not admit(i):
                continue
            used[units[i].pipe] += 1
            order.append(i)
            last = now
            open_units.remove(i)
            for j, cycles in units[i].after.items():
                ready_at[j] = max(ready_at[j], now + cycles)
                waiting[j] -= 1
                if waiting[j] == 0:
                    open_units.append(j)
        now += 1
        assert now - last < LONGEST, "nothing can be done"
    return order


def scheduled(lines):
    """The same instructions in that order."""
    units = units_of(lines)
    link(units)
    return ["\t" + text for i in ordered(units) for text in units[i].texts]
