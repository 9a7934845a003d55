// Inner loop of the 6 x 2v tile of kernels/micro/gemm.cpp (256 bits, no unrolling), as clang 19 compiles it.
again:
ld1rw {z20.s}, p2/z, [x0]
ld1w {z21.s}, p0/z, [x2]
add x0, x0, #0x4
ld1w {z22.s}, p1/z, [x2, x7, lsl #2]
ld1rw {z23.s}, p2/z, [x1]
add x1, x1, #0x4
ld1rw {z24.s}, p2/z, [x21]
ld1rw {z25.s}, p2/z, [x19]
add x21, x21, #0x4
fmla z5.s, p2/m, z20.s, z21.s
add x19, x19, #0x4
subs x6, x6, #0x1
fmla z19.s, p2/m, z20.s, z22.s
ld1rw {z20.s}, p2/z, [x20]
fmla z18.s, p2/m, z23.s, z21.s
fmla z17.s, p2/m, z23.s, z22.s
ld1rw {z23.s}, p2/z, [x5]
fmla z16.s, p2/m, z24.s, z21.s
fmla z7.s, p2/m, z24.s, z22.s
fmla z6.s, p2/m, z25.s, z21.s
add x20, x20, #0x4
fmla z4.s, p2/m, z25.s, z22.s
fmla z3.s, p2/m, z20.s, z21.s
add x5, x5, #0x4
fmla z2.s, p2/m, z20.s, z22.s
fmla z1.s, p2/m, z23.s, z21.s
add x2, x2, x3
fmla z0.s, p2/m, z23.s, z22.s
b.ne again
