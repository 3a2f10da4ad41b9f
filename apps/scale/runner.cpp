#include "scale/runner.hpp"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "environment/run_meter.hpp"

namespace pinfold::apps {

namespace {

constexpr int bad_input = 2;  // the exit status of our own commands for it

ChildRequest request_of(const Configuration& configuration, const std::vector<std::string>& more,
                        double deadline_seconds) {
    ChildRequest request;
    request.words = configuration.command;
    request.words.insert(request.words.end(), more.begin(), more.end());
    // The very same program, wherever it lies and whatever replaced it meanwhile.
    request.program =
        request.words.front() == own_program ? "/proc/self/exe" : request.words.front();
    request.environment = configuration.environment;
    request.deadline = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(deadline_seconds));
    return request;
}

/// The last lines of what it said about its failure, on one line.
std::string last_lines(std::string_view error) {
    constexpr std::size_t most = 400;
    error = error.substr(0, error.find_last_not_of(" \r\n") + 1);
    error = error.substr(error.size() - std::min(error.size(), most));
    std::string line(error);
    std::ranges::replace(line, '\n', '|');
    return line.empty() ? "it said nothing about it" : line;
}

/// Our own commands begin their one line so.
std::string_view without_our_name(std::string_view error) {
    constexpr std::string_view name = "pinfold: ";
    return error.starts_with(name) ? error.substr(name.size()) : error;
}

void check(const ChildEnding& ending, const Configuration& configuration, const std::string& name,
           double deadline_seconds) {
    const std::string said = last_lines(ending.error);
    switch (ending.end) {
        case ChildEnd::stopped:
            throw RunStopped();
        case ChildEnd::timed_out:
            throw std::runtime_error(fmt::format("{} did not end within --run-deadline {}s: {}",
                                                 name, deadline_seconds, said));
        case ChildEnd::killed:
            throw std::runtime_error(fmt::format("{} was killed by signal {} ({}): {}", name,
                                                 ending.code, strsignal(ending.code), said));
        case ChildEnd::exited:
            break;
    }
    if (ending.code == bad_input && configuration.command.front() == own_program) {
        throw std::invalid_argument(std::string(without_our_name(said)));
    }
    if (ending.code != 0) {
        throw std::runtime_error(
            fmt::format("{} ended with exit status {}: {}", name, ending.code, said));
    }
}

/// What the machine did around the run, in its sample.
class Meter final : public ChildWatch {
  public:
    explicit Meter(Sample& sample) : sample_(sample) {}

    void begin() override { meter_.begin(); }
    void started(int pid) override { meter_.started(pid); }
    void tick() override { meter_.tick(); }
    [[nodiscard]] Clock::time_point due() const override { return meter_.due(); }
    void ended(const rusage& used) override { meter_.ended(used, sample_); }

  private:
    RunMeter meter_;
    Sample& sample_;
};

void fill(Sample& sample, const ChildEnding& ending, const RunOutput& output) {
    sample.command_seconds = ending.seconds;
    sample.cpu_seconds = ending.cpu_seconds;
    sample.pool_seconds = output.pool_seconds;
    sample.job_seconds = output.job_seconds;
    sample.value = output.value;
    sample.value_is_told = output.tells_value;
    sample.chunks = output.chunks;
    sample.attempts = output.attempts;
    sample.deaths = output.deaths;
    sample.workers = output.workers;
    if (output.arena_bytes) {
        sample.arena_bytes = output.arena_bytes;  // else what was seen of its shared memory
    }
}

}  // namespace

Run Runner::run(const Configuration& configuration, const std::string& name,
                const std::vector<std::string>& more) {
    if (stop_.stop_requested()) {
        throw RunStopped();
    }
    Sample sample;
    Meter meter(sample);
    const ChildEnding ending =
        run_child(request_of(configuration, more, options_->deadline_seconds), stop_, &meter);
    check(ending, configuration, name, options_->deadline_seconds);
    if (ending.left_behind > 0) {
        notes_.push_back(fmt::format("Processes that {} left running were ended: {}.", name,
                                     ending.left_behind));
    }
    RunOutput output = read_output(ending.output, ending.output_cut);
    fill(sample, ending, output);
    return {std::move(sample), std::move(output)};
}

}  // namespace pinfold::apps
