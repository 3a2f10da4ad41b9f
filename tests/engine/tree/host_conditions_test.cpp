// Hosts that are not as tidy as an example: a pool works in them, and leaves them as they were.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using testing::Empty;
using testing::HostProcess;

class Host : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

/// A job of which one chunk kills its worker: the whole way of a pool, a replacement included.
std::string crash_and_sum(Pool& pool) {
    auto starts = pool.array<std::uint32_t>(1);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    const auto result = map_reduce(
        pool, Range{0, 1000}, starts.data(),
        [](std::uint32_t* const& count, const Chunk& chunk) {
            if (chunk.index == 50 && std::atomic_ref(*count).fetch_add(1) == 0) {
                raise(SIGKILL);
            }
            return testing::sum_map(Empty{}, chunk);
        },
        std::plus<>{}, options);
    return std::to_string(result.value) + " after " + std::to_string(result.report.deaths) +
           " death";
}

const std::string right_answer = "499500 after 1 death";

std::string with_a_pool_of_its_own() {
    Pool pool = testing::make_pool(Crew::processes, 2);
    return crash_and_sum(pool);
}

/// What a test asks of a host with `condition`: the right answer, and no child after the pool.
std::string answer_under(const std::function<void()>& condition) {
    return testing::told_by_host([&](const HostProcess::Tell& tell) {
        condition();
        const std::string answer = with_a_pool_of_its_own();
        const bool childless = testing::descendants(getpid()).empty();
        tell(answer + (childless ? "" : ", but a child is left"));
    });
}

TEST_F(Host, WithOtherThreadsAtWork) {
    std::atomic<bool> stop{false};
    std::vector<std::jthread> others;
    for (int i = 0; i < 4; ++i) {
        others.emplace_back([&, i] {
            while (!stop) {
                std::vector<std::string> garbage(100, std::string(100, 'x'));
                std::ostringstream() << garbage.size() << 0.5;
                std::fprintf(stdout, "%s", "");
                if (i == 0) {
                    dlclose(dlopen("libm.so.6", RTLD_NOW));
                }
            }
        });
    }
    for (int repeat = 0; repeat < 20; ++repeat) {
        EXPECT_EQ(with_a_pool_of_its_own(), right_answer);
    }
    stop = true;
}

TEST_F(Host, ThatIgnoresItsChildren) {
    EXPECT_EQ(answer_under([] { signal(SIGCHLD, SIG_IGN); }), right_answer);
}

TEST_F(Host, ThatReapsWhateverItFinds) {
    EXPECT_EQ(answer_under([] {
                  std::thread([] {
                      for (;;) {
                          waitpid(-1, nullptr, 0);
                          usleep(100);
                      }
                  }).detach();
              }),
              right_answer);
}

TEST_F(Host, WithHandlersAndBlockedSignals) {
    EXPECT_EQ(answer_under([] {
                  for (const int number : {SIGCHLD, SIGUSR1, SIGINT, SIGPIPE}) {
                      signal(number, [](int) { _exit(9); });
                  }
                  signal(SIGCHLD, [](int) {});
                  sigset_t all;
                  sigfillset(&all);
                  sigprocmask(SIG_BLOCK, &all, nullptr);
              }),
              right_answer);
}

TEST_F(Host, WithStandardDescriptorsClosed) {
    EXPECT_EQ(answer_under([] {
                  close(STDIN_FILENO);
                  close(STDOUT_FILENO);
                  close(STDERR_FILENO);
              }),
              right_answer);
}

TEST_F(Host, WithStandardDescriptorsClosedAndAMapThatPrints) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        for (const int number : {0, 1, 2}) {
            close(number);
        }
        Pool pool = testing::make_pool(Crew::processes, 2);
        int sum = 0;
        for (int repeat = 0; repeat < 5; ++repeat) {
            sum += map_reduce(
                       pool, Range{0, 10}, Empty{},
                       [](const Empty&, const Chunk&) {
                           std::puts("into nowhere");
                           for (const int number : {0, 1, 2}) {
                               [[maybe_unused]] const auto written = write(number, "12345678", 8);
                           }
                           return 1;
                       },
                       std::plus<>{})
                       .value;
        }
        tell(std::to_string(sum));
    });
    EXPECT_EQ(told, "50");
}

