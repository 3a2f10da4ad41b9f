#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "shared_lines.hpp"

namespace chaos {

struct Site;

/// The only reader of a queue of notes, or of a pipe, in a thread of the host that nobody kills:
/// each party's come whole, in its order, and each once.
class Collector {
  public:
    explicit Collector(const Site& site) : site_(site), last_(most_lines) {}

    /// Read until the queue is closed, or the pipe.
    void collect_from_queue();
    void collect_from_pipe();

    void check(const Note& note);
    [[nodiscard]] std::uint32_t last_of(std::uint32_t line) const { return last_[line]; }

  private:
    const Site& site_;
    std::vector<std::uint32_t> last_;
};

/// What a round's lines add up to.
struct Sums {
    std::array<std::uint64_t, acts> done{};
    std::array<std::uint64_t, acts> open{};  // lives that ended amid that
    Kills kills{};                           // the same, by how far they were
    std::uint64_t got_by_dead = 0;  // messages that a get() had handed to one that died then
};

/// Whether nobody waits for what is there. Lives that were killed are gone.
[[nodiscard]] bool is_calm(const Site& site);

/// What those wait for who have not ended, for an error's text.
[[nodiscard]] std::string who_waits(const Site& site);

/// Compares the objects with the lines, when all lives have ended. Throws std::runtime_error where
/// something does not add up.
[[nodiscard]] Sums settle_accounts(const Site& site, const Collector& of_queue,
                                   const Collector& of_pipe, const Line& teller,
                                   std::uint64_t flooded);

}  // namespace chaos
