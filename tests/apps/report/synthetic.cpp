#include "synthetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <utility>

namespace pinfold::apps {

namespace {

constexpr double contention = .02;
constexpr double crosstalk = 2e-4;
constexpr double seconds_of_one = 10;

/// The XML of hwloc for cores with two PUs each in one package.
std::string topology_of(int cores) {
    const auto set_of = [](int first, int count) {
        // Words of 32 bits, the highest first.
        std::string text;
        for (int word = (first + count - 1) / 32; word >= 0; --word) {
            std::uint32_t bits = 0;
            for (int bit = 0; bit < 32; ++bit) {
                const int number = word * 32 + bit;
                bits |= number >= first && number < first + count ? std::uint32_t{1} << bit : 0;
            }
            char part[12];
            std::snprintf(part, sizeof part, "0x%08x", bits);
            text += (text.empty() ? "" : ",") + std::string(part);
        }
        return text;
    };
    int index = 0;
    const auto object = [&](const std::string& type, int number, int first, int count) {
        const std::string set = set_of(first, count);
        return "<object type=\"" + type + "\" os_index=\"" + std::to_string(number) +
               "\" cpuset=\"" + set + "\" complete_cpuset=\"" + set +
               "\" nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"" + std::to_string(++index) +
               "\"";
    };
    const std::string all = set_of(0, 2 * cores);
    std::string xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM "
        "\"hwloc2.dtd\">\n<topology version=\"2.0\">";
    xml += object("Machine", 0, 0, 2 * cores) + " allowed_cpuset=\"" + all +
           "\" allowed_nodeset=\"0x1\">" + object("Package", 0, 0, 2 * cores) + ">";
    xml += object("NUMANode", 0, 0, 2 * cores) + " local_memory=\"68719476736\"/>";
    for (int core = 0; core < cores; ++core) {
        xml += object("Core", core, 2 * core, 2) + ">";
        xml += object("PU", 2 * core, 2 * core, 1) + "/>";
        xml += object("PU", 2 * core + 1, 2 * core + 1, 1) + "/></object>";
    }
    return xml + "</object></object></topology>\n";
}

class Maker {
  public:
    explicit Maker(const Recipe& recipe) : recipe_(recipe) {}

    Synthetic make() {
        describe();
        add_base();
        for (std::size_t number = 0; number < recipe_.series.size(); ++number) {
            add_series(number);
        }
        return std::move(made_);
    }

  private:
    void describe() {
        Study& study = made_.study;
        study.options.command = recipe_.command;
        study.options.command_line = {"pinfold", "scale", "--workers", "auto", "--"};
        study.options.command_line.insert(study.options.command_line.end(), recipe_.command.begin(),
                                          recipe_.command.end());
        study.options.directory = "/home/someone/work";
        study.options.scaling = recipe_.scaling;
        study.options.weak_rule = recipe_.scaling == Scaling::weak ? "n=1e8*{workers}" : "";
        study.options.workers = recipe_.workers;
        study.options.seed = 42;
        study.started = "2026-01-31T12:00:00+01:00";
        study.version = "0.1.0";
        study.complete = true;
        Environment& machine = study.environment;
        machine.usable_cores = recipe_.cores;
        machine.usable_cpus = recipe_.cpus;
        machine.topology_xml = topology_of(recipe_.cores);
        machine.facts = {{"CPU", "model", "Imaginary 9000", std::nullopt, ""},
                         {"CPU", "governor", "unknown", std::nullopt, ""},
                         {"CPU", "clock, one core busy", "3.5 GHz", 3.5e9, "Hz"},
                         {"software", "kernel", "Linux 6.1.0", std::nullopt, ""},
                         {"software", "compiler", "g++ 12.2.0, -O3", std::nullopt, ""}};
        machine.warnings = {"The governor is unknown, so the clock may have changed between runs."};
        for (const int workers : recipe_.workers) {
            machine.bandwidths.push_back(
                {workers, "cores", 12e9 * std::min(5.0, std::pow(workers, .8))});
        }
        made_.analysis.measure = "job";
        made_.analysis.findings = {"The series differ by less than their intervals tell."};
    }

    void add_base() {
        if (!recipe_.has_base) {
            return;
        }
        Series base{.name = "serial", .role = Role::base};
        base.points.push_back(add_point(Role::base, "serial", 1, 1));
        made_.analysis.base = base.points.back().seconds;
        made_.analysis.base_name = "serial";
        made_.analysis.series.push_back(base);
    }

