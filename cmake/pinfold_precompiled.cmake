# pinfold_precompiled(<name> HEADERS <header>... [LINKS <target>...]) compiles the headers once, and
# pinfold_use_precompiled(<target> <name>) gives them to a target that has the same flags. The target
# <name> holds nothing else.
function(pinfold_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 SHARED "" "" "HEADERS;LINKS")
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "")
  add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_precompile_headers(${name} PRIVATE ${SHARED_HEADERS})
  target_link_libraries(${name} PRIVATE ${SHARED_LINKS} pinfold_warnings)
endfunction()

function(pinfold_use_precompiled target name)
  target_precompile_headers(${target} REUSE_FROM ${name})
  # Precompiled, <string> counts as ours, and so do GCC's false alarms in it (GCC bug 105651).
  target_compile_options(
    ${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow>)
endfunction()
