// Inner loop of the 4 x 4v tile of kernels/micro/gemm.cpp (256 bits), unrolled four times, as clang 19 compiles it.
again:
ld1rw {z24.s}, p4/z, [x0]
ld1w {z25.s}, p0/z, [x2]
mov x3, x2
ld1w {z26.s}, p1/z, [x2, x15, lsl #2]
ld1w {z27.s}, p2/z, [x2, x16, lsl #2]
sub x6, x6, #0x4
ld1w {z28.s}, p3/z, [x2, x17, lsl #2]
ld1rw {z29.s}, p4/z, [x11]
add x2, x2, #0x60
fmla z0.s, p4/m, z24.s, z25.s
ld1rw {z30.s}, p4/z, [x12]
add x2, x2, x1
fmla z1.s, p4/m, z24.s, z26.s
fmla z17.s, p4/m, z24.s, z27.s
ld1rw {z31.s}, p4/z, [x11, #4]
fmla z22.s, p4/m, z24.s, z28.s
ld1rw {z24.s}, p4/z, [x13]
fmla z21.s, p4/m, z29.s, z25.s
fmla z20.s, p4/m, z29.s, z26.s
fmla z19.s, p4/m, z29.s, z27.s
cmp x6, #0x3
fmla z23.s, p4/m, z29.s, z28.s
fmla z18.s, p4/m, z30.s, z25.s
ld1rw {z29.s}, p4/z, [x0, #4]
fmla z16.s, p4/m, z30.s, z26.s
fmla z7.s, p4/m, z30.s, z27.s
fmla z6.s, p4/m, z30.s, z28.s
fmla z5.s, p4/m, z24.s, z25.s
ld1w {z25.s}, p0/z, [x2]
fmla z4.s, p4/m, z24.s, z26.s
ld1w {z26.s}, p1/z, [x2, x15, lsl #2]
ld1w {z30.s}, p2/z, [x2, x16, lsl #2]
fmla z3.s, p4/m, z24.s, z27.s
ld1w {z27.s}, p3/z, [x2, x17, lsl #2]
fmla z2.s, p4/m, z24.s, z28.s
ld1rw {z24.s}, p4/z, [x12, #4]
ld1rw {z28.s}, p4/z, [x13, #4]
add x2, x2, #0x60
fmla z21.s, p4/m, z31.s, z25.s
fmla z20.s, p4/m, z31.s, z26.s
add x2, x2, x1
fmla z19.s, p4/m, z31.s, z30.s
fmla z23.s, p4/m, z31.s, z27.s
ld1w {z31.s}, p3/z, [x2, x17, lsl #2]
fmla z0.s, p4/m, z29.s, z25.s
fmla z1.s, p4/m, z29.s, z26.s
fmla z22.s, p4/m, z29.s, z27.s
fmla z18.s, p4/m, z24.s, z25.s
fmla z16.s, p4/m, z24.s, z26.s
fmla z7.s, p4/m, z24.s, z30.s
fmla z6.s, p4/m, z24.s, z27.s
fmla z5.s, p4/m, z28.s, z25.s
ld1w {z24.s}, p0/z, [x2]
ld1w {z25.s}, p1/z, [x2, x15, lsl #2]
fmla z4.s, p4/m, z28.s, z26.s
ld1w {z26.s}, p2/z, [x2, x16, lsl #2]
fmla z2.s, p4/m, z28.s, z27.s
ld1rw {z27.s}, p4/z, [x11, #8]
fmla z17.s, p4/m, z29.s, z30.s
ld1rw {z29.s}, p4/z, [x0, #8]
fmla z3.s, p4/m, z28.s, z30.s
ld1rw {z28.s}, p4/z, [x12, #8]
add x2, x2, #0x60
ld1rw {z30.s}, p4/z, [x11, #12]
add x11, x11, #0x10
fmla z21.s, p4/m, z27.s, z24.s
fmla z20.s, p4/m, z27.s, z25.s
add x2, x2, x1
fmla z19.s, p4/m, z27.s, z26.s
fmla z23.s, p4/m, z27.s, z31.s
ld1rw {z27.s}, p4/z, [x13, #8]
fmla z0.s, p4/m, z29.s, z24.s
fmla z1.s, p4/m, z29.s, z25.s
fmla z17.s, p4/m, z29.s, z26.s
fmla z22.s, p4/m, z29.s, z31.s
ld1w {z29.s}, p2/z, [x2, x16, lsl #2]
fmla z18.s, p4/m, z28.s, z24.s
fmla z16.s, p4/m, z28.s, z25.s
fmla z7.s, p4/m, z28.s, z26.s
fmla z6.s, p4/m, z28.s, z31.s
ld1rw {z28.s}, p4/z, [x0, #12]
fmla z5.s, p4/m, z27.s, z24.s
ld1w {z24.s}, p0/z, [x2]
fmla z4.s, p4/m, z27.s, z25.s
ld1w {z25.s}, p1/z, [x2, x15, lsl #2]
fmla z3.s, p4/m, z27.s, z26.s
ld1w {z26.s}, p3/z, [x2, x17, lsl #2]
fmla z2.s, p4/m, z27.s, z31.s
fmla z17.s, p4/m, z28.s, z29.s
ld1rw {z27.s}, p4/z, [x12, #12]
fmla z0.s, p4/m, z28.s, z24.s
fmla z21.s, p4/m, z30.s, z24.s
add x2, x2, #0x60
fmla z1.s, p4/m, z28.s, z25.s
fmla z22.s, p4/m, z28.s, z26.s
ld1rw {z28.s}, p4/z, [x13, #12]
fmla z20.s, p4/m, z30.s, z25.s
fmla z19.s, p4/m, z30.s, z29.s
add x0, x0, #0x10
fmla z23.s, p4/m, z30.s, z26.s
fmla z18.s, p4/m, z27.s, z24.s
add x12, x12, #0x10
fmla z16.s, p4/m, z27.s, z25.s
fmla z7.s, p4/m, z27.s, z29.s
add x13, x13, #0x10
fmla z6.s, p4/m, z27.s, z26.s
fmla z5.s, p4/m, z28.s, z24.s
add x2, x2, x1
fmla z4.s, p4/m, z28.s, z25.s
fmla z3.s, p4/m, z28.s, z29.s
fmla z2.s, p4/m, z28.s, z26.s
b.hi again