    void add_series(std::size_t number) {
        const std::string& name = recipe_.series[number];
        const double slowness = 1 + .05 * static_cast<double>(number);
        const Role role = name.starts_with("peer") ? Role::peer : Role::crew;
        Series series{.name = name, .role = role};
        for (const int workers : recipe_.workers) {
            series.points.push_back(add_point(role, name, workers, slowness));
        }
        if (made_.analysis.base && recipe_.workers.size() > 2) {
            add_fit(series, slowness);
        }
        if (recipe_.traced_chunks > 0) {
            add_trace(series.points.back().configuration);
        }
        made_.analysis.series.push_back(std::move(series));
    }

    /// The time that a law without noise says.
    [[nodiscard]] double law(double workers, double work) const {
        return seconds_of_one * work *
               (1 + contention * (workers - 1) + crosstalk * workers * (workers - 1)) / workers;
    }

    Point add_point(Role role, const std::string& name, int workers, double slowness) {
        Study& study = made_.study;
        const double work = recipe_.scaling == Scaling::weak ? workers : 1;
        Point point{.configuration = study.configurations.size(), .samples = recipe_.samples};
        study.configurations.push_back(
            {.role = role,
             .series = name,
             .workers = workers,
             .work = work,
             .smt = workers > recipe_.cores,
             .beyond = workers > recipe_.cpus,
             .command = recipe_.command,
             .environment = {{"PINFOLD_CREW", "processes"},
                             {"PINFOLD_WORKERS", std::to_string(workers)}}});
        std::vector<double> jobs;
        for (int repetition = 0; repetition < recipe_.samples; ++repetition) {
            add_sample(point.configuration, repetition, law(workers, work) * slowness);
            jobs.push_back(*study.samples.back().job_seconds);
        }
        point.seconds = median(jobs);
        point.job_seconds = point.seconds;
        point.command_seconds = scaled(point.seconds, 1.02);
        point.pool_seconds = scaled(point.seconds, 2e-4 * workers);
        point.narrow = recipe_.samples >= 10;
        add_speedup(point, workers, work);
        return point;
    }

    void add_sample(std::size_t configuration, int repetition, double seconds) {
        const double job = seconds * std::exp(.03 * normal_(random_));
        const int workers = made_.study.configurations[configuration].workers;
        Sample sample{.configuration = configuration,
                      .repetition = repetition,
                      .order = made_.study.samples.size(),
                      .command_seconds = job * 1.02,
                      .pool_seconds = .001 * workers,
                      .job_seconds = job,
                      .cpu_seconds = job * workers,
                      .value = "37"};
        sample.chunks = 4096;
        for (int worker = 0; worker < workers; ++worker) {
            sample.workers.push_back(
                {worker, worker % recipe_.cpus, 4096U / static_cast<unsigned>(workers), job * .95});
        }
        sample.rss_bytes = 1.2e7;
        sample.page_faults = 3000 + 400 * workers;
        made_.study.samples.push_back(std::move(sample));
    }

    void add_speedup(Point& point, int workers, double work) const {
        if (!made_.analysis.base) {
            return;
        }
        const double base = made_.analysis.base->value * work;
        point.speedup = {base / point.seconds.value, base / point.seconds.high,
                         base / point.seconds.low, point.seconds.level};
        point.efficiency = scaled(*point.speedup, 1.0 / workers);
        if (workers > 1) {
            const double inverse = 1 / point.speedup->value;
            point.karp_flatt = (inverse - 1.0 / workers) / (1 - 1.0 / workers);
        }
        point.imbalance = .03;
    }

    void add_fit(Series& series, double slowness) const {
        const double most = recipe_.workers.back();
        series.fits.push_back({.law = "Amdahl",
                               .contention = {.024, .018, .031, .95},
                               .seconds_of_one = seconds_of_one * slowness,
                               .residual = .031});
        series.fits.push_back({.law = "USL",
                               .contention = {contention, .014, .027, .95},
                               .crosstalk = Estimate{crosstalk, 0, 4e-4, .95},
                               .seconds_of_one = seconds_of_one * slowness,
                               .peak_workers = 70,
                               .residual = .029});
        constexpr int steps = 60;
        for (int step = 0; step <= steps; ++step) {
            const double workers = std::pow(most, static_cast<double>(step) / steps);
            const double work = recipe_.scaling == Scaling::weak ? workers : 1;
            const double speedup = seconds_of_one * work / (law(workers, work) * slowness);
            const double width = .02 + .002 * workers;
            series.curve.push_back(
                {workers, {speedup, speedup * (1 - width), speedup * (1 + width), .95}});
        }
        series.findings = {"The law fits the points within their noise."};
    }

