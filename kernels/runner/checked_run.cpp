#include "runner/checked_run.hpp"

#include <array>
#include <cstddef>

// void svetune_call_with_canaries(function, argument, double left[8]): d8-d15 hold 1..8 when function(argument) is
// called.
asm(R"(
	.text
	.p2align 4
	.globl svetune_call_with_canaries
	.type svetune_call_with_canaries, %function
svetune_call_with_canaries:
	stp x29, x30, [sp, #-96]!
	mov x29, sp
	stp d8, d9, [sp, #16]
	stp d10, d11, [sp, #32]
	stp d12, d13, [sp, #48]
	stp d14, d15, [sp, #64]
	str x19, [sp, #80]
	mov x19, x2
	mov x9, x0
	mov x0, x1
	fmov d8, #1.0
	fmov d9, #2.0
	fmov d10, #3.0
	fmov d11, #4.0
	fmov d12, #5.0
	fmov d13, #6.0
	fmov d14, #7.0
	fmov d15, #8.0
	blr x9
	stp d8, d9, [x19]
	stp d10, d11, [x19, #16]
	stp d12, d13, [x19, #32]
	stp d14, d15, [x19, #48]
	ldr x19, [sp, #80]
	ldp d8, d9, [sp, #16]
	ldp d10, d11, [sp, #32]
	ldp d12, d13, [sp, #48]
	ldp d14, d15, [sp, #64]
	ldp x29, x30, [sp], #96
	ret
	.size svetune_call_with_canaries, .-svetune_call_with_canaries
)");

extern "C" void svetune_call_with_canaries(void (*function)(const void*), const void* argument, double* left);

namespace svetune {

bool keeps_d8_d15(void (*function)(const void*), const void* argument) {
  std::array<double, 8> left{};
  svetune_call_with_canaries(function, argument, left.data());
  bool kept = true;
  for (std::size_t i = 0; i < left.size(); ++i) kept = kept && left[i] == static_cast<double>(i + 1);
  return kept;
}

svetune_status checked_run(const svetune_problem& problem, const svetune_config& config, const svetune_args& args,
                           bool& preserved) {
  svetune_status status = SVETUNE_OK;
  const auto call = [&] { status = svetune_run(&problem, &config, &args); };
  preserved = keeps_d8_d15(call);
  return status;
}

}  // namespace svetune
