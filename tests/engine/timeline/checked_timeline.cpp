#include "timeline/checked_timeline.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>

namespace pinfold::testing {
namespace {

using nlohmann::json;

struct Time {
    std::int64_t began = 0;
    std::int64_t ended = 0;

    [[nodiscard]] bool encloses(const Time& other) const {
        return began <= other.began && other.ended <= ended;
    }
};

std::int64_t in_ns(const json& microseconds) {
    return std::llround(microseconds.get<double>() * 1000);
}

/// Chunks in a row of a job's plan or of a phase's.
struct Run {
    std::optional<std::uint64_t> phase;
    std::uint64_t first = 0;
    std::uint64_t chunks = 0;
    std::uint64_t before = 0;  // chunks of earlier phases, or of all for the job's own
    std::optional<Time> time;
};

class Checker {
  public:
    explicit Checker(const json& file) : file_(file) {}

    CheckedTimeline check() {
        const json& head = file_.at("otherData");
        expect(file_.at("displayTimeUnit") == "ns", "the unit");
        expect(head.at("format") == "pinfold-timeline" && head.at("version") == 1, "the format");
        result_.name = head.at("name");
        result_.jobs_left_out = head.at("jobs_left_out");
        result_.thinned = head.at("thinned");
        for (const json& job : head.at("jobs")) {
            add_job(job);
        }
        for (const json& event : file_.at("traceEvents")) {
            see(event);
        }
        for (std::size_t i = 0; i < result_.jobs.size(); ++i) {
            check_whole(i);
        }
        return std::move(result_);
    }

  private:
    struct Job {
        std::vector<Run> runs;
        std::optional<Time> time;
        std::optional<Time> last_run;
        std::set<std::uint64_t> places;
    };

    void expect(bool holds, const std::string& what) {
        if (!holds && result_.faults.size() < 20) {
            result_.faults.push_back(what);
        }
    }

    void add_job(const json& about) {
        CheckedJob job;
        job.crew = about.at("crew");
        job.outcome = about.at("outcome");
        job.workers = about.at("workers");
        job.restored = about.at("restored");
        job.one_in = about.at("one_in");
        job.chunks_by_worker.resize(job.workers);
        expect(about.at("pid") == result_.jobs.size() + 1, "jobs are numbered");
        Job state;
        for (const json& run : about.at("runs")) {
            Run known{{}, run.at("first_chunk"), run.at("chunks"), job.plan_chunks, {}};
            if (run.contains("phase")) {
                known.phase = run.at("phase");
            }
            state.runs.push_back(known);
        }
        // Phases come first, whatever the order in which they are run.
        for (Run& run : state.runs) {
            run.before = job.plan_chunks;
            job.plan_chunks += run.phase ? run.chunks : 0;
        }
        const std::uint64_t of_phases = job.plan_chunks;
        for (Run& run : state.runs) {
            if (!run.phase) {
                run.before = of_phases;
                job.plan_chunks += run.chunks;
            }
        }
        states_.push_back(std::move(state));
        result_.jobs.push_back(std::move(job));
    }

    void see(const json& event) {
        const std::string kind = event.at("ph");
        const std::size_t number = event.at("pid").get<std::size_t>() - 1;
        const std::uint64_t track = event.at("tid");
        if (number >= result_.jobs.size() || track > result_.jobs[number].workers) {
            expect(false, "an event names a job and a track that exist: " + event.dump());
            return;
        }
        if (kind == "M") {
            return;
        }
        expect(kind == "X" || kind == "i", "the kind of " + event.dump());
        const std::int64_t began = in_ns(event.at("ts"));
        const Time time{began, began + (kind == "X" ? in_ns(event.at("dur")) : 0)};
        expect(time.began >= 0 && time.ended >= time.began, "the time of " + event.dump());
        follow_track(number, track, time, event);
        if (track == 0) {
            see_of_job(number, time, event);
        } else {
            see_of_worker(number, track - 1, time, event);
        }
    }

    /// Time never goes back on a track, and whatever begins inside of something ends inside.
    void follow_track(std::size_t number, std::uint64_t track, Time time, const json& event) {
        std::vector<Time>& open = tracks_[{number, track}];
        expect(open.empty() || time.began >= open.back().began, "goes back: " + event.dump());
        while (!open.empty() && open.back().ended <= time.began) {
            open.pop_back();
        }
        expect(open.empty() || open.back().encloses(time), "overlaps: " + event.dump());
        expect(open.empty() || track == 0, "a worker does two things: " + event.dump());
        open.push_back(time);
    }

