#include "scale/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <pinfold/affinity/pin_policy.hpp>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "scale/formula.hpp"

namespace pinfold::apps {

namespace {

constexpr std::string_view workers_name = "{workers}";
constexpr std::string_view n_name = "{n}";
constexpr const char* serial_series = "serial";

// A shell does not mind these, and the runs would all be alike.
constexpr std::array<std::string_view, 4> misspelt_names{"{worker}", "{Workers}", "{WORKERS}",
                                                         "{N}"};

/// Whether a list of CPUs to pin to has fewer of them than there are workers.
bool is_list_of_fewer(const std::string& pin, int workers) {
    const affinity::PinPolicy policy = affinity::parse_pin_policy(pin);
    return policy.kind == affinity::PinPolicy::Kind::list &&
           std::cmp_less(policy.cpus.size(), workers);
}

bool mentions(const std::vector<std::string>& words, std::string_view name) {
    return std::ranges::any_of(
        words, [&](const std::string& word) { return word.find(name) != std::string::npos; });
}

std::string replaced(std::string text, std::string_view name, std::string_view value) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
    }
    return text;
}

/// Makes configurations out of command lines with {workers} and {n} in them.
class Planner {
  public:
    Planner(const StudyOptions& options, const PlanContext& context)
        : options_(options), context_(context) {
        if (options.scaling == Scaling::weak) {
            rule_.emplace(options.weak_rule);
        }
    }

    void add_bases() {
        if (knows_crews()) {
            Configuration base = of_command("serial", options_.pins.front(), 1);
            base.role = Role::base;
            base.series = serial_series;
            all_.push_back(std::move(base));
        }
        if (!options_.base.empty()) {
            all_.push_back(of_shell(Role::base, options_.base, 1));
        }
    }

    void add_series() {
        for (const std::string& crew : options_.crews) {
            for (const std::string& pin : options_.pins) {
                for (const int workers : options_.workers) {
                    if (crew != "serial") {  // that is the base
                        all_.push_back(of_command(crew, pin, workers));
                    }
                }
            }
        }
    }

    void add_peers() {
        for (const std::string& peer : options_.peers) {
            for (const int workers : options_.workers) {
                all_.push_back(of_shell(Role::peer, peer, workers));
            }
        }
    }

    [[nodiscard]] std::vector<Configuration> take() { return std::move(all_); }

    /// A program that gets its workers by {workers} may be one that no PINFOLD_CREW reaches.
    [[nodiscard]] bool knows_crews() const {
        return context_.own || !mentions(options_.command, workers_name);
    }

  private:
    [[nodiscard]] Configuration with_workers(int workers) const {
        Configuration made;
        made.workers = workers;
        made.n = rule_ ? std::to_string(rule_->n(workers)) : options_.n;
        // With weak scaling the rule is the user's word that the work grows as the workers do.
        made.work = rule_ ? workers : 1;
        made.smt = workers > context_.usable_cores;
        made.beyond = workers > context_.usable_cpus;
        return made;
    }

    [[nodiscard]] static std::string filled(const std::string& text, const Configuration& of) {
        return replaced(replaced(text, workers_name, std::to_string(of.workers)), n_name, of.n);
    }

    [[nodiscard]] Configuration of_command(const std::string& crew, const std::string& pin,
                                           int workers) const {
        Configuration made = with_workers(workers);
        made.role = Role::crew;
        if (is_list_of_fewer(pin, workers)) {
            made.smt = true;
            made.beyond = true;
        }
        made.series =
            knows_crews() ? crew + ", " + pin : fmt::format("{}", fmt::join(options_.command, " "));
        if (context_.own) {
            made.command.emplace_back(own_program);
        }
        for (const std::string& word : options_.command) {
            made.command.push_back(filled(word, made));
        }
        const std::string count = std::to_string(workers);
        if (context_.own) {
            std::ranges::copy(context_.fixed, std::back_inserter(made.command));
            for (const std::string& word :
                 {std::string("--crew"), crew, std::string("--workers"), count,
                  std::string("--pin"), pin, std::string("--json"), std::string("--no-progress")}) {
                made.command.push_back(word);
            }
        } else {
            made.environment = {
                {"PINFOLD_CREW", crew}, {"PINFOLD_WORKERS", count}, {"PINFOLD_PIN", pin}};
        }
        return made;
    }

