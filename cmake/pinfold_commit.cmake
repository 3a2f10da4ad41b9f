# Run by the build with cmake -P: writes the header OUTPUT that says which commit SOURCE stands at, as
# "0123456789ab", or "0123456789ab, changed", or "" where git does not tell. What is the same stays
# untouched, so that nothing is built again.
cmake_minimum_required(VERSION 3.25)
find_program(git git)
set(commit "")
if(git AND EXISTS "${SOURCE}/.git")
  execute_process(
    COMMAND "${git}" -C "${SOURCE}" rev-parse --short=12 HEAD
    OUTPUT_VARIABLE commit
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(
    COMMAND "${git}" --no-optional-locks -C "${SOURCE}" status --porcelain --untracked-files=no
    OUTPUT_VARIABLE changes
    ERROR_QUIET)
  if(commit AND changes)
    string(APPEND commit ", changed")
  endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "#pragma once\n\n#define PINFOLD_COMMIT \"@commit@\"\n" @ONLY)
