# What a program is deployed with: the objects of the runner as a shared and as a static library, and how they are found.
#   cmake --install build/sve --prefix DIR --component svetune_kernels     (natively: cmake --install build ...)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/../VERSION deploy_version LIMIT_COUNT 1)

# No C++ runtime is in them.
set(deploy_objects ${micro_objects})
foreach(part svetune_micro svetune_strategies svetune_registry svetune_api)
  list(APPEND deploy_objects $<TARGET_OBJECTS:${part}>)
endforeach()

add_library(svetune_kernels_shared SHARED ${deploy_objects})
set_target_properties(svetune_kernels_shared PROPERTIES
  OUTPUT_NAME svetune_kernels VERSION ${deploy_version} SOVERSION 1 LINKER_LANGUAGE C EXPORT_NAME kernels_shared)
# The objects are the runner's, made for programs: in a library they need their symbols bound within.
file(CONFIGURE OUTPUT svetune_kernels.map CONTENT "{ global: svetune_v1_*; local: *; };\n")
target_link_options(svetune_kernels_shared PRIVATE LINKER:--no-undefined LINKER:-Bsymbolic
  LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/svetune_kernels.map)

# One object in which only the C API is global: two versions of the library fit into one program.
set(one_object ${CMAKE_CURRENT_BINARY_DIR}/svetune_kernels.o)
set(target_option $<$<BOOL:${CMAKE_CXX_COMPILER_TARGET}>:--target=${CMAKE_CXX_COMPILER_TARGET}>)
add_custom_command(OUTPUT ${one_object}
  COMMAND ${CMAKE_CXX_COMPILER} ${target_option} -fuse-ld=lld -r -nostdlib -o ${one_object}.all ${deploy_objects}
  COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=svetune_v1_* ${one_object}.all ${one_object}
  DEPENDS ${deploy_objects} COMMAND_EXPAND_LISTS VERBATIM)
add_library(svetune_kernels_static STATIC ${one_object})
set_source_files_properties(${one_object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
set_target_properties(svetune_kernels_static PROPERTIES
  OUTPUT_NAME svetune_kernels LINKER_LANGUAGE C EXPORT_NAME kernels)

foreach(library svetune_kernels_shared svetune_kernels_static)
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
install(TARGETS svetune_kernels_shared svetune_kernels_static EXPORT svetune_kernels COMPONENT svetune_kernels)
install(FILES include/svetune/kernels.h include/svetune/spread.h include/svetune/spread.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/svetune COMPONENT svetune_kernels)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/svetune_kernels)
install(EXPORT svetune_kernels NAMESPACE svetune:: FILE svetune_kernels-targets.cmake
  DESTINATION ${package_folder} COMPONENT svetune_kernels)
file(CONFIGURE OUTPUT svetune_kernels-config.cmake @ONLY CONTENT
  "include(\${CMAKE_CURRENT_LIST_DIR}/svetune_kernels-targets.cmake)\n")
write_basic_package_version_file(svetune_kernels-config-version.cmake VERSION ${deploy_version}
  COMPATIBILITY SameMinorVersion)
file(CONFIGURE OUTPUT svetune_kernels.pc @ONLY CONTENT [[
prefix=${pcfiledir}/../..
Name: svetune_kernels
Description: The second half of attention on Arm SVE: P = exp2(S * scale - max), O += P * V
Version: @deploy_version@
Cflags: -I${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
Libs: -L${prefix}/@CMAKE_INSTALL_LIBDIR@ -lsvetune_kernels
]])
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/svetune_kernels-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/svetune_kernels-config-version.cmake DESTINATION ${package_folder} COMPONENT svetune_kernels)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/svetune_kernels.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT svetune_kernels)
