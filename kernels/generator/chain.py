"""The frame of a chain: registers saved once, exp2 of all rows, then panel after panel without a return between them.

micro/chain.hpp has the operands. Every panel ends with a jump to the next one of the list; the list ends with the code at
END. While panels run, registers have the names below.
"""
WITH_EXP2, WITHOUT_EXP2, END = "svetune_chain_exp2", "svetune_chain_panels", "svetune_chain_end"

# Offsets of ChainOperands.
S, MAX, TABLE, P, SCALE, V, O, LIST = 0, 16, 32, 48, 64, 72, 88, 104  # pairs of 8 bytes, but for SCALE
# Offsets and size of ChainPanel.
COLUMN, BLOCKS_ROW, PANEL_BYTES = 8, 24, 40

OPERANDS = "x0"
LIST_AT = "x24"
P_BASE, V_BASE, O_BASE, LDP = "x25", "x26", "x27", "x28"
K_REST, FIRST = "x29", "x30"  # bytes of p's row that a row block passes over; number of the step that it starts with
LDV, LDO, CHUNKS, SKIP = "x2", "x4", "x8", "x9"

SAVED = [(f"x{i}", f"x{i + 1}") for i in range(19, 31, 2)] + [(f"d{i}", f"d{i + 1}") for i in range(8, 16, 2)]
FRAME = 16 * len(SAVED)


def save():
    return [f"\tstp {a}, {b}, [sp, #{16 * i}]" for i, (a, b) in enumerate(SAVED)]


def restore():
    return [f"\tldp {a}, {b}, [sp, #{16 * i}]" for i, (a, b) in enumerate(SAVED)]


def function(name):
    return [f"\t.globl {name}", f"\t.type {name}, %function", "\t.p2align 6", f"{name}:"]


def start():
    """From the operands to the first panel."""
    return [f"\tldp {P_BASE}, {LDP}, [{OPERANDS}, #{P}]", f"\tldp {V_BASE}, {LDV}, [{OPERANDS}, #{V}]",
            f"\tldp {O_BASE}, {LDO}, [{OPERANDS}, #{O}]", f"\tldp {LIST_AT}, x11, [{OPERANDS}, #{LIST}]",
            f"\tldp {CHUNKS}, {SKIP}, [x11]", f"\tldp {K_REST}, {FIRST}, [x11, #16]", "\tpfalse p2.b",
            f"\tldr x10, [{LIST_AT}]", "\tbr x10"]


def text():
    lines = function(WITHOUT_EXP2) + [f"\tsub sp, sp, #{FRAME}", *save(), "\tptrue p0.s", *start()]
    lines += [f"\t.size {WITHOUT_EXP2}, .-{WITHOUT_EXP2}", *function(END), "\tmov w0, #0", *restore(),
              f"\tadd sp, sp, #{FRAME}", "\tret", f"\t.size {END}, .-{END}"]
    return "\n".join(lines) + "\n"
