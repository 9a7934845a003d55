"""Where a call begins: its operands are looked at, then exp2 goes by steps of rows or of columns."""
import chain
from chain import ARGS, BLOCK
from exp2_columns import Exp2Columns
from exp2_rows import Exp2Rows
from stream import SLOTS

MAX, ROWS, S, LDS, WORKSPACE, N = "x17", "x15", "x2", "x10", "x5", "x8"  # as exp2 expects them
V, LDV, O, LDO, BYTES, D, LEAST_BYTES = "x4", "x6", "x7", "x12", "x13", "x14", "x16"
FAILED = 8  # flags of "less"


def looked_at():
    """What may be wrong with the operands of a call; what exp2 needs of them is loaded on the way."""
    return ["ptrue p0.s", f"ldr {MAX}, [{ARGS}, #{chain.MAX}]", f"ldp {S}, {LDS}, [{ARGS}, #{chain.S}]",
            f"ldp {WORKSPACE}, {BYTES}, [{ARGS}, #{chain.WORKSPACE}]", f"ldp {V}, {LDV}, [{ARGS}, #{chain.V}]",
            f"ldp {O}, {LDO}, [{ARGS}, #{chain.O}]", f"ldr {N}, [{BLOCK}, #{chain.N}]",
            f"ldp {D}, {LEAST_BYTES}, [{BLOCK}, #{chain.COLUMNS}]",
            *(f"cbz {pointer}, .L{chain.CHECKED}_refused" for pointer in (MAX, S, WORKSPACE, V, O)),
            f"cmp {LDS}, {N}", f"ccmp {LDV}, {D}, #{FAILED}, ge", f"ccmp {LDO}, {D}, #{FAILED}, ge",
            f"ccmp {BYTES}, {LEAST_BYTES}, #{FAILED}, ge", f"b.lt .L{chain.CHECKED}_refused"]


def text():
    begin, rows = f".L{chain.WITH_EXP2}_begin", f".L{chain.WITH_EXP2}_rows"
    unchecked = ["ptrue p0.s", f"ldr {MAX}, [{ARGS}, #{chain.MAX}]", f"ldp {S}, {LDS}, [{ARGS}, #{chain.S}]",
                 f"ldr {WORKSPACE}, [{ARGS}, #{chain.WORKSPACE}]", f"ldr {N}, [{BLOCK}, #{chain.N}]", f"b {begin}"]
    refused = [f"ldr x16, [{BLOCK}, #{chain.REFUSED}]", "br x16"]
    repeat = [*(line.strip() for line in chain.restore()), f"add sp, sp, #{chain.FRAME}",
              f"ldr x16, [{BLOCK}, #{chain.REPEAT}]", "br x16"]

    def lines(texts):
        return ["\t" + line for line in texts]

    return "\n".join([
        *chain.function(chain.WITH_EXP2), *lines(unchecked), f"\t.size {chain.WITH_EXP2}, .-{chain.WITH_EXP2}",
        *chain.function(chain.CHECKED), *lines(looked_at()), f"{begin}:",
        *lines([f"ldr {ROWS}, [{BLOCK}, #{chain.ROWS}]", f"sub sp, sp, #{chain.FRAME}", f"cmp {ROWS}, #{SLOTS}", f"b.ne {rows}"]),
        Exp2Columns().text(), f"{rows}:", Exp2Rows().text(),
        f".L{chain.WITH_EXP2}_repeat:", *lines(repeat), f".L{chain.CHECKED}_refused:", *lines(refused),
        f"\t.size {chain.CHECKED}, .-{chain.CHECKED}"]) + "\n"
