# What runs on the processor: micro-kernels once a vector length, the C API, the runner.
set(sve_flags -O2 -march=armv8.2-a+sve -fno-builtin)
set(SVETUNE_INSTANTIATIONS "" CACHE FILEPATH "micro-kernels to build, of svetune export instantiations; empty: all")
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
set(wanted_inc "")
if(SVETUNE_INSTANTIATIONS)
  set(wanted_inc ${generated}/wanted.inc)
endif()
set(micro_only_512 micro/study.cpp)
foreach(bits 128 256 512)
  add_library(svetune_micro_${bits} OBJECT micro/exp2.cpp micro/gemm.cpp micro/fused.cpp micro/pack.cpp micro/softmax.cpp micro/interleaved.cpp ${micro_only_${bits}})
  target_compile_options(svetune_micro_${bits} PRIVATE ${sve_flags} -msve-vector-bits=${bits})
  if(wanted_inc)
    target_compile_definitions(svetune_micro_${bits} PRIVATE "SVETUNE_WANTED=\"${wanted_inc}\"")
    add_dependencies(svetune_micro_${bits} svetune_generated)
  endif()
  target_include_directories(svetune_micro_${bits} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/include)
  target_link_libraries(svetune_micro_${bits} PRIVATE svetune_warnings)
  list(APPEND micro_objects $<TARGET_OBJECTS:svetune_micro_${bits}>)
endforeach()
# Micro-kernels whose instruction order no compiler keeps are generated as assembly; one copy serves every vector length.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB generator_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/generator/*.py)
add_custom_command(OUTPUT ${generated}/panels.S ${generated}/panels.cpp ${generated}/interleaved.cpp ${wanted_inc}
  COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_SOURCE_DIR}/generator/generate.py ${generated} ${SVETUNE_INSTANTIATIONS}
  DEPENDS ${generator_sources} ${SVETUNE_INSTANTIATIONS} VERBATIM)
add_custom_target(svetune_generated DEPENDS ${generated}/panels.S ${generated}/panels.cpp ${generated}/interleaved.cpp ${wanted_inc})
add_library(svetune_micro STATIC micro/table.cpp micro/exp2_exact.cpp ${generated}/panels.S ${generated}/panels.cpp ${generated}/interleaved.cpp ${micro_objects})
target_compile_options(svetune_micro PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O2> $<$<COMPILE_LANGUAGE:CXX>:-fno-builtin>)
target_link_libraries(svetune_micro PUBLIC svetune_space PRIVATE svetune_warnings)

# The C API without a registry, and with the product's.
add_library(svetune_api STATIC api/batch.cpp api/kernels.cpp api/processor.cpp)
target_compile_options(svetune_api PRIVATE -O2 -fno-builtin)
target_link_libraries(svetune_api PUBLIC svetune_micro PRIVATE svetune_warnings)
add_library(svetune_kernels INTERFACE)
target_link_libraries(svetune_kernels INTERFACE svetune_api svetune_registry)

# Provenance: compiler, flags, revision of the source.
find_package(Git QUIET)
execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_CURRENT_SOURCE_DIR} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
string(JOIN " " flags ${sve_flags})

add_library(svetune_runner_modes STATIC
  runner/arena.cpp runner/checked_run.cpp runner/describe.cpp runner/footprint.cpp runner/guarded_buffer.cpp runner/measure.cpp
  runner/operands.cpp runner/processor.cpp runner/request.cpp runner/stopwatch.cpp runner/trace.cpp runner/verify.cpp)
target_compile_options(svetune_runner_modes PRIVATE -O2)
set_source_files_properties(runner/describe.cpp PROPERTIES COMPILE_DEFINITIONS
  "SVETUNE_COMPILER=\"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\";SVETUNE_FLAGS=\"${flags}\";SVETUNE_REVISION=\"${revision}\"")
target_link_libraries(svetune_runner_modes PUBLIC svetune_api svetune_reference PRIVATE svetune_warnings)

# A runner: static and at fixed addresses, so that the emulator's trace can be cut by the section's bounds. Relocations are
# kept, and no instruction is shortened by the linker, so that the tuner can tell code from where it was placed.
function(svetune_add_runner name registry)
  add_executable(${name} runner/main.cpp)
  target_link_libraries(${name} PRIVATE svetune_runner_modes svetune_api ${registry} svetune_warnings)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF
    LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/runner/svetune_text.ld)
  target_link_options(${name} PRIVATE -static -Wl,--emit-relocs -Wl,--no-relax
    -Wl,-T,${CMAKE_CURRENT_SOURCE_DIR}/runner/svetune_text.ld)
endfunction()
svetune_add_runner(svetune-runner svetune_registry)
if(BUILD_TESTING)
  svetune_add_runner(svetune-runner-faults svetune_registry_faults)
  foreach(program kernel_check exp2_sweep softmax_check)
    string(REPLACE "_" "-" name svetune-${program})
    add_executable(${name} ../tests/kernels/${program}.cpp)
    target_compile_options(${name} PRIVATE -O2)
    target_link_libraries(${name} PRIVATE svetune_runner_modes svetune_api svetune_registry svetune_warnings)
    target_link_options(${name} PRIVATE -static)
  endforeach()
  target_sources(svetune-kernel-check PRIVATE ../tests/kernels/chain_check.cpp)
endif()
