#include "top/pool_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pinfold::apps {

namespace {

// Of a rate below that nobody waits for the end.
constexpr double lowest_rate = 1e-6;

/// 1:02:03 or 2:03.
std::string clock_text_of(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::min(seconds + 0.5, 1e9));
    const std::uint64_t minutes = whole / 60;
    return minutes >= 60 ? fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60)
                         : fmt::format("{}:{:02}", minutes, whole % 60);
}

/// What a terminal shows of a text: a program may have any name, and some bytes are orders to it.
std::string plain(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c >= 0x7f || c < 0; },
        '?');
    return text;
}

std::string cut(std::string line, std::size_t columns) {
    if (columns != 0 && line.size() > columns) {
        line.resize(columns);
    }
    return line;
}

std::string pool_line(const FoundPool& pool) {
    return fmt::format("host {}  {}  {} worker{}, {} died, up {}{}", pool.host,
                       pool.command.empty() ? "(unknown command)" : plain(pool.command),
                       pool.status.workers.size(), pool.status.workers.size() == 1 ? "" : "s",
                       pool.status.deaths, clock_text_of(pool.status.seconds),
                       pool.is_in_other_namespace ? "; in a container: pids are those inside" : "");
}

std::string job_line(const JobStatus& job, std::optional<double> rate) {
    const double done =
        job.chunks == 0 ? 0 : static_cast<double>(job.done) / static_cast<double>(job.chunks);
    const std::optional<double> left = seconds_left(job, rate);
    return fmt::format("  job {}  {:.1f} % of {} chunks, {}/s, {} left, {} so far, {} retried",
                       job.job, 100 * done, job.chunks, rate ? fmt::format("{:.3g}", *rate) : "?",
                       left ? clock_text_of(*left) : "?", clock_text_of(job.seconds), job.retries);
}

std::string worker_line(const PoolStatus& pool, std::size_t number) {
    const WorkerStatus& worker = pool.workers[number];
    std::string line = fmt::format("    worker {}  pid {}  cpu {}", number,
                                   worker.pid == 0 ? "-" : std::to_string(worker.pid),
                                   worker.cpu < 0 ? "-" : std::to_string(worker.cpu));
    if (!worker.task.empty()) {
        return line + "  task " + plain(worker.task);
    }
    if (!worker.job) {
        return line + "  idle";
    }
    line += fmt::format("  job {}  chunk {}  {} done", *worker.job,
                        worker.chunk ? std::to_string(*worker.chunk) : "-", worker.chunks);
    const auto job = std::ranges::find(pool.jobs, *worker.job, &JobStatus::job);
    if (job != pool.jobs.end() && job->seconds > 0) {
        line += fmt::format("  busy {:.0f} %", 100 * worker.busy_seconds / job->seconds);
    }
    return line;
}

std::vector<std::string> lines_of(const FoundPool& pool, const JobRates& rates,
                                  std::size_t workers) {
    std::vector<std::string> lines{pool_line(pool)};
    for (const JobStatus& job : pool.status.jobs) {
        lines.push_back(job_line(job, rates.rate(pool, job)));
    }
    const bool has_task = std::ranges::any_of(
        pool.status.workers, [](const WorkerStatus& worker) { return !worker.task.empty(); });
    if (has_task || pool.status.tasks_waiting != 0) {
        lines.push_back(fmt::format("  tasks  {} wait, {} started so far",
                                    pool.status.tasks_waiting, pool.status.tasks_started));
    } else if (pool.status.jobs.empty()) {
        lines.emplace_back("  no job or task of a second or more");
    }
    if (!pool.status.jobs.empty() && pool.status.open_jobs > pool.status.jobs.size()) {
        lines.push_back(
            fmt::format("  and {} more jobs", pool.status.open_jobs - pool.status.jobs.size()));
    }
    const std::size_t all = pool.status.workers.size();
    for (std::size_t i = 0; i < std::min(workers, all); ++i) {
        lines.push_back(worker_line(pool.status, i));
    }
    if (workers < all) {
        lines.push_back(fmt::format("    and {} more workers", all - workers));
    }
    return lines;
}

std::vector<std::string> all_lines(const Look& look, const JobRates& rates, std::size_t workers) {
    std::vector<std::string> lines{fmt::format("{} pool{} of worker processes", look.pools.size(),
                                               look.pools.size() == 1 ? "" : "s")};
    for (const FoundPool& pool : look.pools) {
        std::ranges::move(lines_of(pool, rates, workers), std::back_inserter(lines));
    }
    for (const std::string& note : look.notes) {
        lines.push_back("note: " + note);
    }
    return lines;
}

