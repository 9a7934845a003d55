"""Order and registers of exp2's software pipeline: see exp2_rows.py."""
from dataclasses import dataclass

SLOTS = 4  # vectors of a step
CIRCLE = 2 * SLOTS  # registers repeat after two steps
EPSILON = 1e-6


@dataclass(frozen=True)
class Operation:
    name: str
    slot: int  # vector of the step
    time: float  # of the step's first load, in vectors

    @property
    def stage(self):
        return int(self.time // SLOTS)

    @property
    def place(self):
        return self.time % SLOTS


class Pipeline:
    """`times`: position of each operation in vectors, of vector 0; `once`: the same of operations done once a step.
    `values`: the first and the last operation of each value."""

    def __init__(self, times, once, values, registers):
        self.operations = [Operation(name, slot, t + slot) for name, t in times.items() for slot in range(SLOTS)]
        self.operations += [Operation(name, 0, t) for name, t in once.items()]
        self.operations.sort(key=lambda o: (o.place, o.name, o.slot))
        fractions = {round(t % 1, 6) for t in [*times.values(), *once.values()]}
        assert len(fractions) == len(times) + len(once), "two operations at the same place"
        self.times, self.once, self.values = times, once, values
        self.last_stage = max(o.stage for o in self.operations)
        self.register = {}
        for kind, free in registers.items():
            self.register.update(self.colour(kind, free))

    def span(self, value, slot):
        """Times at which a value begins and ends; one that a whole step shares lives until the last vector's use."""
        first, last, _, shared = self.values[value]
        begin = self.once[first] if first in self.once else self.times[first] + slot
        # An operation of a whole step reads it after it has begun another value.
        end = (self.once[last] + 2 * EPSILON if last in self.once
               else self.times[last] + (SLOTS - 1 if shared else slot))
        return begin, end

    def colour(self, kind, free):
        """A register for each value, vector and parity of the step, none held twice on the circle of two steps."""
        arcs = []
        for value, (_, _, k, shared) in self.values.items():
            if k != kind:
                continue
            for slot in range(1 if shared else SLOTS):
                for parity in (0, 1):
                    begin, end = self.span(value, slot)
                    assert end - begin <= CIRCLE, f"{value} lives longer than two steps"
                    arcs.append(((begin + SLOTS * parity) % CIRCLE, end - begin, value, slot, parity))
        taken, register = {r: [] for r in free}, {}
        for begin, length, *key in sorted(arcs, key=lambda a: (-a[1], a[0])):
            # Of the gaps that are large enough, the one in which it leaves the least on one side.
            gaps = {}
            for r in free:
                before = [(begin - b) % CIRCLE - l for b, l in taken[r]]
                behind = [(b - begin) % CIRCLE - length for b, l in taken[r]]
                if all(gap >= -EPSILON for gap in before + behind):
                    gaps[r] = min(before + behind, default=CIRCLE)
            assert gaps, f"too few registers of {kind}"
            choice = min(gaps, key=lambda r: (gaps[r], r))
            taken[choice].append((begin, length))
            register[tuple(key)] = choice
        return register