    void see_of_job(std::size_t number, Time time, const json& event) {
        Job& state = states_[number];
        CheckedJob& job = result_.jobs[number];
        const std::string category = event.at("cat");
        if (category == "job") {
            expect(!state.time, "a job is told once");
            expect(event.at("args").at("outcome") == job.outcome, "the outcome");
            state.time = time;
            return;
        }
        expect(state.time && state.time->encloses(time), "outside of its job: " + event.dump());
        if (category == "fold") {
            ++job.folds;
            expect(!state.last_run || state.last_run->ended <= time.began, "a fold comes last");
            return;
        }
        expect(category == "phase", "the category of " + event.dump());
        expect(!state.last_run || state.last_run->ended <= time.began, "phases follow each other");
        state.last_run = time;
        Run* const run = next_run(state, event);
        if (run == nullptr) {
            expect(false, "a phase that the job has: " + event.dump());
            return;
        }
        run->time = time;
        job.phases += run->phase ? 1U : 0U;
    }

    static Run* next_run(Job& state, const json& event) {
        const std::string name = event.at("name");
        for (Run& run : state.runs) {
            const std::string expected =
                run.phase ? "phase " + std::to_string(*run.phase) : "chunks";
            if (!run.time && name == expected && (run.phase || run.chunks != 0)) {
                return &run;
            }
        }
        return nullptr;
    }

    void see_of_worker(std::size_t number, std::uint64_t worker, Time time, const json& event) {
        CheckedJob& job = result_.jobs[number];
        const Job& state = states_[number];
        const std::string name = event.at("name");
        expect(state.time && state.time->encloses(time), "outside of its job: " + event.dump());
        const std::map<std::string, std::uint64_t*> counts{
            {"chunk", &job.chunks},    {"threw", &job.threw}, {"died", &job.died},
            {"death", &job.deaths},    {"wait", &job.waits},  {"wake", &job.wakes},
            {"restart", &job.restarts}};
        const auto count = counts.find(name);
        expect(count != counts.end(), "the name of " + event.dump());
        if (count == counts.end()) {
            return;
        }
        ++*count->second;
        job.chunks_by_worker[worker] += name == "chunk" ? 1U : 0U;
        const bool names_chunk = event.contains("args") && event.at("args").contains("index");
        expect(names_chunk || (name != "chunk" && name != "threw" && name != "died"),
               "names its chunk: " + event.dump());
        if (names_chunk) {
            see_chunk(number, time, event, name == "chunk" || name == "threw");
        }
    }

    void see_chunk(std::size_t number, Time time, const json& event, bool is_settled) {
        CheckedJob& job = result_.jobs[number];
        Job& state = states_[number];
        const json& about = event.at("args");
        const std::uint64_t index = about.at("index");
        for (const Run& run : state.runs) {
            const bool is_of_run =
                run.phase == (about.contains("phase")
                                  ? std::optional<std::uint64_t>(about.at("phase"))
                                  : std::nullopt) &&
                index >= run.first && index < run.first + run.chunks;
            if (!is_of_run) {
                continue;
            }
            expect((run.time && run.time->encloses(time)) || !is_settled,
                   "outside of its phase: " + event.dump());
            const std::uint64_t place = run.before + index;
            if (is_settled) {
                expect(place % job.one_in == 0, "is not to be kept: " + event.dump());
                expect(state.places.insert(place).second, "told twice: " + event.dump());
                if (about.contains("attempts")) {
                    expect(about.at("attempts") > 1, "attempts of " + event.dump());
                    job.retried.push_back(place);
                }
            }
            return;
        }
        expect(false, "a chunk that the job has: " + event.dump());
    }

    void check_whole(std::size_t number) {
        const CheckedJob& job = result_.jobs[number];
        expect(states_[number].time.has_value(), "each job is told");
        const std::uint64_t told = states_[number].places.size();
        const std::uint64_t kept = (job.plan_chunks + job.one_in - 1) / job.one_in;
        expect(told <= kept, "more chunks than are kept");
        // A chunk that is lost by deaths is told by these alone.
        const bool may_lack =
            job.outcome != "complete" || job.restored != 0 || job.died != 0 || job.deaths != 0;
        expect(told == kept || may_lack, "chunks of a complete job are missing");
        expect(job.outcome != "complete" || job.folds == 1, "a complete job has a fold");
    }

    const json& file_;
    CheckedTimeline result_;
    std::vector<Job> states_;
    std::map<std::pair<std::size_t, std::uint64_t>, std::vector<Time>> tracks_;
};

}  // namespace

CheckedTimeline check_timeline(const std::string& text) {
    try {
        return Checker(json::parse(text)).check();
    } catch (const json::exception& error) {
        CheckedTimeline bad;
        bad.faults.emplace_back(error.what());
        return bad;
    }
}

CheckedTimeline check_timeline_file(const std::string& file) {
    std::ifstream in(file);
    return check_timeline({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
}

}  // namespace pinfold::testing
