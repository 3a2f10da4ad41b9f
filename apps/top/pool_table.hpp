#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "json/json.hpp"
#include "top/pool_finder.hpp"

namespace pinfold::apps {

/// How quickly jobs go on, from look to look.
class JobRates {
  public:
    /// Takes the looks one after the other.
    void add(const Look& look);

    /// Chunks a second: since the look before, or, of a job that is new, since its begin. None
    /// where nothing can be said.
    [[nodiscard]] std::optional<double> rate(const FoundPool& pool, const JobStatus& job) const;

  private:
    using Key = std::pair<pid_t, std::uint64_t>;
    struct Point {
        std::uint64_t done = 0;
        std::int64_t updated_ns = 0;
        std::optional<double> rate;
    };
    std::map<Key, Point> points_;
};

/// The seconds that a job still takes at this rate.
[[nodiscard]] std::optional<double> seconds_left(const JobStatus& job, std::optional<double> rate);

/// A look as lines of at most `columns` characters, at most `rows` of them; 0 is no limit.
[[nodiscard]] std::vector<std::string> table_of(const Look& look, const JobRates& rates,
                                                std::size_t columns, std::size_t rows);

/// The same for programs.
[[nodiscard]] Json json_of(const Look& look, const JobRates& rates);

}  // namespace pinfold::apps
