#pragma once

#include <span>

#include "harness/keyed.hpp"
#include "peers/keyed/digest.hpp"
#include "peers/keyed/inputs.hpp"

namespace bench {

[[nodiscard]] MakeRunner word_count_by(KeyedPeer peer);
[[nodiscard]] MakeRunner rows_by(Keyed keyed, KeyedPeer peer);
[[nodiscard]] MakeRunner reverse_index_by(KeyedPeer peer);

// What a plain loop of one thread finds, once a process.

[[nodiscard]] const Digest& expected_words();
[[nodiscard]] const Digest& expected_sums(std::span<const Row> rows);
[[nodiscard]] const Digest& expected_links();

/// The rows of these two kinds of work.
[[nodiscard]] std::span<const Row> rows_of(Keyed keyed);

}  // namespace bench
