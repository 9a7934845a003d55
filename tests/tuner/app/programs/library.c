// 1 + 2 n + 1 instructions a call: mov, n times (subs, b.ne), ret.
__asm__(
    ".text\n.globl spin\n.type spin, %function\n"
    "spin: mov x1, #0\n"
    "1: subs x0, x0, #1\n"
    "b.ne 1b\n"
    "ret\n"
    ".size spin, .-spin\n");
