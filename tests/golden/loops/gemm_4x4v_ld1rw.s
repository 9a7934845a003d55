// Inner loop of the 4 x 4v tile of kernels/micro/gemm.cpp (256 bits, no unrolling), as clang 19 compiles it.
again:
ld1rw {z24.s}, p4/z, [x0]
ld1w {z25.s}, p0/z, [x2]
add x0, x0, #0x4
ld1w {z26.s}, p1/z, [x2, x17, lsl #2]
ld1w {z27.s}, p2/z, [x2, x22, lsl #2]
subs x6, x6, #0x1
ld1w {z29.s}, p3/z, [x2, x23, lsl #2]
ld1rw {z28.s}, p4/z, [x1]
add x1, x1, #0x4
fmla z0.s, p4/m, z24.s, z25.s
ld1rw {z30.s}, p4/z, [x25]
add x25, x25, #0x4
fmla z1.s, p4/m, z24.s, z26.s
fmla z2.s, p4/m, z24.s, z27.s
add x2, x2, x3
fmla z23.s, p4/m, z24.s, z29.s
ld1rw {z24.s}, p4/z, [x24]
fmla z20.s, p4/m, z28.s, z25.s
fmla z19.s, p4/m, z28.s, z26.s
fmla z22.s, p4/m, z28.s, z27.s
add x24, x24, #0x4
fmla z21.s, p4/m, z28.s, z29.s
fmla z18.s, p4/m, z30.s, z25.s
fmla z17.s, p4/m, z30.s, z26.s
fmla z16.s, p4/m, z30.s, z27.s
fmla z7.s, p4/m, z30.s, z29.s
fmla z6.s, p4/m, z24.s, z25.s
fmla z5.s, p4/m, z24.s, z26.s
fmla z4.s, p4/m, z24.s, z27.s
fmla z3.s, p4/m, z24.s, z29.s
b.ne again
