#!/usr/bin/env bash
# What of kernels/ is built for the processor alone goes through g++ (12 or newer) without a warning, too:
# gcc.sh COMPILER FOLDER_OF_THE_PROJECT. The rest of kernels/ is compiled by it for the host.
set -euo pipefail
compiler=$1
cd "$2"
flags=(-fsyntax-only -std=c++20 -O2 -march=armv8.2-a+sve -fno-builtin -Ikernels -Ikernels/include
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  '-DSVETUNE_COMPILER="g++"' '-DSVETUNE_FLAGS=""' '-DSVETUNE_REVISION=""')
for bits in 128 256 512; do
  for source in kernels/micro/*.cpp; do "$compiler" "${flags[@]}" "-msve-vector-bits=$bits" "$source"; done
done
for source in kernels/{api,runner}/*.cpp; do "$compiler" "${flags[@]}" "$source"; done
