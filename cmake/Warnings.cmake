# One interface target that every target of the project links: warnings are errors.
add_library(svetune_warnings INTERFACE)
target_compile_options(svetune_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
target_compile_features(svetune_warnings INTERFACE cxx_std_20)
