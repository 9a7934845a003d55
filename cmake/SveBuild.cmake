# On a host that is not aarch64, kernels/ is configured a second time with the cross toolchain; its programs land in bin/.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(SVETUNE_NATIVE ON)
else()
  set(SVETUNE_NATIVE OFF)
  include(ExternalProject)
  ExternalProject_Add(svetune_sve
    SOURCE_DIR ${CMAKE_SOURCE_DIR}/kernels
    BINARY_DIR ${CMAKE_BINARY_DIR}/sve
    CMAKE_GENERATOR ${CMAKE_GENERATOR}
    CMAKE_ARGS
      -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/cmake/Aarch64Cross.cmake
      -DCMAKE_BUILD_TYPE=Release
      -DBUILD_TESTING=${BUILD_TESTING}
      -DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    INSTALL_COMMAND ""
    BUILD_ALWAYS ON
    USES_TERMINAL_BUILD ON)
endif()
