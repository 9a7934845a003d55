// Inner loop of the 8 x 3v tile of kernels/micro/gemm.cpp (256 bits, no unrolling), as clang 19 compiles it.
again:
ld1rw {z8.s}, p3/z, [x0]
ld1w {z9.s}, p0/z, [x2]
add x0, x0, #0x4
ld1w {z10.s}, p1/z, [x2, x22, lsl #2]
ld1rw {z11.s}, p3/z, [x1]
add x1, x1, #0x4
ld1w {z12.s}, p2/z, [x2, x28, lsl #2]
ld1rw {z13.s}, p3/z, [x7]
add x7, x7, #0x4
fmla z0.s, p3/m, z8.s, z9.s
subs x6, x6, #0x1
add x2, x2, x3
fmla z1.s, p3/m, z8.s, z10.s
fmla z2.s, p3/m, z11.s, z9.s
fmla z3.s, p3/m, z8.s, z12.s
ld1rw {z8.s}, p3/z, [x15]
fmla z4.s, p3/m, z11.s, z10.s
fmla z5.s, p3/m, z11.s, z12.s
ld1rw {z11.s}, p3/z, [x18]
fmla z6.s, p3/m, z13.s, z9.s
fmla z7.s, p3/m, z13.s, z10.s
fmla z17.s, p3/m, z13.s, z12.s
ld1rw {z13.s}, p3/z, [x14]
fmla z16.s, p3/m, z8.s, z9.s
fmla z27.s, p3/m, z8.s, z10.s
add x15, x15, #0x4
fmla z31.s, p3/m, z8.s, z12.s
ld1rw {z8.s}, p3/z, [x9]
fmla z30.s, p3/m, z11.s, z9.s
fmla z29.s, p3/m, z11.s, z10.s
fmla z28.s, p3/m, z11.s, z12.s
ld1rw {z11.s}, p3/z, [x8]
fmla z26.s, p3/m, z13.s, z9.s
fmla z25.s, p3/m, z13.s, z10.s
add x18, x18, #0x4
fmla z24.s, p3/m, z13.s, z12.s
fmla z23.s, p3/m, z8.s, z9.s
add x14, x14, #0x4
fmla z22.s, p3/m, z8.s, z10.s
fmla z21.s, p3/m, z8.s, z12.s
add x9, x9, #0x4
fmla z20.s, p3/m, z11.s, z9.s
fmla z19.s, p3/m, z11.s, z10.s
add x8, x8, #0x4
fmla z18.s, p3/m, z11.s, z12.s
b.ne again
