#pragma once

#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

// These runners check their own answers off the clock, and end the program on a wrong one. Inputs
// are 10^8 64-bit integers in no order, and outputs were written before, unless it says otherwise.

/// The usual algorithms that go once over their input.
enum class Scan {
    inclusive_scan,  ///< sums, modulo 2^64
    copy_if,         ///< about half of the numbers, into memory that is new
    find_if,         ///< one number, behind three quarters
    histogram,       ///< 256 bins
};

/// On two workers, with the default grain.
std::unique_ptr<Runner> make_scan(Scan scan, pinfold::Crew crew);

/// How others do it, on two threads, the caller's own included.
enum class ScanPeer {
    std_par,         ///< the algorithm of the standard with std::execution::par
    std_par_reused,  ///< the same, into memory that was written before
    tbb,             ///< parallel_scan()
    openmp,          ///< an array of counts for each thread, by a reduction
};

/// Empty where `peer` is no way to do it.
MakeRunner scan_by(Scan scan, ScanPeer peer);

/// Those that look for an order.
enum class Order {
    sort,         ///< stable
    sort_by_key,  ///< 3 * 10^7 keys, and the values beside them
    top_k,        ///< the greatest 1000
};

/// On two workers, with the default grain.
std::unique_ptr<Runner> make_order(Order order, pinfold::Crew crew);

enum class OrderPeer {
    std_stable_par,  ///< std::stable_sort with std::execution::par; of pairs for sort_by_key
    tbb,             ///< parallel_sort(), which is not stable
    std_partial,     ///< std::partial_sort_copy, which is not parallel
};

/// Empty where `peer` is no way to do it.
MakeRunner order_by(Order order, OrderPeer peer);

}  // namespace bench
