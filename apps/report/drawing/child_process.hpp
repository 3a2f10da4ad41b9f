#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::apps::report {

/// What a child process came to.
struct ChildOutcome {
    std::string output;   ///< its standard output
    std::string problem;  ///< a sentence without its end, such as "gnuplot was not found"; or empty
    bool try_again = true;  ///< false: it is missing or hangs, and would so the next time

    [[nodiscard]] bool is_good() const noexcept { return problem.empty(); }
};

/// Runs a program of the PATH with `input` as its standard input, and waits until it ends. One that
/// takes longer than `patience`, or writes without end, is killed with all of its process group.
///
/// Input and output are files in memory, so neither side waits for the other and nothing stays.
/// Never throws for what the program does; throws std::system_error where this process has no
/// descriptor or memory left.
[[nodiscard]] ChildOutcome run_child(const std::vector<std::string>& words, std::string_view input,
                                     std::chrono::milliseconds patience);

}  // namespace pinfold::apps::report
