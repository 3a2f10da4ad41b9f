#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// What a run printed, as far as a study understands it.
struct RunOutput {
    bool has_report = false;
    std::optional<double> pool_seconds;
    std::optional<double> job_seconds;
    std::optional<std::uint64_t> chunks;
    std::optional<std::uint64_t> attempts;
    std::optional<std::uint64_t> deaths;
    std::optional<double> arena_bytes;
    std::vector<WorkerTime> workers;
    std::optional<std::string> method;
    std::optional<std::uint64_t> grain;

    std::string value;         ///< what the run found, or a digest of it; empty: it tells nothing
    bool tells_value = false;  ///< as `value` in JSON, so that other programs' can be compared
};

/// Reads what a run printed. Its report is the last line that is a JSON object with the members of
/// pinfold::to_json(report), or with such an object as its member `report`. Its value is the member
/// `value` beside that; else that of the last line that is a JSON object with one, as other
/// programs print it; else all of the output but the report, or its SHA-256 where it is long.
[[nodiscard]] RunOutput read_output(std::string_view output, bool cut);

/// Compares what the runs of a study found.
///
/// Values that are told in JSON have to be the same in all programs. Other output has to be the
/// same in all runs of one program; where the first two runs of it differ already, as those of a
/// program that prints a time, it tells nothing.
class ValueCheck {
  public:
    /// Takes a run's value. Returns an empty text, or what is wrong, with both runs' names.
    [[nodiscard]] std::string take(const Configuration& configuration, const RunOutput& output,
                                   const std::string& run);

    /// The programs whose output tells nothing, or nothing to others, a sentence each.
    [[nodiscard]] std::vector<std::string> notes() const;

  private:
    struct Seen {
        std::string value;
        std::string run;
        std::string teller;  // the only program that tells such a value, or empty
        int runs = 0;
        bool useless = false;
    };

    std::map<std::string, Seen> seen_;  // by the program and n
};

}  // namespace pinfold::apps
