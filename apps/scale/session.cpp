// A study's way, and what is left when this process dies there:
//
//     look at what is kept     nothing has changed
//     rehearse and warm up     the directory, perhaps with traces; the same command begins anew
//     write study.json         a study without samples; the same command goes on
//     a run, a sample, ...     the samples that were taken; the same command goes on
//     write study.json         the old or the new one; the other files are drawn again from it

#include "scale/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "environment/bandwidth.hpp"
#include "environment/environment.hpp"
#include "scale/plan.hpp"
#include "scale/run_output.hpp"
#include "scale/runner.hpp"
#include "scale/stop_rule.hpp"
#include "scale/study_progress.hpp"
#include "scale/traced_run.hpp"

namespace pinfold::apps {

namespace {

PlanContext context_of(const SessionRequest& request, const std::vector<std::string>& fixed) {
    return {request.environment.usable_cpus, request.environment.usable_cores,
            find_own(request.options.command, request.commands), fixed};
}

/// ISO 8601 with the offset from UTC.
std::string time_now() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 64> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%FT%T%z", &local);
    std::string time(text.data(), length);
    return time.insert(time.size() - 2, ":");
}

std::uint64_t made_up_seed() {
    // 32 bits: people type it.
    return std::random_device{}() | 1U;
}

bool is_program(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// Whether exec would find it.
bool can_be_run(const std::string& program) {
    if (program.find('/') != std::string::npos) {
        return is_program(program);
    }
    const char* const variable = std::getenv("PATH");
    std::string_view rest = variable == nullptr ? "/bin:/usr/bin" : variable;
    while (true) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const std::filesystem::path folder(end == 0 ? "." : rest.substr(0, end));
        if (is_program(folder / program)) {
            return true;
        }
        if (end == rest.size()) {
            return false;
        }
        rest.remove_prefix(end + 1);
    }
}

void refuse_another(const Study& kept, const SessionRequest& request,
                    const std::string& directory) {
    std::string why = difference(kept.options, request.options);
    if (why.empty() && request.options.seed != 0 && request.options.seed != kept.options.seed) {
        why = fmt::format("seed is {} there and {} here", kept.options.seed, request.options.seed);
    }
    if (!why.empty()) {
        throw std::invalid_argument(fmt::format(
            "'{}' has another study: {}. The very same command goes on with that one; another "
            "directory takes a new one",
            directory, why));
    }
    if (kept.complete) {
        return;
    }
    if (kept.version != request.version) {
        throw std::invalid_argument(
            fmt::format("'{}' has a study that pinfold {} began, and this is {}: its samples would "
                        "be of two programs; take a new one in another directory",
                        directory, kept.version, request.version));
    }
    if (kept.environment.usable_cpus != request.environment.usable_cpus) {
        throw std::invalid_argument(
            fmt::format("'{}' has a study that was begun with {} usable CPUs, and now there are "
                        "{}: take a new one in another directory",
                        directory, kept.environment.usable_cpus, request.environment.usable_cpus));
    }
}

double measured(const Sample& sample) {
    return sample.job_seconds.value_or(sample.command_seconds);
}

class Session {
  public:
    Session(const SessionRequest& request, StudyStore& store, const std::stop_token& stop)
        : request_(request),
          store_(store),
          progress_(request.shows_progress),
          runner_(study_.options, stop) {}

    Study take() {
        auto kept = store_.kept();
        // One without a sample has nothing to lose: its first run may have been refused as too
        // short, and the command that mends that is another study.
        if (kept && (kept->complete || !kept->samples.empty())) {
            refuse_another(*kept, request_, store_.directory());
            study_ = std::move(*kept);
            if (study_.complete) {
                return study_;
            }
            context_ = context_of(request_, study_.fixed);
            take_up();
        } else {
            begin();
        }
        take_samples();
        finish();
        return study_;
    }

  private:
    void begin() {
        study_.options = request_.options;
        if (study_.options.seed == 0) {
            study_.options.seed = made_up_seed();
        }
        study_.started = time_now();
        study_.version = request_.version;
        study_.environment = request_.environment;
        study_.fixed = request_.fixed;
        context_ = context_of(request_, study_.fixed);
        plan();
        if (context_.own && study_.fixed.empty()) {
            rehearse();
        }
        warm_up();
        if (request_.measures_machine) {
            measure_machine();
        }
        store_.begin(study_);
    }

