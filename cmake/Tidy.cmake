# Target `tidy`: clang-tidy over every host source of the product, each file once until it changes (stamp files).
file(GLOB_RECURSE tidy_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
  kernels/space/*.cpp kernels/strategies/*.cpp kernels/reference/*.cpp db/*.cpp tuner/*.cpp)
file(GLOB_RECURSE tidy_headers CONFIGURE_DEPENDS kernels/space/*.hpp kernels/include/*.h kernels/reference/*.hpp db/*.hpp tuner/*.hpp)
list(FILTER tidy_sources EXCLUDE REGEX "/benchmark")
foreach(source IN LISTS tidy_sources)
  string(REPLACE "/" "_" stamp ${source})
  set(stamp ${CMAKE_BINARY_DIR}/tidy/${stamp}.ok)
  add_custom_command(OUTPUT ${stamp}
    COMMAND clang-tidy-19 --quiet -p ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/${source}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${CMAKE_SOURCE_DIR}/${source} ${tidy_headers} ${CMAKE_SOURCE_DIR}/.clang-tidy
    COMMENT "clang-tidy ${source}" VERBATIM)
  list(APPEND tidy_stamps ${stamp})
endforeach()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/tidy)
add_custom_target(tidy DEPENDS ${tidy_stamps})
