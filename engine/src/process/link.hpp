#pragma once

#include <chrono>
#include <pinfold/shm/descriptor.hpp>

#include "process/host_only.hpp"

namespace pinfold::detail {

/// The host's end of the connection with a tree of processes: it tells the host when the last of
/// the tree is gone, and the tree when the host is.
class HostEnd {
  public:
    explicit HostEnd(Descriptor opened) : socket_(std::move(opened)) {}

    /// Asks the supervisor to look at what changed. It never blocks, and does nothing where the
    /// tree is gone.
    void poke() const noexcept;

    /// Whether the whole tree has gone within `time`. Where the program has closed this
    /// end nothing can be heard: then it waits and says no.
    [[nodiscard]] bool is_deserted_within(std::chrono::milliseconds time) const noexcept;

    /// Whether it is still open.
    [[nodiscard]] bool is_open() const noexcept { return socket_.number() >= 0; }

  private:
    HostOnly socket_;
};

/// The tree's end: all its processes hold it, and its supervisor listens.
class TreeEnd {
  public:
    TreeEnd() = default;
    explicit TreeEnd(Descriptor opened) noexcept : socket_(std::move(opened)) {}

    /// What to poll for input: a poke, or the host's end.
    [[nodiscard]] int number() const noexcept { return socket_.number(); }

    enum class News { none, poke, host_is_gone };

    /// What came since the last look.
    [[nodiscard]] News take_news() const noexcept;

  private:
    Descriptor socket_;
};

}  // namespace pinfold::detail