    void add_trace(std::size_t configuration) {
        const int workers = made_.study.configurations[configuration].workers;
        Trace trace{.configuration = configuration, .file = "trace.json"};
        std::vector<double> now(static_cast<std::size_t>(workers), 0);
        std::exponential_distribution<double> spread(1);
        for (int chunk = 0; chunk < recipe_.traced_chunks; ++chunk) {
            const auto next = std::ranges::min_element(now);
            const double rare = chunk % 401 == 0 ? 12 : 1;
            const double seconds = rare * 1e-3 * (.5 + .3 * spread(random_));
            trace.chunks.push_back({static_cast<int>(next - now.begin()), *next, seconds});
            *next += seconds + (chunk % 53 == 0 ? 2e-3 : 2e-6);
        }
        made_.study.traces.push_back(std::move(trace));
    }

    /// With the interval that order statistics give: ranks 2 and 9 of ten, all below ten.
    static Estimate median(std::vector<double> numbers) {
        std::ranges::sort(numbers);
        const std::size_t size = numbers.size();
        Estimate estimate{(numbers[(size - 1) / 2] + numbers[size / 2]) / 2};
        if (size >= 6) {
            const std::size_t rank = size >= 10 ? 1 : 0;
            estimate.low = numbers[rank];
            estimate.high = numbers[size - 1 - rank];
            estimate.level = size >= 10 ? .979 : .969;
        }
        return estimate;
    }

    static Estimate scaled(const Estimate& estimate, double factor) {
        return {estimate.value * factor, estimate.low * factor, estimate.high * factor,
                estimate.level};
    }

    const Recipe recipe_;
    Synthetic made_;
    std::mt19937_64 random_{7};
    std::normal_distribution<double> normal_;
};

Synthetic hostile_study() {
    const std::string bad = "</title><script>alert('1')</script>\"&<img src=x onerror=alert(2)>";
    Recipe recipe{.series = {bad, "µs – 日本 _{x} ^2 @~ `ls` %d \\n $v"},
                  .command = {"sh", "-c", bad + "\x1b[31m\xFF", "set term png"}};
    Synthetic made = synthetic_study(recipe);
    made.analysis.findings.push_back(bad);
    made.study.environment.warnings.push_back(bad);
    made.study.environment.facts.push_back({bad, bad, bad, std::nullopt, bad});
    made.study.environment.bandwidths.push_back({2, bad, 1e9});
    made.study.options.weak_rule = bad;
    made.study.options.directory = bad;
    made.study.notes = {bad};
    made.study.traces.front().file = bad;
    made.study.environment.topology_xml = bad;
    return made;
}

std::vector<std::string> many_names(int count) {
    std::vector<std::string> names;
    for (int number = 0; number < count; ++number) {
        names.push_back("processes, list " + std::to_string(number));
    }
    return names;
}

/// All that can be absent is.
Synthetic empty_study() {
    Synthetic made;
    made.study.options.command = {"./program"};
    made.analysis.measure = "command";
    return made;
}

}  // namespace

Synthetic synthetic_study(const Recipe& recipe) {
    return Maker(recipe).make();
}

Synthetic kind_named(const std::string& name) {
    for (const Kind& kind : all_kinds()) {
        if (kind.name == name) {
            return kind.make();
        }
    }
    throw std::invalid_argument("no kind of study is named " + name);
}

std::vector<Kind> all_kinds() {
    const auto of = [](const Recipe& recipe) {
        return [recipe] { return synthetic_study(recipe); };
    };
    return {
        {"small", of({})},
        {"two_cpus",
         of({.workers = {1, 2}, .series = {"processes, cores"}, .cores = 2, .cpus = 2})},
        {"one_point",
         of({.workers = {1}, .series = {"processes, cores"}, .samples = 3, .traced_chunks = 1})},
        {"large", of({.workers = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000},
                      .cores = 128,
                      .cpus = 256,
                      .traced_chunks = 100'000})},
        {"many_series", of({.workers = {1, 2, 3, 4, 6, 8, 12, 16},
                            .series = {"processes, cores", "processes, compact", "processes, none",
                                       "threads, cores", "threads, compact", "threads, none",
                                       "serial, cores", "peer ./mine_omp", "peer ./mine_tbb"}})},
        {"huge", of({.workers = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000},
                     .series = many_names(30),
                     .cores = 128,
                     .cpus = 256})},
        {"weak", of({.scaling = Scaling::weak})},
        {"no_base", of({.has_base = false})},
        {"hostile", hostile_study},
        {"empty", empty_study}};
}

}  // namespace pinfold::apps
