# Installs the layers, their headers, a CMake package and a pkg-config file. An outside project then
# writes find_package(pinfold) and links pinfold::engine, or uses `pkg-config --libs pinfold`.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/pinfold")

foreach(layer IN LISTS PINFOLD_LAYERS)
  install(TARGETS pinfold_${layer} EXPORT pinfold_targets DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY "${layer}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
endforeach()
install(
  EXPORT pinfold_targets
  NAMESPACE pinfold::
  DESTINATION "${package_dir}")

configure_package_config_file(cmake/pinfold-config.cmake.in pinfold-config.cmake
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(pinfold-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/pinfold-config.cmake"
              "${PROJECT_BINARY_DIR}/pinfold-config-version.cmake" DESTINATION "${package_dir}")

# Static libraries are named before what they use.
list(TRANSFORM PINFOLD_LAYERS PREPEND "-lpinfold_" OUTPUT_VARIABLE libraries)
list(REVERSE libraries)
list(JOIN libraries " " PINFOLD_PC_LIBS)
# The prefix is told relative to the file, so `cmake --install --prefix` may name any other.
file(RELATIVE_PATH PINFOLD_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/pinfold.pc.in pinfold.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/pinfold.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(TARGET pinfold)
  install(TARGETS pinfold DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