    [[nodiscard]] Configuration of_shell(Role role, const std::string& line, int workers) const {
        Configuration made = with_workers(workers);
        made.role = role;
        made.series = line;
        made.command = {"/bin/sh", "-c", filled(line, made)};
        made.environment = {{"PINFOLD_WORKERS", std::to_string(workers)}};
        if (role == Role::base) {
            made.environment.emplace_back("PINFOLD_CREW", "serial");
        }
        return made;
    }

    const StudyOptions& options_;
    const PlanContext& context_;
    std::optional<WeakRule> rule_;
    std::vector<Configuration> all_;
};

void check_spelling(const std::vector<std::string>& words, const std::string& text) {
    for (const std::string_view name : misspelt_names) {
        if (mentions(words, name)) {
            throw std::invalid_argument(
                fmt::format("'{}' has {}, which stands for nothing: {} and {} are replaced", text,
                            name, workers_name, n_name));
        }
    }
}

void check_placeholders(const StudyOptions& options) {
    const bool weak = options.scaling == Scaling::weak;
    std::vector<std::vector<std::string>> lines{options.command, {options.base}};
    for (const std::string& peer : options.peers) {
        lines.push_back({peer});
    }
    for (const auto& words : lines) {
        const bool is_there = !words.front().empty();
        const std::string text = fmt::format("{}", fmt::join(words, " "));
        check_spelling(words, text);
        if (!weak && options.n.empty() && mentions(words, n_name)) {
            throw std::invalid_argument(fmt::format(
                "'{}' has {}, which nothing tells: give --n N, or --weak 'n=...'", text, n_name));
        }
        if (weak && is_there && !mentions(words, n_name)) {
            throw std::invalid_argument(
                fmt::format("'{}' has no {}: with --weak its work would not grow with the workers",
                            text, n_name));
        }
    }
}

void check_series(const StudyOptions& options, const Planner& planner) {
    const bool scales = std::ranges::any_of(
        options.crews, [](const std::string& crew) { return crew != "serial"; });
    if (!scales && options.peers.empty()) {
        throw std::invalid_argument(
            "--crews serial: it always has one worker, so there is nothing to scale; it is the "
            "base of every study");
    }
    if (!planner.knows_crews() && options.crews.size() * options.pins.size() > 1) {
        throw std::invalid_argument(
            fmt::format("the command has {}, so it may be a program that knows neither crews nor "
                        "pins: give it no more than one of --crews and --pins",
                        workers_name));
    }
}

/// Each is known by its name.
void check_names(const std::vector<Configuration>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t before = 0; before < i; ++before) {
            if (all[before].name() == all[i].name()) {
                throw std::invalid_argument(fmt::format("the study has '{}' twice", all[i].name()));
            }
        }
    }
}

}  // namespace

std::vector<Configuration> configurations_of(const StudyOptions& options,
                                             const PlanContext& context) {
    check_placeholders(options);
    Planner planner(options, context);
    check_series(options, planner);
    planner.add_bases();
    planner.add_series();
    planner.add_peers();
    std::vector<Configuration> all = planner.take();
    check_names(all);
    return all;
}

std::vector<Turn> turns_of(std::size_t configurations, int repetitions, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> order(configurations);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<Turn> turns;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        // Fisher and Yates by hand: std::shuffle gives another order with another library. The
        // remainder's bias is below 2^-50.
        for (std::size_t left = configurations; left > 1; --left) {
            std::swap(order[left - 1], order[random() % left]);
        }
        for (const std::size_t configuration : order) {
            turns.push_back({configuration, repetition});
        }
    }
    return turns;
}

std::vector<std::size_t> warm_ups_of(const std::vector<Configuration>& all) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool is_last = i + 1 == all.size() || all[i + 1].series != all[i].series;
        // The crew `serial` is of the program that the other series warm up.
        const bool is_same_program = all[i].role == Role::base && all[i].series == serial_series;
        if (is_last && !is_same_program) {
            chosen.push_back(i);
        }
    }
    return chosen;
}

}  // namespace pinfold::apps
