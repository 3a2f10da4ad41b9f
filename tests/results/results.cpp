// Jobs whose results have any size: the same values under kills at random moments, and after any
// number of jobs no memory taken that was not taken before.
//
//     results --kills N --jobs M --seed S
//
// Ends with status 1 at the first thing that is wrong, and by SIGALRM when it hangs.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/stream.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "at_work.hpp"
#include "process_tree.hpp"

namespace {

using pinfold::Chunk;
using pinfold::Pool;
using pinfold::Range;
using pinfold::testing::AtWork;

constexpr unsigned most_seconds = 600;
constexpr std::uint64_t chunks = 400;

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

/// A job that is a message itself. Each map notes that its worker is at work.
struct Job {
    std::vector<std::string> words;
    pinfold::shm::Array<AtWork> at_work;

    [[nodiscard]] const std::string& word(std::uint64_t i) const { return words[i % words.size()]; }
};

Job make_job(Pool& pool) {
    return {{"a", "some words", std::string(100, 'w'), std::string(5000, 'l'), ""},
            pool.array<AtWork>(1)};
}

std::string text_of(const Job& job, const Chunk& chunk) {
    job.at_work[0].note();
    return job.word(chunk.index) + std::to_string(chunk.index);
}

std::vector<std::uint64_t> numbers_of(const Job& job, const Chunk& chunk) {
    job.at_work[0].note();
    return std::vector<std::uint64_t>(chunk.index % 100, chunk.index);
}

pinfold::JobSettings settings() {
    return {.grain = 1, .max_attempts = 100};  // chance may hit the same chunk again and again
}

std::string joined_text(Pool& pool, const Job& job) {
    return pinfold::map_reduce(pool, Range{0, chunks}, job, text_of, std::plus<>{}, settings())
        .value;
}

std::string counted_numbers(Pool& pool, const Job& job) {
    const auto counts = pinfold::map_fold(
        pool, Range{0, chunks}, job, numbers_of, std::map<std::uint64_t, std::uint64_t>(),
        [](auto& all, const std::vector<std::uint64_t>& part) {
            for (const std::uint64_t n : part) {
                ++all[n % 7];
            }
        },
        settings());
    std::string text;
    for (const auto& [n, count] : counts.value) {
        text += std::to_string(n) + ":" + std::to_string(count) + " ";
    }
    return text;
}

std::string streamed_text(Pool& pool, const Job& job) {
    std::string all;
    pinfold::stream(
        pool, Range{0, chunks}, job, text_of, [&](std::string&& text) { all += text; }, settings());
    return all;
}

std::string gathered_numbers(Pool& pool, const Job& job) {
    const auto all = pinfold::gather<std::uint64_t>(
        pool, Range{0, chunks}, job,
        [](const Job& its, const Chunk& chunk, pinfold::Appender<std::uint64_t>& out) {
            out.append(numbers_of(its, chunk));
        },
        settings());
    std::string text;
    for (const std::uint64_t n : all.value) {
        text += std::to_string(n) + " ";
    }
    return text;
}

/// A job that fails in its midst leaves nothing either.
std::string failing(Pool& pool, const Job& job) {
    try {
        pinfold::map_reduce(
            pool, Range{0, chunks}, job,
            [](const Job& its, const Chunk& chunk) {
                if (chunk.index == chunks / 2) {
                    throw std::domain_error("half");
                }
                return text_of(its, chunk);
            },
            std::plus<>{}, settings());
    } catch (const pinfold::JobFailed& failure) {
        return failure.details().exception_text;
    }
    return "it did not fail";
}

using Shape = std::string (*)(Pool& pool, const Job& job);
constexpr Shape shapes[] = {joined_text, counted_numbers, streamed_text, gathered_numbers, failing};

/// Kills workers that have begun a chunk, until `wanted` are gone or it is told to stop.
class Killer {
  public:
    Killer(AtWork& at_work, int wanted, unsigned seed)
        : at_work_(at_work),
          wanted_(wanted),
          random_(seed),
          thread_([this](const std::stop_token& stop) {
              while (kills_ < wanted_ && !stop.stop_requested()) {
                  usleep(static_cast<useconds_t>(random_() % 2000));
                  kills_ += at_work_.offer(random_, [&](int pid) {
                      return pinfold::testing::signal_child(supervisor_, pid, SIGKILL);
                  });
              }
          }) {}
    [[nodiscard]] bool done() const { return kills_ >= wanted_; }

  private:
    AtWork& at_work_;
    const int supervisor_ = pinfold::testing::supervisor_of(getpid());
    const int wanted_;
    std::minstd_rand random_;
    std::atomic<int> kills_{0};
    std::jthread thread_;
};

void run_under_kills(int kills, unsigned seed) {
    Pool serial({.crew = pinfold::Crew::serial});
    const Job calm = make_job(serial);
    std::vector<std::string> expected;
    for (const Shape shape : shapes) {
        expected.push_back(shape(serial, calm));
    }
    Pool pool({.crew = pinfold::Crew::processes, .workers = 3, .pin = "none"});
    const Job job = make_job(pool);
    const pinfold::shm::Heap& heap = *pool.arena()->heap();
    std::uint64_t jobs = 0;
    {
        const Killer killer(job.at_work[0], kills, seed);
        while (!killer.done()) {
            const std::size_t shape = jobs++ % std::size(shapes);
            require(shapes[shape](pool, job) == expected[shape],
                    "job " + std::to_string(jobs) + " has another value");
            require(heap.used_bytes() == 0, "job " + std::to_string(jobs) + " left " +
                                                std::to_string(heap.used_bytes()) + " bytes");
        }
    }
    std::printf("%d workers killed under %llu jobs: the same values, no byte left\n", kills,
                static_cast<unsigned long long>(jobs));
}

void run_many_jobs(int jobs) {
    Pool pool({.crew = pinfold::Crew::processes, .workers = 2, .pin = "none"});
    const auto run = [&](std::uint64_t n) {
        const std::string job(n % 90, 'j');
        return pinfold::map_reduce(pool, Range{0, 2}, job,
                                   [](const std::string& its, const Chunk& chunk) {
                                       return its + std::string(chunk.index * 60, 'r');
                                   },
                                   std::plus<>{}, {.grain = 1})
            .value;
    };
    for (int n = 0; n < jobs; ++n) {
        const auto size = static_cast<std::size_t>(n);
        require(run(size).size() == 2 * (size % 90) + 60, "a job has another value");
    }
    require(pool.arena()->heap()->used_bytes() == 0, "results are left in the heap");
    require(pool.arena()->used_bytes() < std::size_t{1} << 20,
            "the arena has " + std::to_string(pool.arena()->used_bytes()) + " bytes taken");
    std::printf("%d jobs: no byte of a result left, %zu bytes of the arena taken\n", jobs,
                pool.arena()->used_bytes());
}

int number(const char* text) {
    int value = 0;
    const char* const end = text + std::strlen(text);
    if (std::from_chars(text, end, value).ptr != end || *text == '\0') {
        throw std::invalid_argument(std::string("not a number: ") + text);
    }
    return value;
}

}  // namespace

int main(int count, char** words) try {
    int kills = 100;
    int jobs = 10'000;
    int seed = 1;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view option = words[i];
        (option == "--kills" ? kills : option == "--jobs" ? jobs : seed) = number(words[i + 1]);
    }
    pinfold::testing::bar_core_files();
    alarm(most_seconds);
    run_under_kills(kills, static_cast<unsigned>(seed));
    run_many_jobs(jobs);
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "results: %s\n", e.what());
    return 1;
}
