# PINFOLD_SANITIZE and PINFOLD_COVERAGE instrument every target of the tree, PINFOLD_FUZZ those that
# link pinfold_fuzzed; the presets set them.
set(PINFOLD_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(PINFOLD_COVERAGE "Count which lines run, for gcov" OFF)
option(PINFOLD_FUZZ "Make the fuzz targets libFuzzer programs; needs clang" OFF)

if(PINFOLD_SANITIZE)
  add_compile_options(-fsanitize=${PINFOLD_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PINFOLD_SANITIZE})
  if(PINFOLD_SANITIZE STREQUAL "thread")
    add_compile_definitions(PINFOLD_IS_SANITIZED) # see engine/detail/race_checker.hpp
  endif()
  if(PINFOLD_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/tsan_ignore.txt)
  endif()
endif()
if(PINFOLD_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
  add_compile_definitions(PINFOLD_COVERAGE)
endif()

# What reads inputs tells a fuzzer which way it took; the kernels, which read none, stay quick.
add_library(pinfold_fuzzed INTERFACE)
if(PINFOLD_FUZZ)
  target_compile_options(pinfold_fuzzed INTERFACE -fsanitize=fuzzer-no-link)
endif()
