#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pinfold::apps {

/// What a configuration is measured for.
enum class Role {
    base,  ///< the best serial program: what speedups are relative to
    crew,  ///< the command under study
    peer,  ///< another program that does the same work
};

enum class Scaling { strong, weak };

/// One way to run the work, which is repeated under the same conditions. Configurations of one
/// series differ in their workers (and with weak scaling in their work) alone.
struct Configuration {
    Role role = Role::crew;
    std::string series;  ///< such as "processes, cores"; the name of a base or peer
    int workers = 1;
    std::string n;        ///< what {n} stands for; empty where nothing was given
    double work = 1;      ///< relative to that of the first configuration: 1 with strong scaling
    bool smt = false;     ///< more workers than usable cores
    bool beyond = false;  ///< more workers than CPUs, usable or pinned to

    std::vector<std::string> command;                              ///< as it is run
    std::vector<std::pair<std::string, std::string>> environment;  ///< what is set for it

    /// Unique in a study: its series and its workers.
    [[nodiscard]] std::string name() const;

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// What one worker did in a run, as the run's report says.
struct WorkerTime {
    int worker = 0;
    int cpu = -1;  ///< -1: not bound, or not known
    std::uint64_t chunks = 0;
    double busy_seconds = 0;

    friend bool operator==(const WorkerTime&, const WorkerTime&) = default;
};

/// One repetition: a new process. What the run or the machine did not tell is absent.
struct Sample {
    std::size_t configuration = 0;  ///< its index in the study
    int repetition = 0;             ///< of its configuration, from 0
    std::uint64_t order = 0;        ///< when it ran among all samples, from 0

    double command_seconds = 0;          ///< from before the fork to the end of the process
    std::optional<double> pool_seconds;  ///< making the pool
    std::optional<double> job_seconds;   ///< the job, on the pool that is there
    double cpu_seconds = 0;              ///< user and system time of the process and its children
    std::string value;                   ///< what the run found; empty where nothing tells it
    bool value_is_told = false;          ///< as such, and not taken from all that it printed

    std::optional<std::uint64_t> chunks;
    std::optional<std::uint64_t> attempts;
    std::optional<std::uint64_t> deaths;
    std::vector<WorkerTime> workers;

    std::optional<double> rss_bytes;    ///< the largest of one process at one time
    std::optional<double> pss_bytes;    ///< of all processes of the run, the most that was seen
    std::optional<double> arena_bytes;  ///< shared memory in use, the most that was seen
    std::optional<double> cycles;
    std::optional<double> instructions;
    std::optional<double> llc_misses;
    std::optional<double> migrations;
    std::optional<double> page_faults;
    std::optional<double> throttled_seconds;  ///< by the cgroup's quota
    std::optional<double> steal_seconds;      ///< of all CPUs, taken by the hypervisor
    std::optional<double> load;               ///< runnable processes at its begin, others' only

    friend bool operator==(const Sample&, const Sample&) = default;
};

/// A measure of the machine: a text for people, and the number for programs where there is one.
struct Fact {
    std::string group;  ///< such as "CPU"
    std::string name;   ///< such as "governor"
    std::string text;   ///< "unknown" where the machine does not tell
    std::optional<double> number;
    std::string unit;  ///< of the number; empty for none

    friend bool operator==(const Fact&, const Fact&) = default;
};

/// How much memory that many workers with these pins can read in a second, all together.
struct Bandwidth {
    int workers = 1;
    std::string pin;
    double bytes_per_second = 0;

    friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

/// The machine on which a study ran, as found at its begin.
struct Environment {
    std::vector<Fact> facts;
    std::vector<Bandwidth> bandwidths;
    std::vector<std::string> warnings;  ///< what makes the figures doubtful, a sentence each
    std::string topology_xml;           ///< hwloc's, or empty
    int usable_cpus = 1;
    int usable_cores = 1;

    friend bool operator==(const Environment&, const Environment&) = default;
};

/// One chunk of the traced run.
struct TracedChunk {
    int worker = 0;
    double begin_seconds = 0;  ///< since the run's first chunk
    double seconds = 0;

    friend bool operator==(const TracedChunk&, const TracedChunk&) = default;
};

/// One run of each series with the most workers, which is traced and is no sample.
struct Trace {
    std::size_t configuration = 0;
    std::string file;  ///< the whole timeline, beside the study
    std::vector<TracedChunk> chunks;

    friend bool operator==(const Trace&, const Trace&) = default;
};

/// All that a study was asked for. A study is reproduced from it alone.
struct StudyOptions {
    std::vector<std::string> command;       ///< behind the --, as typed
    std::vector<std::string> command_line;  ///< of the study, as typed
    std::string directory;                  ///< where pinfold scale was called
    Scaling scaling = Scaling::strong;
    std::string weak_rule;  ///< such as n=1e8*{workers}; empty with strong scaling
    std::string n;          ///< what {n} stands for with strong scaling, or empty
    std::vector<int> workers;
    std::vector<std::string> crews;
    std::vector<std::string> pins;
    std::vector<std::string> peers;  ///< shell commands
    std::string base;                ///< a shell command, or empty
    int repetitions = 10;
    std::uint64_t seed = 0;       ///< of the order of the runs
    double narrow_enough = 0.01;  ///< a study ends early when intervals are within this of medians
    double shortest_seconds = 0.1;  ///< a run below it is refused
    double deadline_seconds = 0;    ///< of a run, which then ends the study; 0: there is none

    friend bool operator==(const StudyOptions&, const StudyOptions&) = default;
};

/// A study with every sample that was taken.
struct Study {
    StudyOptions options;
    std::string started;  ///< ISO 8601, with the offset from UTC
    std::string version;  ///< pinfold's
    Environment environment;
    std::vector<std::string> fixed;  ///< what was added to every run, such as --method sieve
    std::vector<Configuration> configurations;
    std::vector<Sample> samples;  ///< in the order in which they were taken
    std::vector<Trace> traces;
    bool complete = false;           ///< false: it was interrupted, and can go on
    std::vector<std::string> notes;  ///< what happened on the way, a sentence each

    friend bool operator==(const Study&, const Study&) = default;
};

}  // namespace pinfold::apps
