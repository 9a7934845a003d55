// Inner loop of the fourteen-instruction exp2 of kernels/micro/exp2.cpp, four vectors at a time (256 bits), as clang 19 compiles it.
again:
ld1w {z7.s}, p0/z, [x0]
ld1w {z16.s}, p0/z, [x0, x8, lsl #2]
mov x11, x0
ld1w {z19.s}, p0/z, [x0, x10, lsl #2]
fscale z7.s, p0/m, z7.s, z4.s
fscale z16.s, p0/m, z16.s, z4.s
fscale z19.s, p0/m, z19.s, z4.s
fmul z7.s, z2.s, z7.s
fmul z16.s, z2.s, z16.s
fsub z18.s, z7.s, z3.s
ld1w {z7.s}, p0/z, [x0, x9, lsl #2]
fsub z16.s, z16.s, z3.s
fscale z7.s, p0/m, z7.s, z4.s
movprfx z17, z18
frintm z17.s, p0/m, z18.s
fcmge p1.s, p0/z, z18.s, z5.s
fmul z7.s, z2.s, z7.s
fsub z20.s, z18.s, z17.s
movprfx z21, z17
fcvtzs z21.s, p0/m, z17.s
fcmge p2.s, p1/z, z16.s, z5.s
fsub z17.s, z7.s, z3.s
fmul z7.s, z2.s, z19.s
fmul z20.s, z20.s, z6.s
add z21.s, z21.s, #127
fsub z19.s, z7.s, z3.s
lsl z7.s, z21.s, #6
fcmge p2.s, p2/z, z17.s, z5.s
fcvtzs z20.s, p0/m, z20.s
fcmge p2.s, p2/z, z19.s, z5.s
orr z7.d, z7.d, z20.d
fexpa z7.s, z7.s
nots p2.b, p0/z, p2.b
b.ne elsewhere
movprfx z18, z16
frintm z18.s, p0/m, z16.s
movprfx z20, z17
frintm z20.s, p0/m, z17.s
movprfx z21, z19
frintm z21.s, p0/m, z19.s
fsub z16.s, z16.s, z18.s
fsub z17.s, z17.s, z20.s
fsub z19.s, z19.s, z21.s
fcvtzs z18.s, p0/m, z18.s
fcvtzs z20.s, p0/m, z20.s
fcvtzs z21.s, p0/m, z21.s
fmul z16.s, z16.s, z6.s
fmul z17.s, z17.s, z6.s
fmul z19.s, z19.s, z6.s
add z18.s, z18.s, #127
add z20.s, z20.s, #127
add z21.s, z21.s, #127
fcvtzs z16.s, p0/m, z16.s
fcvtzs z17.s, p0/m, z17.s
lsl z18.s, z18.s, #6
fcvtzs z19.s, p0/m, z19.s
lsl z20.s, z20.s, #6
lsl z21.s, z21.s, #6
orr z16.d, z18.d, z16.d
orr z17.d, z20.d, z17.d
orr z19.d, z21.d, z19.d
fexpa z18.s, z16.s
fexpa z16.s, z17.s
fexpa z17.s, z19.s
sub x2, x2, #0x20
add x12, x11, #0x60
st1w {z7.s}, p0, [x1]
st1w {z18.s}, p0, [x1, x8, lsl #2]
cmp x2, #0x1f
add x0, x12, #0x20
st1w {z16.s}, p0, [x1, x9, lsl #2]
st1w {z17.s}, p0, [x1, x10, lsl #2]
add x1, x1, #0x80
b.hi again
elsewhere:
