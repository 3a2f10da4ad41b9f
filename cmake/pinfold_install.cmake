# Installs the layers, their headers, a CMake package and a pkg-config file. An outside project then
# writes find_package(pinfold COMPONENTS engine) and links pinfold::engine, or uses `pkg-config --libs
# pinfold`.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/pinfold")

# Each layer is a component: a file of its own has its targets.
set(PINFOLD_USES "")
foreach(layer IN LISTS PINFOLD_LAYERS)
  install(
    TARGETS pinfold_${layer}
    EXPORT pinfold_${layer}
    DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    COMPONENT pinfold_${layer})
  install(
    EXPORT pinfold_${layer}
    NAMESPACE pinfold::
    DESTINATION "${package_dir}"
    COMPONENT pinfold_${layer})
  install(
    DIRECTORY "${layer}/include/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT pinfold_${layer})
  list(TRANSFORM PINFOLD_USED_BY_${layer} REPLACE "pinfold::" "" OUTPUT_VARIABLE used)
  list(JOIN used " " used)
  string(APPEND PINFOLD_USES "set(pinfold_used_by_${layer} ${used})\n")
endforeach()
install(FILES "${PROJECT_BINARY_DIR}/include/pinfold/api.hpp"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pinfold")

configure_package_config_file(cmake/pinfold-config.cmake.in pinfold-config.cmake
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(pinfold-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/pinfold-config.cmake"
              "${PROJECT_BINARY_DIR}/pinfold-config-version.cmake" DESTINATION "${package_dir}")

# Static libraries are named before what they use. Shared ones bring along what they use.
set(PINFOLD_PC_REQUIRES "Requires")
if(BUILD_SHARED_LIBS)
  set(PINFOLD_PC_REQUIRES "Requires.private")
endif()
list(TRANSFORM PINFOLD_LAYERS PREPEND "-lpinfold_" OUTPUT_VARIABLE libraries)
list(REVERSE libraries)
list(JOIN libraries " " PINFOLD_PC_LIBS)
# The prefix is told relative to the file, so `cmake --install --prefix` may name any other.
file(RELATIVE_PATH PINFOLD_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/pinfold.pc.in pinfold.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/pinfold.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(TARGET pinfold)
  file(RELATIVE_PATH to_libraries "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  if(BUILD_SHARED_LIBS)
    set_target_properties(pinfold PROPERTIES INSTALL_RPATH "$ORIGIN/${to_libraries}")
  endif()
  install(TARGETS pinfold DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
