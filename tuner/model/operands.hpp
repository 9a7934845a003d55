// What the assembly text of one instruction tells: its shape, its memory operand, its kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

// "add x0, x1, x2, lsl #4" -> {"x0", "x1", "x2", "lsl #4"}: split at commas outside of [] and {}; the mnemonic is left
// out.
std::vector<std::string> split_operands(std::string_view text);
std::string mnemonic_of(std::string_view text);

// The text with operands made generic; the key into a machine's table.
//   fmla z0.s, p0/m, z1.s, z2.s            fmla z.s, p/m, z.s, z.s
//   fmla z0.s, z1.s, z2.s[1]               fmla z.s, z.s, z.s[#]
//   ld1w { z0.s }, p0/z, [x0, x1, lsl #2]  ld1w {z.s}, p/z, [x, x, lsl #2]
//   ld1w { z0.s }, p0/z, [x0, #1, mul vl]  ld1w {z.s}, p/z, [x, #, mul vl]
//   ld2w { z0.s, z1.s }, p0/z, [x0]        ld2w {z.s, z.s}, p/z, [x]      (a range "z0.s - z3.s" is written out)
//   ldp q0, q1, [sp, #32]!                 ldp q, q, [x, #]!              (sp is x, wzr is w)
//   ldr x0, [x1], #8                       ldr x, [x], #
//   add x0, x1, x2, lsl #3                 add x, x, x, lsl #1-4          (shifts and extensions of a register: 1 to 4
//   ...) add x0, x1, x2, lsl #12                add x, x, x, lsl #5+           (... or more) add x0, x1, #1, lsl #12
//   add x, x, #, lsl #             (of an immediate) b.ne 0x1234                            b.cond # csel x0, x1, x2,
//   ne                    csel x, x, x, cond ptrue p0.s, vl8                        ptrue p.s, pattern incw x0, all,
//   mul #4                   incw x, pattern, mul # prfm pldl1keep, [x0]                   prfm prfop, [x] mrs x0, FPCR
//   mrs x, FPCR
std::string shape_of(std::string_view text);

Kind kind_of(std::string_view text);

// The registers of the address and of the data, writeback, bytes, prefetch level. Needs text and kind.
void add_memory_facts(Instruction& instruction, unsigned vector_bits);

// "x3" -> 3, "wsp" -> kSp, "z5.s" -> kZ0 + 5, "p1/m" -> kP0 + 1; kRegs if it is no register or a zero register.
Reg parse_register(std::string_view text);

}  // namespace svetune::model
