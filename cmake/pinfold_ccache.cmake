# Compiles through ccache when it is installed, unless the user names a launcher of their own.
option(PINFOLD_CCACHE "Compile through ccache when it is installed" ${PROJECT_IS_TOP_LEVEL})

if(PINFOLD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(PINFOLD_CCACHE_PROGRAM ccache)
  if(PINFOLD_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PINFOLD_CCACHE_PROGRAM}")
  endif()
endif()

# What reads a precompiled header is cached only if ccache may take the header's bytes for all that
# it defines, and if the compiler writes no time into it.
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "^([^;]*/)?ccache$")
  list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros)
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
                      "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
