# A layer is a folder, a library and an alias: pinfold_layer(shm) makes pinfold_shm and pinfold::shm. The
# libraries are static unless BUILD_SHARED_LIBS is on. layers.txt lists them in order of use.
set(layer_list "${CMAKE_CURRENT_LIST_DIR}/layers.txt")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${layer_list}")
set(PINFOLD_LAYERS "")
file(STRINGS "${layer_list}" lines REGEX "^layer ")
foreach(line IN LISTS lines)
  string(REGEX MATCHALL "[a-z_]+" words "${line}")
  list(POP_FRONT words keyword name)
  list(APPEND PINFOLD_LAYERS ${name})
  list(TRANSFORM words PREPEND pinfold:: OUTPUT_VARIABLE PINFOLD_USED_BY_${name})
endforeach()

set(PINFOLD_API_ATTRIBUTE "")
if(BUILD_SHARED_LIBS)
  set(PINFOLD_API_ATTRIBUTE "[[gnu::visibility(\"default\")]]")
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/api.hpp.in" "${PROJECT_BINARY_DIR}/include/pinfold/api.hpp" @ONLY)

# What a layer's sources are compiled with beside its own. Without a procedure linkage table, what they
# call is found when the program starts. Otherwise each child looks it up anew, with pages to bring in
# of every library, which is a tenth of a pool's birth, and with the loader's lock in some cases.
set(PINFOLD_LAYER_PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                             VISIBILITY_INLINES_HIDDEN ON)
set(PINFOLD_LAYER_OPTIONS -fno-plt)

# Every target of ours is compiled with these, privately: a user's flags stay the user's.
add_library(pinfold_warnings INTERFACE)
target_compile_options(
  pinfold_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wno-missing-field-initializers # designated initializers leave defaults out on purpose
            # false alarms on "text" + std::string (GCC bug 105651)
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            # a source that holds several hides names of one behind those of another
            $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
            $<$<BOOL:${PINFOLD_WERROR}>:-Werror>)

# For what no user waits for: tests, examples and commands build in about half the time at -O1, and at
# -O0 no faster. What runs hot, and what is measured, keeps the build type's own level. Under
# AddressSanitizer most of a test's build generates code, and at -O0 the whole takes about half.
# ThreadSanitizer would look at each access to a local variable.
add_library(pinfold_not_hot INTERFACE)
target_compile_options(pinfold_not_hot INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:-O1>)
if(PINFOLD_SANITIZE MATCHES "address")
  target_compile_options(pinfold_not_hot INTERFACE -O0)
endif()

# The standard headers of most sources, compiled once for all layers: a source of a layer then builds
# in two thirds of the time. Other build types do without, and so see that each source includes what
# it uses.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  pinfold_precompiled(
    pinfold_layer_headers HEADERS <algorithm> <array> <bit> <cstdint> <cstring> <memory> <span>
                                  <stdexcept> <string> <vector>)
  set_target_properties(pinfold_layer_headers PROPERTIES ${PINFOLD_LAYER_PROPERTIES})
  target_compile_options(pinfold_layer_headers PRIVATE ${PINFOLD_LAYER_OPTIONS})
endif()

# pinfold_layer(<name> SOURCES <file>... [PUBLIC <target>...] [PRIVATE <target>...]
#               [BUILD_ONLY <target>...])
# BUILD_ONLY names libraries of headers that only our sources include: an installed layer does without.
function(pinfold_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 LAYER "" "" "SOURCES;PUBLIC;PRIVATE;BUILD_ONLY")
  add_library(pinfold_${name} ${LAYER_SOURCES} ../cmake/modes.cpp)
  add_library(pinfold::${name} ALIAS pinfold_${name})
  set_target_properties(
    pinfold_${name}
    PROPERTIES ${PINFOLD_LAYER_PROPERTIES}
               EXPORT_NAME ${name}
               INSTALL_RPATH "$ORIGIN"
               VERSION ${PROJECT_VERSION}
               # below 1.0.0 a minor version may change public names
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(pinfold_${name} PUBLIC cxx_std_20)
  target_compile_options(pinfold_${name} PRIVATE ${PINFOLD_LAYER_OPTIONS})
  target_include_directories(
    pinfold_${name}
    PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
           "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  target_link_libraries(
    pinfold_${name}
    PUBLIC ${LAYER_PUBLIC}
    PRIVATE ${LAYER_PRIVATE} $<BUILD_INTERFACE:pinfold_warnings>)
  if(TARGET pinfold_layer_headers)
    pinfold_use_precompiled(pinfold_${name} pinfold_layer_headers)
  endif()
  foreach(target IN LISTS LAYER_PUBLIC LAYER_PRIVATE)
    if(target MATCHES "^pinfold::" AND NOT target IN_LIST PINFOLD_USED_BY_${name})
      message(FATAL_ERROR "cmake/layers.txt does not let ${name} use ${target}")
    endif()
  endforeach()
  foreach(target IN LISTS LAYER_BUILD_ONLY)
    target_link_libraries(pinfold_${name} PRIVATE $<BUILD_INTERFACE:${target}>)
  endforeach()
endfunction()