    void plan() { study_.configurations = configurations_of(study_.options, context_); }

    /// The clock under load, and how fast the workers of each series could read at most.
    void measure_machine() {
        progress_.show(study_, turns_left(), "the machine is measured");
        study_.environment = look_at_machine();
        for (const std::string& pin : study_.options.pins) {
            for (const int workers : study_.options.workers) {
                if (workers > study_.environment.usable_cpus) {
                    continue;
                }
                if (const auto bandwidth = measure_bandwidth(workers, pin)) {
                    study_.environment.bandwidths.push_back(*bandwidth);
                }
            }
        }
        study_.environment.warnings =
            warnings_of(study_.environment, study_.options.workers.back());
    }

    void take_up() {
        for (const Sample& sample : study_.samples) {
            RunOutput output;
            output.value = sample.value;
            output.tells_value = sample.value_is_told;
            compare(sample.configuration, output, run_name(sample.order, sample.configuration));
        }
        warm_up();
        store_.go_on(study_);
    }

    [[nodiscard]] std::string name_of(std::size_t configuration) const {
        return study_.configurations[configuration].name();
    }

    [[nodiscard]] std::string run_name(std::uint64_t order, std::size_t configuration) const {
        return fmt::format("run {} ({})", order + 1, name_of(configuration));
    }

    Run run_once(std::size_t configuration, const std::string& what,
                 const std::vector<std::string>& more = {}) {
        const std::string name = fmt::format("the {} ({})", what, name_of(configuration));
        progress_.show(study_, turns_left(), name);
        Run run = runner_.run(study_.configurations[configuration], name, more);
        compare(configuration, run.output, name);
        check_length(run, name);
        return run;
    }

    /// The same, and where it is a command of ours, when each chunk of it ran: once for a study.
    Run run_traced(std::size_t configuration, const std::string& what) {
        const Configuration& its = study_.configurations[configuration];
        const bool is_ours = its.role == Role::crew && context_.own && context_.own->has("--trace");
        const bool is_there = std::ranges::find(study_.traces, configuration,
                                                &Trace::configuration) != study_.traces.end();
        if (!is_ours || is_there) {
            return run_once(configuration, what);
        }
        const std::string file = trace_file_name(its.series);
        Run run = run_once(configuration, what, {"--trace", store_.path_of(file)});
        study_.traces.push_back({configuration, file, read_traced_chunks(store_.path_of(file))});
        return run;
    }

    /// Asks the command which method and grain it takes by itself, where the work is least and
    /// where it is most, so that they can be the same in all runs.
    void rehearse() {
        const std::vector<std::size_t> warm_ups = warm_ups_of(study_.configurations);
        const std::size_t most = warm_ups.front();
        const Run large = run_traced(most, "rehearsal");
        warmed_.insert(most);
        Run small = large;
        if (study_.options.scaling == Scaling::weak) {
            small = run_once(0, "rehearsal");
        }
        if (small.output.method != large.output.method) {
            throw std::invalid_argument(fmt::format(
                "the method would differ between the runs: it is {} for n = {} and {} for n = {}; "
                "name one by --method",
                small.output.method.value_or("none"), study_.configurations[0].n,
                large.output.method.value_or("none"), study_.configurations[most].n));
        }
        const auto fix = [&](const char* option, const std::optional<std::string>& value) {
            const auto given = value_of_option(study_.options.command, option);
            if (value && context_.own->has(option) && (!given || given == "auto")) {
                study_.fixed.emplace_back(option);
                study_.fixed.push_back(*value);
            }
        };
        fix("--method", small.output.method);
        if (small.output.grain) {
            fix("--grain", std::to_string(*small.output.grain));
        }
        context_.fixed = study_.fixed;
        plan();
    }

    void warm_up() {
        for (const std::size_t configuration : warm_ups_of(study_.configurations)) {
            if (!warmed_.contains(configuration)) {
                static_cast<void>(run_traced(configuration, "warm-up"));
            }
        }
    }

    void compare(std::size_t configuration, const RunOutput& output, const std::string& name) {
        const std::string wrong = values_.take(study_.configurations[configuration], output, name);
        if (!wrong.empty()) {
            throw std::runtime_error(wrong);
        }
    }

