# pinfold_with_crash_points(<name> LAYER <layer> STEPS <header> [SOURCES <file>...] [LINKS <target>...])
# A layer with another <header>, which can end a process at a step. The sources that include it are
# compiled once more; a program that links this library takes them from here, and the rest from the layer.
function(pinfold_with_crash_points name)
  cmake_parse_arguments(PARSE_ARGV 1 POINTS "" "LAYER;STEPS" "SOURCES;LINKS")
  get_target_property(folder pinfold_${POINTS_LAYER} SOURCE_DIR)
  get_target_property(sources pinfold_${POINTS_LAYER} SOURCES)
  list(TRANSFORM sources PREPEND ${folder}/)
  set(sources_with_steps "")
  foreach(source IN LISTS sources)
    file(STRINGS ${source} steps REGEX "#include \"(.*/)?${POINTS_STEPS}\"")
    if(steps)
      list(APPEND sources_with_steps ${source})
    endif()
  endforeach()
  # In the layer each of them is an object file of its own, which can give way.
  set_source_files_properties(${sources_with_steps} TARGET_DIRECTORY pinfold_${POINTS_LAYER}
                              PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  # Object files, since a library's members give way to others of the same name that come first.
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${sources_with_steps} ${POINTS_SOURCES})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} PUBLIC ${folder}/src ${CMAKE_CURRENT_SOURCE_DIR}
                                            ${PROJECT_SOURCE_DIR}/tests/shm/crash_points)
  target_link_libraries(${name} PUBLIC pinfold::${POINTS_LAYER} ${POINTS_LINKS})
endfunction()
