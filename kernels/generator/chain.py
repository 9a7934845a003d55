"""The frame of a chain: registers saved once, exp2 of all rows, then panel after panel without a return between them.

micro/chain.hpp has the operands. Every panel ends with a jump to the next one of the list; the list ends with the code at
END. While panels run, registers have the names below.
"""
WITH_EXP2, WITHOUT_EXP2, END = "svetune_chain_exp2", "svetune_chain_panels", "svetune_chain_end"

# Offsets of ChainBlock and svetune_args: pairs of 8 bytes, but for those that stand alone.
ROWS, N, BACK, P, P_STRIDE, PANELS, REPEAT, STEPS, STEPS_REST = 0, 8, 24, 32, 40, 48, 56, 64, 80
S, MAX, SCALE, V, O, WORKSPACE = 0, 16, 24, 48, 64, 80
# Offsets and size of ChainPanel.
COLUMN, BLOCKS_ROW, PANEL_BYTES = 8, 24, 40

BLOCK, ARGS = "x0", "x1"
PANEL = "x10"
LIST_AT = "x24"
P_BASE, V_BASE, O_BASE, LDP = "x25", "x26", "x27", "x28"
K_REST, FIRST = "x29", "x30"  # bytes of p's row that a row block passes over; number of the step that it starts with
LDV, LDO, CHUNKS, SKIP = "x2", "x4", "x8", "x9"

SAVED = [(f"x{i}", f"x{i + 1}") for i in range(19, 31, 2)] + [(f"d{i}", f"d{i + 1}") for i in range(8, 16, 2)]
FRAME = 16 * len(SAVED)


def save(pairs=range(len(SAVED))):
    return [f"\tstp {SAVED[i][0]}, {SAVED[i][1]}, [sp, #{16 * i}]" for i in pairs]


def restore():
    return [f"\tldp {a}, {b}, [sp, #{16 * i}]" for i, (a, b) in enumerate(SAVED)]


def function(name):
    return [f"\t.globl {name}", f"\t.type {name}, %function", "\t.p2align 6", f"{name}:"]


def start():
    """From block and arguments to the first panel, whose address it leaves in PANEL. Changes no operand's register."""
    return [f"ldr {LIST_AT}, [{BLOCK}, #{PANELS}]", f"add {LIST_AT}, {LIST_AT}, {BLOCK}", f"ldp {P_BASE}, {LDP}, [{BLOCK}, #{P}]",
            f"ldr {K_REST}, [{ARGS}, #{WORKSPACE}]", f"ldp {V_BASE}, {LDV}, [{ARGS}, #{V}]",
            f"ldp {O_BASE}, {LDO}, [{ARGS}, #{O}]", f"ldr {PANEL}, [{LIST_AT}]", f"add {P_BASE}, {P_BASE}, {K_REST}",
            f"lsl {LDV}, {LDV}, #2", f"ldp {CHUNKS}, {SKIP}, [{BLOCK}, #{STEPS}]",
            f"ldp {K_REST}, {FIRST}, [{BLOCK}, #{STEPS_REST}]", f"lsl {LDO}, {LDO}, #2"]


NO_LANES = "pfalse p2.b"  # as the panels expect it


def text():
    lines = function(WITHOUT_EXP2) + [f"\tsub sp, sp, #{FRAME}", *save(), "\tptrue p0.s", "\t" + NO_LANES,
                                         *("\t" + text for text in start()), f"\tbr {PANEL}"]
    lines += [f"\t.size {WITHOUT_EXP2}, .-{WITHOUT_EXP2}", *function(END), "\tmov w0, #0", *restore(),
              f"\tadd sp, sp, #{FRAME}", "\tret", f"\t.size {END}, .-{END}"]
    return "\n".join(lines) + "\n"