Json number_or_null(std::optional<double> number) {
    return number ? Json(*number) : Json();
}

Json job_json(const FoundPool& pool, const JobStatus& job, const JobRates& rates) {
    const std::optional<double> rate = rates.rate(pool, job);
    return Json::object({{"job", job.job},
                         {"seconds", job.seconds},
                         {"chunks", job.chunks},
                         {"done", job.done},
                         {"retries", job.retries},
                         {"chunks_per_second", number_or_null(rate)},
                         {"seconds_left", number_or_null(seconds_left(job, rate))}});
}

Json worker_json(const WorkerStatus& worker, std::size_t number) {
    return Json::object({{"worker", number},
                         {"pid", worker.pid == 0 ? Json() : Json(worker.pid)},
                         {"cpu", worker.cpu < 0 ? Json() : Json(worker.cpu)},
                         {"job", worker.job ? Json(*worker.job) : Json()},
                         {"chunk", worker.chunk ? Json(*worker.chunk) : Json()},
                         {"chunks", worker.chunks},
                         {"busy_seconds", worker.busy_seconds},
                         {"task", worker.task.empty() ? Json() : Json(plain(worker.task))}});
}

Json pool_json(const FoundPool& pool, const JobRates& rates) {
    std::size_t number = 0;
    return Json::object(
        {{"host_pid", pool.host},
         {"supervisor_pid", pool.supervisor},
         {"command", pool.command},
         {"in_other_namespace", pool.is_in_other_namespace},
         {"seconds", pool.status.seconds},
         {"deaths", pool.status.deaths},
         {"open_jobs", pool.status.open_jobs},
         {"tasks_started", pool.status.tasks_started},
         {"tasks_waiting", pool.status.tasks_waiting},
         {"jobs", Json::array(pool.status.jobs,
                              [&](const JobStatus& job) { return job_json(pool, job, rates); })},
         {"workers", Json::array(pool.status.workers, [&](const WorkerStatus& worker) {
              return worker_json(worker, number++);
          })}});
}

}  // namespace

void JobRates::add(const Look& look) {
    std::map<Key, Point> next;
    for (const FoundPool& pool : look.pools) {
        for (const JobStatus& job : pool.status.jobs) {
            Point point{job.done, pool.status.updated_ns, std::nullopt};
            const auto before = points_.find({pool.supervisor, job.job});
            if (before != points_.end()) {
                const std::int64_t passed = point.updated_ns - before->second.updated_ns;
                const bool is_ahead = passed > 0 && job.done >= before->second.done;
                point.rate = before->second.rate;
                if (is_ahead) {
                    point.rate = static_cast<double>(job.done - before->second.done) /
                                 (static_cast<double>(passed) * 1e-9);
                }
            }
            next[{pool.supervisor, job.job}] = point;
        }
    }
    points_ = std::move(next);
}

std::optional<double> JobRates::rate(const FoundPool& pool, const JobStatus& job) const {
    const auto point = points_.find({pool.supervisor, job.job});
    if (point != points_.end() && point->second.rate) {
        return point->second.rate;
    }
    if (job.seconds <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(job.done) / job.seconds;
}

std::optional<double> seconds_left(const JobStatus& job, std::optional<double> rate) {
    if (!rate || *rate < lowest_rate) {
        return std::nullopt;
    }
    return static_cast<double>(job.chunks - std::min(job.done, job.chunks)) / *rate;
}

// Where there is little room, each pool shows fewer of its workers.
std::vector<std::string> table_of(const Look& look, const JobRates& rates, std::size_t columns,
                                  std::size_t rows) {
    std::size_t most = 0;
    for (const FoundPool& pool : look.pools) {
        most = std::max(most, pool.status.workers.size());
    }
    std::vector<std::string> lines = all_lines(look, rates, most);
    if (rows != 0 && lines.size() > rows) {
        const std::size_t bare = all_lines(look, rates, 0).size();
        const std::size_t room = rows > bare ? (rows - bare) / look.pools.size() : 0;
        lines = all_lines(look, rates, room);
        if (lines.size() > rows) {
            lines.resize(rows - 1);
            lines.emplace_back("and more, which has no room here");
        }
    }
    for (std::string& line : lines) {
        line = cut(std::move(line), columns);
    }
    return lines;
}

Json json_of(const Look& look, const JobRates& rates) {
    return Json::object(
        {{"command", "top"},
         {"pools",
          Json::array(look.pools, [&](const FoundPool& pool) { return pool_json(pool, rates); })},
         {"notes", Json::array(look.notes, [](const std::string& note) { return note; })}});
}

}  // namespace pinfold::apps
