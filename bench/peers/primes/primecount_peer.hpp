#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bench {

/// What a version of libprimecount can do, on so many threads.
struct PrimecountPeer {
    std::string version;
    std::uint64_t (*count_up_to)(std::uint64_t x, int threads);
};

/// The library that pkg-config finds.
std::optional<PrimecountPeer> packaged_primecount();

/// The one below PINFOLD_PRIMECOUNT_DIR, if the build was given that.
std::optional<PrimecountPeer> newest_primecount();

}  // namespace bench
