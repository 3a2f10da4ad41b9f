# The kernels, each beside the best public way to do the same on one thread.
add_library(kernel_contest STATIC kernel_contest.cpp)
target_link_libraries(
  kernel_contest
  PUBLIC benchmark::benchmark pinfold::kernels
  PRIVATE pinfold_warnings)

pinfold_bench(primality_bench LINKS kernel_contest ${FLINT_LIBRARY})
pinfold_bench(fibonacci_bench LINKS kernel_contest)
if(TARGET pinfold_apps)
  pinfold_bench(sieve_bench LINKS kernel_contest pinfold_apps PkgConfig::primesieve)
  pinfold_bench(sieve_memory_bench LINKS pinfold_apps PkgConfig::primesieve)
  pinfold_bench(combinatorial_bench LINKS kernel_contest pinfold_apps PkgConfig::primecount)
  pinfold_bench(exact_fibonacci_bench LINKS kernel_contest pinfold_apps PkgConfig::gmp)
  pinfold_bench(method_bench LINKS pinfold_apps)
endif()
