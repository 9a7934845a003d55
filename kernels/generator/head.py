"""Where a call begins: its operands are looked at (`CHECKED`, `CHECKED_FOUR`, or not: `WITH_EXP2`), then exp2 goes by steps of
rows or, where there are four and of a vector at least, of columns."""
import itertools

import chain
import exp2_columns
from chain import ARGS, BLOCK
from exp2 import SCALE
from exp2_columns import Exp2Columns
from exp2_rows import Exp2Rows
from stream import SLOTS

MAX, ROWS, S, LDS, WORKSPACE, N = "x17", "x15", "x2", "x10", "x5", "x8"  # as exp2 expects them
V, LDV, O, LDO, BYTES, D, LEAST_BYTES = "x3", "x9", "x11", "x12", "x14", "x15", "x16"
LANES = LEAST_BYTES
FAILED, NOT_EQUAL = 8, 0  # flags of "less" and "not equal"
REFUSED = f".L{chain.CHECKED}_refused"


def operands(s, block=0):
    """What exp2 needs of them; `s`: register of S."""
    return ["ptrue p0.s", f"ldr {MAX}, [{ARGS}, #{chain.MAX}]", f"ldr {LDS}, [{ARGS}, #{chain.S + 8}]",
            f"ldr {s}, [{ARGS}, #{chain.S}]", f"ldr {N}, [{BLOCK}, #{block + chain.N}]",
            f"ld1rw {{z{SCALE}.s}}, p0/z, [{ARGS}, #{chain.SCALE}]"]


def check_s(s):
    """What may be wrong with S: a null pointer, rows that overlap."""
    return [f"cbz {s}, {REFUSED}", f"cmp {LDS}, {N}", f"b.lt {REFUSED}"]


def check_others():
    """The same of V, O and the workspace; then BLOCK is the block, no longer the PreparedState that has it."""
    return [f"ldp {WORKSPACE}, {BYTES}, [{ARGS}, #{chain.WORKSPACE}]", f"ldp {V}, {LDV}, [{ARGS}, #{chain.V}]",
            f"ldp {O}, {LDO}, [{ARGS}, #{chain.O}]", f"ldp {D}, {LEAST_BYTES}, [{BLOCK}, #{chain.DATA + chain.COLUMNS}]",
            *(f"cbz {pointer}, {REFUSED}" for pointer in (WORKSPACE, V, O)),
            f"cmp {LDV}, {D}", f"ccmp {LDO}, {D}, #{FAILED}, ge", f"ccmp {BYTES}, {LEAST_BYTES}, #{FAILED}, ge",
            f"b.lt {REFUSED}", f"add {BLOCK}, {BLOCK}, #{chain.DATA}"]


def text():
    columns, rows = Exp2Columns(), Exp2Rows()
    begin = [f"sub sp, sp, #{chain.FRAME}"]
    some = [f"ldr {ROWS}, [{BLOCK}, #{chain.ROWS}]"]
    unchecked = [*operands(S), f"ldr {WORKSPACE}, [{ARGS}, #{chain.WORKSPACE}]", *begin, *some, f"cntw {LANES}",
                 f"cmp {N}, {LANES}", f"ccmp {ROWS}, #{SLOTS}, #{NOT_EQUAL}, ge", f"b.ne {rows.ref('begin_rows')}",
                 f"mov {exp2_columns.S[0]}, {S}", *columns.offsets(), *columns.first_maxima(0), *columns.first_vectors(),
                 f"b {columns.ref('begin')}"]
    repeat = [*(line.strip() for line in chain.restore()), f"add sp, sp, #{chain.FRAME}",
              f"ldr x16, [{BLOCK}, #{chain.REPEAT}]", "br x16"]
    refused = [f"ldr x16, [{BLOCK}, #{chain.REFUSED}]", "br x16"]  # a PreparedState still

    def lines(texts):
        return ["\t" + line for line in texts]

    def function(name, *parts):
        return [*chain.function(name), *itertools.chain(*parts), f"\t.size {name}, .-{name}"]

    null = [f"cbz {MAX}, {REFUSED}"]
    return "\n".join([
        *function(chain.WITH_EXP2, lines(unchecked)),
        # What all waits for is loaded before all else: writes of the last call keep loads from the cache.
        *function(chain.CHECKED_FOUR, lines([*operands(exp2_columns.S[0], chain.DATA), *columns.offsets(), *null,
                                             *columns.first_maxima(chain.DATA), *check_s(exp2_columns.S[0]),
                                             *columns.first_vectors(), *check_others(), *begin]), [columns.text()]),
        *function(chain.CHECKED, lines([*operands(S, chain.DATA), *null, *check_s(S), *check_others(), *begin, *some]),
                  [rows.text()], [f"{rows.ref('repeat')}:"], lines(repeat), [f"{REFUSED}:"], lines(refused))]) + "\n"
