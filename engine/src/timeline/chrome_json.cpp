// Chrome's trace format:
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU A job is a
// process of it, its tracks are the threads: number 0 is the job itself, and number n + 1 worker n.
// An event is a line, so that a large file can be cut and searched.

#include "timeline/chrome_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "report/how_it_ended.hpp"
#include "report/json_text.hpp"
#include "timeline/job_tracks.hpp"

namespace pinfold::detail {

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 16;

/// Events of one job on their way to the file.
class EventWriter {
  public:
    EventWriter(std::int64_t base_ns, const std::function<void(std::string_view)>& write)
        : base_ns_(base_ns), write_(write) {}
    void set_process(std::size_t number) { process_ = std::to_string(number); }

    void name(std::string_view what, std::uint64_t thread, std::string_view name) {
        begin("M", thread);
        add(R"(,"name":")", what, R"(","args":{"name":)", json_of(name), "}}");
    }

    /// `arguments` are members of an object, or nothing.
    void span(std::uint64_t thread, std::int64_t began, std::int64_t ended, std::string_view name,
              std::string_view category, std::string_view arguments) {
        const bool takes_time = category != "death";
        begin(takes_time ? "X" : "i", thread);
        add(R"(,"ts":)");
        add_microseconds(began - base_ns_);
        if (takes_time) {
            add(R"(,"dur":)");
            add_microseconds(ended - began);
        } else {
            add(R"(,"s":"t")");
        }
        add(R"(,"name":")", name, R"(","cat":")", category, "\"");
        if (!arguments.empty()) {
            add(R"(,"args":{)", arguments, "}");
        }
        add("}");
        if (text_.size() >= piece_bytes) {
            flush();
        }
    }

    void flush() {
        write_(text_);
        text_.clear();
    }

  private:
    void begin(std::string_view kind, std::uint64_t thread) {
        add(is_first_ ? "\n" : ",\n", R"({"ph":")", kind, R"(","pid":)", process_, R"(,"tid":)",
            std::to_string(thread));
        is_first_ = false;
    }

    void add_microseconds(std::int64_t ns) {
        std::array<char, 32> text{};
        const char* const end = std::to_chars(text.begin(), text.end(), ns / 1000).ptr;
        text_.append(text.data(), static_cast<std::size_t>(end - text.data()));
        const auto rest = static_cast<int>(ns % 1000);
        text_ += '.';
        text_ += static_cast<char>('0' + rest / 100);
        text_ += static_cast<char>('0' + rest / 10 % 10);
        text_ += static_cast<char>('0' + rest % 10);
    }

    template <typename... Texts>
    void add(const Texts&... texts) {
        (text_.append(texts), ...);
    }

    const std::int64_t base_ns_;
    const std::function<void(std::string_view)>& write_;
    std::string process_;
    std::string text_;
    bool is_first_ = true;
};

std::string run_json(const RecordedRun& run) {
    JsonObject object;
    if (run.is_phase) {
        object.add("phase", std::uint64_t{run.number});
    }
    return object.add("begin", to_decimal(run.plan.range().begin))
        .add("end", to_decimal(run.plan.range().end))
        .add("grain", std::to_string(run.plan.grain()))
        .add("first_chunk", run.first_chunk)
        .add("chunks", run.chunks)
        .text();
}

std::string job_json(std::size_t number, const RecordedJob& job) {
    return JsonObject()
        .add("pid", std::uint64_t{number})
        .add("crew", to_string(job.crew))
        .add("workers", std::uint64_t{job.workers})
        .add("outcome", job.outcome)
        .add("restored", job.restored)
        .add("one_in", std::uint64_t{1} << job.thinning)
        .add("events_left_out", job.events_left_out)
        .add_array("runs", job.runs, run_json)
        .text();
}

std::string head_json(const TimelineHead& head, const std::vector<RecordedJob>& jobs) {
    std::size_t number = 0;
    bool is_thinned = false;
    for (const RecordedJob& job : jobs) {
        is_thinned |= job.thinning != 0;
    }
    return JsonObject()
        .add("format", "pinfold-timeline")
        .add("version", 1)
        .add("name", head.name)
        .add("host_pid", head.pid)
        .add("began_ns", std::to_string(head.began_ns))
        .add("jobs_left_out", head.jobs_left_out)
        .add("tasks_left_out", head.tasks_left_out)
        .add_written("thinned", is_thinned ? "true" : "false")
        .add_array("jobs", jobs,
                   [&](const RecordedJob& job) { return "\n" + job_json(++number, job); })
        .text();
}

/// Of a chunk: its number in its own plan, and what is worth saying.
std::string chunk_arguments(const RecordedJob& job, const RecordedRun& run, std::uint64_t place,
                            bool is_over = false) {
    std::string text = "\"index\":" + std::to_string(run.first_chunk + place - run.first_place);
    if (run.is_phase) {
        text += ",\"phase\":" + std::to_string(run.number);
    }
    const std::uint64_t number = place >> job.thinning;
    if (is_over && job.times[number].mean_of() > 1) {
        text += ",\"mean_of\":" + std::to_string(job.times[number].mean_of());
    }
    if (is_over && job.notes[number].attempts > 1) {
        text += ",\"attempts\":" + std::to_string(job.notes[number].attempts);
    }
    return text;
}

