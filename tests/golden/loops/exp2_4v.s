// Inner loop of the seven-operation exp2 of kernels/micro/exp2.cpp, four vectors at a time (256 bits), as clang 19 compiles it.
again:
ld1w {z0.s}, p4/z, [x0]
ld1w {z23.s}, p4/z, [x0, x19, lsl #2]
mov x22, x0
ld1w {z22.s}, p4/z, [x0, x20, lsl #2]
ld1w {z19.s}, p4/z, [x0, x21, lsl #2]
movprfx z1, z12
fmla z1.s, p4/m, z0.s, z13.s
movprfx z21, z12
fmla z21.s, p4/m, z23.s, z13.s
movprfx z18, z12
fmla z18.s, p4/m, z22.s, z13.s
movprfx z17, z12
fmla z17.s, p4/m, z19.s, z13.s
fcmgt p0.s, p4/z, z1.s, z11.s
fcmgt p0.s, p0/z, z21.s, z11.s
fcmgt p0.s, p0/z, z18.s, z11.s
fcmgt p0.s, p0/z, z17.s, z11.s
nots p0.b, p4/z, p0.b
b.ne elsewhere
fsub z2.s, z1.s, z12.s
fsub z3.s, z21.s, z12.s
fexpa z1.s, z1.s
fsub z4.s, z18.s, z12.s
fsub z5.s, z17.s, z12.s
fexpa z18.s, z18.s
fexpa z17.s, z17.s
fnmsb z0.s, p4/m, z13.s, z2.s
movprfx z2, z3
fnmls z2.s, p4/m, z23.s, z13.s
movprfx z3, z4
fnmls z3.s, p4/m, z22.s, z13.s
movprfx z4, z5
fnmls z4.s, p4/m, z19.s, z13.s
fexpa z5.s, z21.s
sel z22.s, p4, z17.s, z16.s
movprfx z6, z14
fmla z6.s, p4/m, z0.s, z15.s
movprfx z7, z14
fmla z7.s, p4/m, z2.s, z15.s
movprfx z19, z14
fmla z19.s, p4/m, z3.s, z15.s
movprfx z20, z14
fmla z20.s, p4/m, z4.s, z15.s
fmad z0.s, p4/m, z6.s, z10.s
fmad z2.s, p4/m, z7.s, z10.s
sel z6.s, p4, z1.s, z16.s
fmad z3.s, p4/m, z19.s, z10.s
fmad z4.s, p4/m, z20.s, z10.s
sel z7.s, p4, z5.s, z16.s
sel z19.s, p4, z18.s, z16.s
movprfx z20, z6
fmla z20.s, p4/m, z1.s, z0.s
movprfx z21, z7
fmla z21.s, p4/m, z5.s, z2.s
fmad z18.s, p4/m, z3.s, z19.s
movprfx z0, z22
fmla z0.s, p4/m, z17.s, z4.s
sub x2, x2, #0x20
add x8, x22, #0x60
st1w {z20.s}, p4, [x1]
st1w {z21.s}, p4, [x1, x19, lsl #2]
cmp x2, #0x1f
add x0, x8, #0x20
st1w {z18.s}, p4, [x1, x20, lsl #2]
st1w {z0.s}, p4, [x1, x21, lsl #2]
add x1, x1, #0x80
b.hi again
elsewhere:
