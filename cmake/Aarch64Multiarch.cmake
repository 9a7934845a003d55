# Toolchain: the whole program for aarch64 on another machine, with Debian's arm64 packages beside the machine's own.
include(${CMAKE_CURRENT_LIST_DIR}/Aarch64Cross.cmake)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(SVETUNE_LLVM_LIBRARY /usr/lib/aarch64-linux-gnu/libLLVM.so.19.1 CACHE STRING "")
