#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace pinfold::apps {

/// A program to run.
struct ChildRequest {
    std::string program;             ///< a path, or a name that PATH knows
    std::vector<std::string> words;  ///< the first is the name that it sees itself called by
    std::vector<std::pair<std::string, std::string>> environment;  ///< is added to this one's
    std::chrono::nanoseconds deadline{0};                          ///< zero: there is none
};

enum class ChildEnd { exited, killed, timed_out, stopped };

/// Watches a program while it runs. Its calls come from the thread that runs it.
class ChildWatch {
  public:
    using Clock = std::chrono::steady_clock;

    ChildWatch() = default;
    virtual ~ChildWatch() = default;
    ChildWatch(const ChildWatch&) = delete;
    ChildWatch& operator=(const ChildWatch&) = delete;

    virtual void begin() = 0;           ///< just before it is made
    virtual void started(int pid) = 0;  ///< it is there, and waits until this returns
    virtual void tick() = 0;            ///< at about due()
    [[nodiscard]] virtual Clock::time_point due() const = 0;
    virtual void ended(const rusage& used) = 0;
};

/// How a program ended, and what it left.
struct ChildEnding {
    ChildEnd end = ChildEnd::exited;
    int code = 0;             ///< its exit status, or the signal that killed it
    double seconds = 0;       ///< from before the fork to its end, without its wait for a watch
    double cpu_seconds = 0;   ///< user and system time, its children's with it that it waited for
    double rss_bytes = 0;     ///< the largest of one process of it
    std::string output;       ///< its standard output
    bool output_cut = false;  ///< there was more than most_output, and the begin is not here
    std::string error;        ///< the end of its standard error
    int left_behind = 0;      ///< processes that it left running, and which were killed then
};

/// What is kept of a child's standard output.
inline constexpr std::size_t most_output = std::size_t{16} << 20;

/// Runs a program to its end.
///
/// The program has a process group of its own, no standard input, and the usual signals. It is
/// killed when this process dies, when its deadline passes, and (after a SIGTERM and a tenth of a
/// second) when a stop is requested. Its end is the end of its first process: what still holds its
/// output open then is not waited for. Whatever it left running is killed, for it would disturb the
/// next run: this process becomes the subreaper that such processes fall to. So it must have no
/// other children meanwhile.
///
/// Throws std::invalid_argument for a program that cannot be run, and std::system_error.
[[nodiscard]] ChildEnding run_child(const ChildRequest& request, const std::stop_token& stop,
                                    ChildWatch* watch = nullptr);

}  // namespace pinfold::apps
