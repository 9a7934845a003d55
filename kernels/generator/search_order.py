"""Looks for a better order of exp2's software pipeline: search_order.py SVETUNE [SECONDS [SEED]].

Moves the operations of exp2_rows.py (TIMES, ONCE) by chance, keeps what the core model of A64FX (`SVETUNE model`) finds
faster, and prints every improvement in cycles of two steps, eight vectors, to be written into exp2_rows.py. The bound of
the pipes is 36. Where registers do not suffice the order is none.
"""
import json
import random
import subprocess
import sys
import tempfile
import time

import exp2_rows

# What an operation needs stands before it; FEXPA is the last to read z.
BEFORE = [("load", "z"), ("z", "n"), ("z", "lowest"), ("lowest", "f"), ("n", "r"), ("load", "r"), ("r", "u"), ("u", "w"),
          ("w", "p"), ("f", "p"), ("p", "store")]
ONCE_BEFORE = [("load_bias", "z"), ("load_c0", "u"), ("load_c1", "u"), ("load_k", "w")]
GAP = 0.02  # vectors


def legal(times, once):
    return (all(times[a] + GAP <= times[b] for a, b in BEFORE) and times["load"] > once["lanes"]
            and once["load_bias"] > once["lanes"] and all(once[a] + GAP <= times[b] for a, b in ONCE_BEFORE))


def loop(times, once):
    """The instructions of the loop of many rows."""
    exp2_rows.TIMES.update(times)
    exp2_rows.ONCE.update(once)
    lines = exp2_rows.Exp2Rows().text().split("\n")
    begin = next(i for i, line in enumerate(lines) if line.endswith("_many_loop:"))
    end = next(i for i, line in enumerate(lines) if line.endswith("_many_drain0:"))
    # With its branches: they take places among the four that are dispatched together, which decide on pipes.
    return "\n".join(line for line in lines[begin:end] if ":" not in line or "cb" in line) + "\n"


def cycles(svetune, file, times, once):
    if not legal(times, once):
        return float("inf")
    try:
        text = loop(times, once)
    except AssertionError:  # no registers
        return float("inf")
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
    words = [svetune, "model", "--machine", "a64fx", "--iterations", "60", "--json", file.name]
    run = subprocess.run(words, capture_output=True, text=True)
    if run.returncode != 0:  # a register that MOVPRFX begins is an operand, too
        return float("inf")
    return json.loads(run.stdout)["regions"][0]["cycles_per_iteration"]


def moved(chance, times, once):
    times, once = dict(times), dict(once)
    for _ in range(chance.choice((1, 1, 2, 3))):
        name = chance.choice([*times, *(name for name in once if name != "lanes")])
        group = times if name in times else once
        group[name] = max(0.0, round(group[name] + chance.gauss(0, chance.choice((0.05, 0.2, 0.6))), 3))
    return times, once


def main():
    svetune, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    here, start = (dict(exp2_rows.TIMES), dict(exp2_rows.ONCE)), time.monotonic()
    with tempfile.NamedTemporaryFile("w", suffix=".s") as file:
        best = now = cycles(svetune, file, *here)
        print(best, *here, flush=True)
        while (gone := time.monotonic() - start) < seconds:
            there = moved(chance, *here)
            found = cycles(svetune, file, *there)
            if found <= now + 0.05 * (1 - gone / seconds) * chance.random():
                now, here = found, there
            if found < best:
                best = found
                print(best, *there, flush=True)


if __name__ == "__main__":
    main()