    void check_length(const Run& run, const std::string& name) const {
        const double seconds = measured(run.sample);
        if (seconds >= study_.options.shortest_seconds) {
            return;
        }
        std::string how;
        if (run.output.method) {
            how = fmt::format(" by the method {}", *run.output.method);
        }
        if (run.output.chunks) {
            how += fmt::format(" in {} chunks", *run.output.chunks);
        }
        throw std::runtime_error(fmt::format(
            "{} took {:.3g} s{}, below the {:.3g} s of --shortest-run: such a time is mostly the "
            "machine's noise. Give the command more work, or another --method where it has one",
            name, seconds, how, study_.options.shortest_seconds));
    }

    /// How many CPUs a configuration used in the run that used most: on a busy machine a parallel
    /// program may have but one in many of its runs.
    [[nodiscard]] double most_cpus(std::size_t configuration) const {
        double most = 0;
        for (const Sample& sample : study_.samples) {
            if (sample.configuration == configuration) {
                most = std::max(most, sample.cpu_seconds / sample.command_seconds);
            }
        }
        return most;
    }

    /// What is not a serial program is no base; that is for the reader to judge.
    void look_at_bases() {
        constexpr double more_than_one = 1.3;
        for (std::size_t i = 0; i < study_.configurations.size(); ++i) {
            const double cpus = most_cpus(i);
            if (study_.configurations[i].role == Role::base && cpus > more_than_one) {
                study_.notes.push_back(fmt::format(
                    "The base '{}' used {:.1f} CPUs: it is no serial program, so speedups over it "
                    "say little. A program that heeds no PINFOLD_CREW has no serial crew; --base "
                    "names another.",
                    study_.configurations[i].series, cpus));
            }
        }
    }

    [[nodiscard]] std::vector<Turn> turns_left() const {
        std::set<std::pair<std::size_t, int>> done;
        for (const Sample& sample : study_.samples) {
            done.emplace(sample.configuration, sample.repetition);
        }
        std::vector<Turn> left =
            turns_of(study_.configurations.size(), study_.options.repetitions, study_.options.seed);
        std::erase_if(left, [&](const Turn& turn) {
            return done.contains({turn.configuration, turn.repetition});
        });
        return left;
    }

    void take_samples() {
        std::vector<Turn> left = turns_left();
        while (!left.empty()) {
            const Turn turn = left.front();
            const bool begins_a_round =
                study_.samples.size() % std::max<std::size_t>(study_.configurations.size(), 1) == 0;
            if (begins_a_round && is_narrow(study_)) {
                return;
            }
            progress_.show(study_, left, name_of(turn.configuration));
            take_sample(turn);
            left.erase(left.begin());
        }
    }

    void take_sample(const Turn& turn) {
        const std::string name = run_name(study_.samples.size(), turn.configuration);
        Run run = runner_.run(study_.configurations[turn.configuration], name);
        compare(turn.configuration, run.output, name);
        if (turn.repetition == 0) {
            check_length(run, name);
        }
        run.sample.configuration = turn.configuration;
        run.sample.repetition = turn.repetition;
        run.sample.order = study_.samples.size();
        store_.add(run.sample);
        study_.samples.push_back(std::move(run.sample));
    }

    void finish() {
        progress_.erase();
        look_at_bases();
        for (const auto& notes : {values_.notes(), runner_.notes()}) {
            study_.notes.insert(study_.notes.end(), notes.begin(), notes.end());
        }
        if (std::string note = note_on_early_end(study_); !note.empty()) {
            study_.notes.push_back(std::move(note));
        }
        study_.complete = true;
    }

    const SessionRequest& request_;
    StudyStore& store_;
    Study study_;
    PlanContext context_;
    ValueCheck values_;
    StudyProgress progress_;
    Runner runner_;
    std::set<std::size_t> warmed_;
};

}  // namespace

void check_request(const SessionRequest& request) {
    const PlanContext context = context_of(request, {});
    static_cast<void>(configurations_of(request.options, context));
    if (!context.own && !can_be_run(request.options.command.front())) {
        throw std::invalid_argument(
            fmt::format("'{}' is neither a command of pinfold nor a program that can be run",
                        request.options.command.front()));
    }
}

Study take_study(const SessionRequest& request, StudyStore& store, const std::stop_token& stop) {
    return Session(request, store, stop).take();
}

}  // namespace pinfold::apps
