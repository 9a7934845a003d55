"""The frame of a chain: registers saved once, exp2 of all rows, then panel after panel.

micro/chain.hpp has the operands. The panels of a list are called one after the other, each by an instruction of its own
(RUN), so that each jump has one target, and their returns are predicted, too: a panel that jumped to the next one would be
predicted to go where it went last. While panels run, registers have the names below.
"""
CHECKED, CHECKED_FOUR = "svetune_chain_call", "svetune_chain_call_four"
WITH_EXP2, WITHOUT_EXP2, END = "svetune_chain_exp2", "svetune_chain_panels", "svetune_chain_end"
RUN, RUN_SECOND = ".Lsvetune_chain_run", ".Lsvetune_chain_run_second"
PANELS_OF_CHAIN = 16  # kPanelsOfChain of micro/chain.hpp

# Offsets of ChainBlock and svetune_args: pairs of 8 bytes, but for those that stand alone.
ROWS, N, BACK, P, P_STRIDE, PANELS, REPEAT, STEPS, LITERALS, COLUMNS, BEHIND_EXP2 = 0, 8, 24, 32, 40, 48, 56, 64, 96, 144, 160
S, MAX, SCALE, V, O, WORKSPACE = 0, 16, 24, 48, 64, 80
REFUSED, DATA = 16, 24  # of PreparedState
# Offsets and size of ChainPanel.
LANES_BLOCKS, ROW, LDV_CHANGE_AT, NEXT, PANEL_BYTES = 16, 24, 28, 32, 48

BLOCK, ARGS = "x0", "x1"
# A place in the list: what is loaded, and the addresses that follow from it.
CODE, COLUMN_BYTES, LANES, BLOCKS, FIRST_ROW, LDV_CHANGE = "x6", "x11", "x13", "x7", "x10", "x23"
V0, O_FIRST, P_FIRST = "x5", "x3", "x14"
LIST_AT = "x24"
P_BASE, V_DELTA, O_BASE, LDP = "x25", "x26", "x27", "x28"  # V_DELTA: from V of this panel to that of the next one
AHEAD = "x29"       # row of V that is fetched next
NEXT_CODE = "x30"  # until the first panel is called: its code
LDV, LDO, CHUNKS, SKIP = "x2", "x4", "x8", "x9"  # CHUNKS: rounds less one; from bit 32 on, rows that V is fetched ahead

TABLE_AT = 128  # bytes before a panel's code: within the line of its jump table

SAVED = [(f"x{i}", f"x{i + 1}") for i in range(19, 31, 2)] + [(f"d{i}", f"d{i + 1}") for i in range(8, 16, 2)]
SAVED_VECTORS = range(6, len(SAVED))  # pairs of them
FRAME = 16 * len(SAVED)


def save(pairs=range(len(SAVED))):
    return [f"\tstp {SAVED[i][0]}, {SAVED[i][1]}, [sp, #{16 * i}]" for i in pairs]


def restore():
    return [f"\tldp {a}, {b}, [sp, #{16 * i}]" for i, (a, b) in enumerate(SAVED)]


RETURN = ["mov w0, #0", f"add sp, sp, #{FRAME}", "ret"]


def function(name):
    return [f"\t.globl {name}", f"\t.type {name}, %function", "\t.p2align 6", f"{name}:"]


def list_of_panels():
    """Before all else, and a branch before start(): a trace knows what a block loaded only behind its end."""
    return [f"ldr {LIST_AT}, [{BLOCK}, #{PANELS}]", f"add {LIST_AT}, {LIST_AT}, {BLOCK}"]


def start():
    """From block and arguments to the registers of panels, and to the first place. Changes no operand's register."""
    return [*place(0), *shared()]


def shared():
    """The registers that all panels share, but for AHEAD."""
    spare = AHEAD
    return [f"ldp {P_BASE}, {LDP}, [{BLOCK}, #{P}]", f"ldr {spare}, [{ARGS}, #{WORKSPACE}]",
            f"ldp {V_DELTA}, {LDV}, [{ARGS}, #{V}]", f"ldp {O_BASE}, {LDO}, [{ARGS}, #{O}]",
            f"add {P_BASE}, {P_BASE}, {spare}", f"lsl {LDV}, {LDV}, #2", f"ldp {CHUNKS}, {SKIP}, [{BLOCK}, #{STEPS}]",
            f"lsl {LDO}, {LDO}, #2"]


def lanes(offset=0):
    return f"ldp w{LANES[1:]}, w{BLOCKS[1:]}, [{LIST_AT}, #{offset + LANES_BLOCKS}]"


def place(offset):
    """Which panel, which columns, how many rows: of the list's entry so many bytes ahead."""
    return [lanes(offset),
            f"ldp {CODE}, {COLUMN_BYTES}, [{LIST_AT}, #{offset}]", f"ldr w{FIRST_ROW[1:]}, [{LIST_AT}, #{offset + ROW}]"]


def addresses(v0=f"add {V0}, {V0}, {V_DELTA}"):
    """The place's addresses, as a panel expects them."""
    return [v0, f"add {O_FIRST}, {O_BASE}, {COLUMN_BYTES}",
            f"madd {P_FIRST}, {FIRST_ROW}, {LDP}, {P_BASE}", f"madd {O_FIRST}, {FIRST_ROW}, {LDO}, {O_FIRST}"]


def first_addresses():
    """Behind start()."""
    return [*addresses(f"add {V0}, {V_DELTA}, {COLUMN_BYTES}"), *first_ahead()]


def first_ahead():
    return [f"lsr {AHEAD}, {CHUNKS}, #32", f"madd {AHEAD}, {AHEAD}, {LDV}, {V0}"]


def next_place():
    """Both, of the entry behind a panel's own, and its rows of V. The first instruction tells whether there is one."""
    return [*place(PANEL_BYTES), f"ldrsw {LDV_CHANGE}, [{LIST_AT}, #{PANEL_BYTES + LDV_CHANGE_AT}]", *addresses(),
            f"add {LDV}, {LDV}, {LDV_CHANGE}"]


NO_LANES = "pfalse p2.b"  # as the panels expect it


def text():
    body = [f"sub sp, sp, #{FRAME}", *list_of_panels(), f"cbz {LIST_AT}, {END}", "ptrue p0.s", NO_LANES, *start(),
            *first_addresses(), f"b {RUN}"]
    lines = function(WITHOUT_EXP2) + ["\t" + body[0], *save(), *("\t" + text for text in body[1:])]
    lines += [f"\t.size {WITHOUT_EXP2}, .-{WITHOUT_EXP2}", "\t.p2align 6", f"{RUN}:"]
    lines += [f"\tcbz {BLOCKS}, {END}", f"\tblr {CODE}"]
    lines += [f"{RUN_SECOND}:"] + [f"\tcbz {BLOCKS}, {RUN}_end", f"\tblr {CODE}"] * (PANELS_OF_CHAIN - 1)
    # The last panel has restored all but its return address.
    lines += [f"{RUN}_end:", restore()[SAVED_VECTORS[0] - 1], *("\t" + text for text in RETURN)]
    lines += [*function(END), *restore(), *("\t" + text for text in RETURN), f"\t.size {END}, .-{END}"]
    return "\n".join(lines) + "\n"