TEST_F(Host, With10000OpenDescriptors) {
    constexpr int wanted = 10'000;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted + 500) {
        GTEST_SKIP() << "ulimit -Hn is " << limit.rlim_max;
    }
    EXPECT_EQ(answer_under([&] {
                  const rlimit raised{limit.rlim_max, limit.rlim_max};
                  setrlimit(RLIMIT_NOFILE, &raised);
                  for (int opened = 0; opened < wanted; ++opened) {
                      if (dup(STDIN_FILENO) < 0) {
                          throw std::runtime_error("dup");
                      }
                  }
              }),
              right_answer);
}

/// What a host process writes to its standard output, as one text.
std::string output_of(const std::function<void()>& body) {
    std::FILE* const file = std::tmpfile();
    testing::told_by_host([&](const HostProcess::Tell& tell) {
        dup2(fileno(file), STDOUT_FILENO);
        body();
        std::cout.flush();
        std::fflush(stdout);
        tell("done");
    });
    std::string text;
    std::rewind(file);
    for (int letter = 0; (letter = std::fgetc(file)) != EOF;) {
        text += static_cast<char>(letter);
    }
    std::fclose(file);
    return text;
}

TEST_F(Host, WithBufferedOutputPrintsItOnce) {
    EXPECT_EQ(output_of([] {
                  std::printf("first, ");
                  std::cout << "second, ";
                  with_a_pool_of_its_own();
                  std::printf("third");
              }),
              "first, second, third");
}

TEST_F(Host, WithItsOwnBufferForCoutPrintsItOnce) {
    EXPECT_EQ(output_of([] {
                  std::ios::sync_with_stdio(false);
                  std::cout << "first, ";
                  with_a_pool_of_its_own();
                  std::cout << "second";
              }),
              "first, second");
}

TEST_F(Host, SeesWhatAMapPrintedBeforeThePoolEnds) {
    EXPECT_EQ(output_of([] {
                  Pool pool = testing::make_pool(Crew::processes, 2);
                  map_reduce(
                      pool, Range{0, 1}, Empty{},
                      [](const Empty&, const Chunk&) { return std::printf("from the map"); },
                      std::plus<>{});
                  struct stat file {};
                  const bool written = testing::eventually(
                      [&] { return fstat(STDOUT_FILENO, &file) == 0 && file.st_size != 0; });
                  std::printf(written ? ", in time" : ", too late");
              }),
              "from the map, in time");
}

TEST_F(Host, SeesWhatAMapPrintedBeforeItCalledExit) {
    EXPECT_EQ(output_of([] {
                  Pool pool = testing::make_pool(Crew::processes, 1);
                  JobOptions<int> options;
                  options.max_attempts = 1;
                  options.on_poison = OnPoison::skip;
                  map_reduce(
                      pool, Range{0, 1}, Empty{},
                      [](const Empty&, const Chunk&) {
                          std::printf("last words");
                          std::exit(0);
                          return 1;
                      },
                      std::plus<>{}, options);
              }),
              "last words");
}

TEST_F(Host, Makes1000Pools) {
    const int pools = testing::under_asan ? 50 : 1000;  // AddressSanitizer makes a fork cost 100 ms
    for (int repeat = 0; repeat < pools; ++repeat) {
        Pool pool({.workers = 1, .pin = "none", .arena_bytes = std::size_t{1} << 20});
        if (repeat % 50 == 0) {
            EXPECT_EQ(crash_and_sum(pool), right_answer);
        }
    }
    EXPECT_LT(waitpid(-1, nullptr, WNOHANG), 0) << "a child is left unreaped";
    EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace pinfold
