// Checks of the generated code, for kernel_check.cpp. Each returns the number of kernels, and ends the program (fail())
// at the first one that is wrong.
#pragma once

#include "micro/micro_kernels.hpp"

namespace svetune {

int check_panels(const MicroKernels& kernels);
int check_panels_behind_exp2(const MicroKernels& kernels);  // those that begin behind exp2 of four rows, with that
int check_exp2_rows(const MicroKernels& kernels);           // exp2 at the head of a chain without panels
int check_interleaved(const MicroKernels& kernels);

}  // namespace svetune