std::string death_arguments(const RecordedEvent& event) {
    const bool was_spent = event.kind == TrackEvent::Kind::was_spent;
    return "\"pid\":" + std::to_string(event.pid) +
           ",\"how\":" + json_of(was_spent ? "found no memory" : how_it_ended(event.death));
}

void write_job_track(EventWriter& out, const RecordedJob& job, const JobTracks& tracks) {
    out.span(0, tracks.began(), tracks.ended(), "job", "job",
             R"("outcome":)" + json_of(job.outcome));
    for (std::size_t i = 0; i < job.runs.size(); ++i) {
        const JobTracks::RunSpan& run = tracks.runs()[i];
        const bool is_phase = job.runs[i].is_phase;
        if (run.is_told && (is_phase || job.runs[i].chunks != 0)) {
            out.span(0, run.began, run.ended,
                     is_phase ? "phase " + std::to_string(job.runs[i].number) : "chunks", "phase",
                     "\"chunks\":" + std::to_string(job.runs[i].chunks));
        }
    }
    if (job.outcome == "complete") {
        out.span(0, tracks.off_board(), tracks.ended(), "fold", "fold", "");
    }
}

void write_span(EventWriter& out, const RecordedJob& job, const JobTracks& tracks,
                WorkerNumber worker, const Span& span) {
    const auto tell = [&](std::string_view name, std::string_view category,
                          const std::string& arguments) {
        out.span(std::uint64_t{worker} + 1, span.began, span.ended, name, category, arguments);
    };
    const auto chunk = [&](bool is_over = false) {
        return chunk_arguments(job, job.runs[tracks.run_of(span.place)], span.place, is_over);
    };
    switch (span.kind) {
        case Span::Kind::wake:
            return tell("wake", "wait", "");
        case Span::Kind::wait:
            return tell("wait", "wait", "");
        case Span::Kind::restart:
            return tell("restart", "restart", "");
        case Span::Kind::chunk:
            return tell("chunk", "chunk", chunk(true));
        case Span::Kind::threw:
            return tell("threw", "failed", chunk(true));
        case Span::Kind::died:
            return tell("died", "failed", chunk() + "," + death_arguments(*span.event));
        case Span::Kind::death: {
            const bool has_chunk = span.place != TrackLine::nothing;
            return tell("death", "death",
                        (has_chunk ? chunk() + "," : "") + death_arguments(*span.event));
        }
    }
}

void write_job(EventWriter& out, const TimelineHead& head, std::size_t number,
               const RecordedJob& job) {
    const JobTracks tracks(job);
    out.set_process(number);
    out.name("process_name", 0,
             (head.name.empty() ? "" : head.name + ", ") + "job " + std::to_string(number));
    out.name("thread_name", 0, "job");
    for (std::size_t worker = 0; worker < job.workers; ++worker) {
        out.name("thread_name", worker + 1, "worker " + std::to_string(worker));
    }
    write_job_track(out, job, tracks);
    tracks.for_each_span(
        [&](WorkerNumber worker, const Span& span) { write_span(out, job, tracks, worker, span); });
}

/// Tasks are a process of their own, behind those of the jobs, with a track for each worker.
void write_tasks(EventWriter& out, const TimelineHead& head, std::size_t number,
                 const std::vector<RecordedTask>& tasks) {
    if (tasks.empty()) {
        return;
    }
    out.set_process(number);
    out.name("process_name", 0, (head.name.empty() ? "" : head.name + ", ") + "tasks");
    const WorkerNumber last = std::ranges::max(tasks, {}, &RecordedTask::worker).worker;
    for (std::uint64_t worker = 0; worker <= last; ++worker) {
        out.name("thread_name", worker + 1, "worker " + std::to_string(worker));
    }
    for (const RecordedTask& task : tasks) {
        const std::string quoted = json_of(task.name);
        out.span(std::uint64_t{task.worker} + 1, task.began_ns, task.ended_ns,
                 std::string_view(quoted).substr(1, quoted.size() - 2),
                 task.has_failed ? "failed" : "task",
                 "\"pid\":" + std::to_string(task.pid) +
                     ",\"attempts\":" + std::to_string(task.attempts));
    }
}

}  // namespace

void write_chrome_json(const TimelineHead& head, const std::vector<RecordedJob>& jobs,
                       const std::vector<RecordedTask>& tasks,
                       const std::function<void(std::string_view)>& write) {
    write(R"({"displayTimeUnit":"ns","otherData":)" + head_json(head, jobs) +
          ",\n\"traceEvents\":[");
    EventWriter out(head.began_ns, write);
    std::size_t number = 0;
    for (const RecordedJob& job : jobs) {
        write_job(out, head, ++number, job);
    }
    write_tasks(out, head, ++number, tasks);
    out.flush();
    write("\n]}\n");
}

}  // namespace pinfold::detail
