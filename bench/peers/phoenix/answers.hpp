#pragma once

#include <cstdint>
#include <string_view>

#include "peers/keyed/digest.hpp"

namespace bench {

/// Numbers in their order, in one.
class SequenceDigest {
  public:
    void add(std::uint64_t number) { hash_ = mixed(hash_ + number + 0x9e3779b97f4a7c15U); }
    void add(std::string_view text) { add(mixed(text)); }

    [[nodiscard]] std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0;
};

}  // namespace bench
