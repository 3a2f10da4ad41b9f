#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "top/pool_status.hpp"

namespace pinfold::apps {

/// A running pool that was found.
struct FoundPool {
    pid_t supervisor = 0;  ///< as this process sees it, and its parent
    pid_t host = 0;
    std::string command;  ///< the host's, or empty where nobody may know
    PoolStatus status;

    /// Whether the pool's own processes know each other by other numbers: it runs in a container.
    bool is_in_other_namespace = false;
};

/// What a look found.
struct Look {
    std::vector<FoundPool> pools;    ///< by their supervisors' numbers
    std::vector<std::string> notes;  ///< why something is not seen, a sentence each
};

/// Finds the pools of worker processes that this user may see, by their supervisors' status pages.
///
/// A look at a pool that is known opens its page, copies and closes it. All of /proc is gone
/// through at the first look, and then every other second: some 5 µs a process that is new.
class PoolFinder {
  public:
    /// `proc` is where the process file system is.
    explicit PoolFinder(std::string proc = "/proc");

    [[nodiscard]] Look look();

  private:
    void search();
    [[nodiscard]] std::optional<std::string> page_of(pid_t supervisor, Look& look) const;
    [[nodiscard]] std::vector<std::string> reasons_for_nothing() const;

    const std::string proc_;
    std::set<pid_t> seen_;         // at the last search, supervisors or not
    std::set<pid_t> supervisors_;  // of these
    std::int64_t searched_ns_ = 0;
    int searches_ = 0;
};

}  // namespace pinfold::apps
