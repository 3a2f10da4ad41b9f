# What pinfold builds with; docs/dependencies.md says why each one is here.

# An outer project that adds this folder links our layers, so it must see what they link with.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
# It may have some of them already: from its own find_package, or built from source.
if(NOT TARGET Boost::headers)
  find_package(Boost 1.74 REQUIRED)
endif()
if(NOT TARGET TBB::tbb)
  find_package(TBB REQUIRED)
endif()
# Under names of our own: a host's PkgConfig::gmp may be another version.
pkg_check_modules(pinfold_hwloc REQUIRED IMPORTED_TARGET GLOBAL hwloc>=2.7)
pkg_check_modules(pinfold_gmp REQUIRED IMPORTED_TARGET GLOBAL gmp)
if(PINFOLD_BUILD_APPS OR PINFOLD_BUILD_TESTS OR PINFOLD_BUILD_BENCH)
  find_package(fmt REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
  pkg_check_modules(pinfold_nlopt REQUIRED IMPORTED_TARGET GLOBAL nlopt>=2.7)
endif()
if(PINFOLD_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
# <pinfold/shm/crossing.hpp> includes it, and no source of a layer.
if(PINFOLD_BUILD_TESTS OR PINFOLD_BUILD_BENCH)
  find_package(cereal 1.3 REQUIRED)
  pkg_check_modules(primesieve REQUIRED IMPORTED_TARGET primesieve)
  pkg_check_modules(primecount REQUIRED IMPORTED_TARGET primecount)
  find_path(FLINT_INCLUDE_DIR flint/ulong_extras.h REQUIRED)
  find_library(FLINT_LIBRARY flint REQUIRED)
endif()
if(PINFOLD_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
