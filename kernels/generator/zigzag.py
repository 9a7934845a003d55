"""A panel whose row blocks go over k in turns: rounds of k upwards, then downwards from where the last row block ended.

L1 gives up the line that was used longest ago. Row blocks that all begin with the first row of V ask for it when just that
line has gone to a row of O or P; here it is the line that is needed last. Within a round k goes upwards, so that P's offsets
and the order of V's rows are the same both ways.

k is a multiple of the unroll, two rounds at least, so that there is one entry and no table. It takes the registers of two
rows of P.
"""
import chain
from panel import Panel
from step import COUNT_CHUNKS, ENTRY, FRESH, FRESH_STEP, LDO, LDV, P_ROWS, STEP, V0, V_EVEN, V_ODD

AHEAD = chain.AHEAD
JUMP, ROUND = P_ROWS[6:]  # bytes to the next round: of V, beyond a step; of P
P_AHEAD = FRESH           # bytes: so far before they are needed P's lines are fetched


class ZigzagPanel(Panel):
    MOST_ROWS, UNROLL = 6, 16
    NEXT, NEXT_CODE = ENTRY, None  # no table to be fetched

    LAST = UNROLL - 1          # step of a round
    BITS = LAST.bit_length()

    touching = False  # whether steps load a byte or two of a row of V that comes soon
    ahead = V_EVEN    # the row behind the step's

    def last_round(self, extras=()):
        """What O and P push out of L1 meanwhile is the line used longest ago, and those are this round's. A prefetch of a line
        that is there does not make it younger."""
        self.touching = True
        super().last_round(extras)

    def prefetch_v(self):
        yield from super().prefetch_v()
        if self.touching:
            yield f"ldrh wzr, [{self.ahead}, {LDV}, lsl #1]"

    # ------------------------------------------------------------------ from round to round
    def to_next(self, s, here, ahead):
        self.ahead = ahead
        lines = super().to_next(s, here, ahead)
        if s == self.LAST:
            lines += [f"add {ahead}, {ahead}, {JUMP}", *(f"add {row}, {row}, {ROUND}" for row in P_ROWS[:self.t.p_ring])]
        return lines

    def next_offset(self, s):
        return 0 if s == self.LAST else super().next_offset(s)

    def next_p(self, s):
        for i in range(s, self.t.rows, self.t.unroll):
            yield f"prfm pldl1keep, [{P_ROWS[i]}, {P_AHEAD}]"

    def advance_p(self):
        """The others' last element of this round was loaded late."""
        for row in P_ROWS[self.t.p_ring:self.t.rows]:
            self.emit(f"add {row}, {row}, {ROUND}")

    def turn_in_round(self):
        self.emit(f"add {AHEAD}, {AHEAD}, {JUMP}")

    def turn_in_last(self):
        self.touching = False  # the rows that come next are this round's again
        self.emit(f"add {V_ODD}, {V0}, {chain.V_DELTA}", f"sub {AHEAD}, {AHEAD}, {LDV}, lsl #{self.BITS}",
                  f"cmp {chain.BLOCKS}, #1", f"csel {AHEAD}, {AHEAD}, {V_ODD}, gt")

    def first_row(self):
        self.emit(f"add {V_EVEN}, {V_ODD}, {LDV}", f"sub {V_EVEN}, {V_EVEN}, {LDV}, lsl #{self.BITS}",
                  f"add {JUMP}, {JUMP}, {LDV}, lsl #{self.BITS + 1}", f"neg {JUMP}, {JUMP}", f"neg {ROUND}, {ROUND}")
        return V_EVEN

    def find_entry(self):
        return []

    def prepare(self):
        return [COUNT_CHUNKS, f"mov {STEP}, #{self.t.rows}", f"mul {FRESH_STEP}, {STEP}, {LDO}",
                f"mul {STEP}, {STEP}, {chain.LDP}", f"mov {JUMP}, #0", f"mov {ROUND}, #{4 * self.t.unroll}"]

    def enter(self):
        self.load_next()
        super().enter()

    def to_body(self):
        self.emit(f"lsl {P_AHEAD}, {ROUND}, #1", f"b {self.ref('middle1')}")

    def other_entries(self):
        pass

    def table(self):
        pass
