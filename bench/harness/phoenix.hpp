#pragma once

#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

/// The workloads that come with Phoenix++. These runners check their own answers off the clock,
/// and end the program on a wrong one. Inputs are made once, from a fixed seed.
enum class Phoenix {
    histogram,          ///< of three colours in 66 million pixels
    kmeans,             ///< ten rounds of 100 means of 400,000 points
    linear_regression,  ///< of 100 million points of two bytes
    matrix_multiply,    ///< integers, 1000 x 1000
    pca,                ///< means and covariances of 1000 rows of 1000 integers
    string_match,       ///< four words among the lines of 200 MB, each line enciphered
    word_count,         ///< 200 MB, in upper case, with the table sorted by frequency
};

/// On two workers, with the default grain.
std::unique_ptr<Runner> make_phoenix_by_pinfold(Phoenix workload, pinfold::Crew crew);

/// By Phoenix++'s own programs, on two threads of its own. Empty when this was built without
/// PINFOLD_PHOENIX_DIR.
MakeRunner phoenix_program(Phoenix workload);

}  // namespace bench
