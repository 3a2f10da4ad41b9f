// What other programs, limits and a user's own code do to a journal while it is in use. A job that
// cannot have its journal is refused and leaves nothing; one that loses it while it runs ends with
// the right value, and its report says so.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <pinfold/engine/journal.hpp>
#include <string>
#include <thread>

#include "crews.hpp"
#include "journal_job.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

using testing::HostProcess;
using testing::term;

constexpr std::uint64_t chunks = testing::journal_chunks;
constexpr std::uint64_t grain = testing::journal_grain;
constexpr std::uint64_t at_chunk = 20;
constexpr std::size_t whole_file = 4096 + chunks * 24;

/// What happens while chunk `at_chunk` runs: a function that a fork or a thread can call.
using Event = void (*)(const char* file);

struct EventfulJob {
    std::array<char, 256> file{};
    Event event = nullptr;
    std::uint32_t* starts = nullptr;  // of the chunk after; the first one kills its worker
};

constexpr auto eventful_term = [](const EventfulJob& job, const Chunk& chunk) {
    if (chunk.index == at_chunk && job.event != nullptr) {
        job.event(job.file.data());
    }
    if (chunk.index == at_chunk + 1 && job.starts != nullptr &&
        std::atomic_ref(*job.starts).fetch_add(1) == 0) {
        raise(SIGKILL);
    }
    return term(chunk);
};

double expected() {
    double sum = 0;
    for (std::uint64_t i = 0; i < chunks; ++i) {
        sum += term(Chunk{{i * grain, (i + 1) * grain}, i});
    }
    return sum;
}

void put(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class JournalFaults : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    JournalFaults() {
        std::string pattern = (fs::temp_directory_path() / "pinfold-journal-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        fs::create_directory(folder_ / "in");
        file_ = folder_ / "in" / "job.journal";
    }
    ~JournalFaults() override { fs::remove_all(folder_); }

    static void SetUpTestSuite() { testing::bar_core_files(); }

    static Pool make_pool() { return testing::make_pool(GetParam(), 2); }
    [[nodiscard]] JobOptions<double> options() const { return testing::journal_options(file_); }

    JobResult<double> run(Pool& pool, Event event, bool with_a_kill,
                          const JobOptions<double>& job_options) const {
        EventfulJob job{.event = event};
        file_.native().copy(job.file.data(), job.file.size() - 1);
        auto starts = pool.array<std::uint32_t>(1);
        job.starts = with_a_kill ? starts.data() : nullptr;
        return map_reduce(pool, Range{0, chunks * grain}, job, eventful_term, std::plus<>{},
                          job_options);
    }
    JobResult<double> run(Event event = nullptr, bool with_a_kill = false) const {
        Pool pool = make_pool();
        return run(pool, event, with_a_kill, options());
    }

    /// What a run on a file of this name is refused by.
    static std::string refusal(const fs::path& file) {
        try {
            Pool pool = make_pool();
            map_reduce(pool, Range{0, chunks * grain}, EventfulJob{}, eventful_term, std::plus<>{},
                       testing::journal_options(file));
        } catch (const JournalError& e) {
            return e.what();
        }
        return "accepted";
    }

    fs::path folder_;
    fs::path file_;
};

/// What only a map in a process of its own may do.
class JournalFaultsOfAWorker : public JournalFaults {};

/// Tests that fork a host. oneTBB does not work in a child of a process that has used it.
class JournalFaultsOfAHost : public JournalFaults {};

const std::map<std::string, std::pair<Event, std::string>> changes{
    {"emptied", {[](const char* file) { truncate(file, 0); }, "was cut off"}},
    {"cut in its header", {[](const char* file) { truncate(file, 100); }, "was cut off"}},
    {"cut in its slots", {[](const char* file) { truncate(file, 4200); }, "was cut off"}},
    {"cut and made long again",
     {[](const char* file) {
          truncate(file, 0);
          truncate(file, whole_file);
      },
      "was written to by another program"}},
    {"removed", {[](const char* file) { unlink(file); }, "was removed, moved or replaced"}},
    {"removed with its folder",
     {[](const char* file) { fs::remove_all(fs::path(file).parent_path()); },
      "was removed, moved or replaced"}},
    {"moved away",
     {[](const char* file) { fs::rename(file, std::string(file) + ".old"); },
      "was removed, moved or replaced"}},
    {"replaced by another file",
     {[](const char* file) {
          put(std::string(file) + ".new", "another file");
          fs::rename(std::string(file) + ".new", file);
      },
      "was removed, moved or replaced"}},
    {"replaced by a pipe",
     {[](const char* file) {
          unlink(file);
          mkfifo(file, 0600);
      },
      "was removed, moved or replaced"}},
    {"written over",
     {[](const char* file) { put(file, std::string(whole_file, 'x')); },
      "was written to by another program"}}};

TEST_P(JournalFaults, OfTheFileWhileTheJobRunsDoNotCostTheJob) {
    for (const bool with_a_kill : {false, true}) {
        if (with_a_kill && GetParam() != Crew::processes) {
            continue;
        }
        for (const auto& [what, change] : changes) {
            fs::create_directories(file_.parent_path());
            fs::remove(file_);
            const auto result = run(change.first, with_a_kill);
            EXPECT_EQ(result.value, expected()) << what;
            EXPECT_NE(result.report.journal_lost.find(change.second), std::string::npos)
                << what << ": " << result.report.journal_lost;
            EXPECT_TRUE(result.report.journal_lost.starts_with("journal " + file_.string()))
                << result.report.journal_lost;
        }
    }
}

TEST_P(JournalFaults, LeaveAReplacementAsItIs) {
    run(changes.at("replaced by another file").first, GetParam() == Crew::processes);
    EXPECT_EQ(content_of(file_), "another file");
}

TEST_P(JournalFaults, AreToldByTheErrorOfAJobThatIsStopped) {
    Pool pool = make_pool();
    std::stop_source source;
    auto stopped = options();
    stopped.stop = source.get_token();
    stopped.progress = [&](const Progress&) { source.request_stop(); };
    const auto slow_after_the_cut = [](const EventfulJob& job, const Chunk& chunk) {
        if (chunk.index == at_chunk) {
            unlink(job.file.data());
        }
        usleep(chunk.index > at_chunk ? 20'000 : 0);
        return term(chunk);
    };
    EventfulJob job;
    file_.native().copy(job.file.data(), job.file.size() - 1);
    try {
        map_reduce(pool, Range{0, chunks * grain}, job, slow_after_the_cut, std::plus<>{}, stopped);
        ADD_FAILURE() << "not cancelled";
    } catch (const Cancelled& e) {
        EXPECT_NE(std::string(e.what()).find("was removed, moved or replaced"), std::string::npos)
            << e.what();
    }
}

TEST_P(JournalFaults, AreNoneInAFileThatStays) {
    EXPECT_EQ(run().report.journal_lost, "");
    const auto again = run(nullptr, GetParam() == Crew::processes);
    EXPECT_EQ(again.report.journal_lost, "");
    EXPECT_EQ(again.report.restored, chunks);
}

// A worker whose predecessor had the file open finds it by its descriptor in the host.
TEST_P(JournalFaults, LoseNothingOfAFileThatIsMovedWhileWorkersAreReplaced) {
    run(changes.at("moved away").first, GetParam() == Crew::processes);
    fs::rename(file_.string() + ".old", file_);
    EXPECT_EQ(read_journal(file_).chunks_done, chunks);
}

// Descriptors that a map closes, and another file under the journal's number.
TEST_P(JournalFaultsOfAWorker, NeverWriteToAnotherFileUnderTheSameNumber) {
    const auto result = run([](const char* file) {
        const std::string name = std::string(file) + ".map";
        closefrom(3);
        for (int i = 0; i < 40; ++i) {
            open((name + std::to_string(i)).c_str(), O_RDWR | O_CREAT, 0600);
        }
    });
    EXPECT_EQ(result.value, expected());
    EXPECT_EQ(result.report.journal_lost, "");
    EXPECT_EQ(read_journal(file_).chunks_done, chunks);
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(fs::file_size(file_.string() + ".map" + std::to_string(i)), 0U);
    }
}

TEST_P(JournalFaultsOfAHost, OfClosedStandardDescriptorsLeaveTheJournalToItself) {
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        for (const int number : {0, 1, 2}) {
            close(number);
        }
        Pool pool = make_pool();
        const auto result = run(
            pool,
            [](const char*) {
                for (const int number : {0, 1, 2}) {
                    [[maybe_unused]] const auto written = write(number, "12345678", 8);
                }
            },
            false, options());
        tell(result.value == expected() ? "right" + result.report.journal_lost : "wrong");
    });
    EXPECT_EQ(told, "right");
    EXPECT_EQ(read_journal(file_).chunks_done, chunks);
}

TEST_P(JournalFaultsOfAHost, OfAFileSizeLimitAreRefusedAndNoDeadlySignal) {
    const auto told_under = [&](std::uint64_t bytes) {
        return testing::told_by_host([&](const HostProcess::Tell& tell) {
            Pool pool = make_pool();
            testing::limit_softly(RLIMIT_FSIZE, bytes);
            try {
                const auto result = run(pool, nullptr, false, options());
                tell(result.value == expected() ? "right" + result.report.journal_lost : "wrong");
            } catch (const JournalError& e) {
                tell(e.what());
            }
        });
    };
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{4096}, whole_file - 1}) {
        const std::string told = told_under(bytes);
        EXPECT_NE(told.find("(ulimit -f)"), std::string::npos) << bytes << ": " << told;
        EXPECT_FALSE(fs::exists(file_)) << bytes;
    }
    EXPECT_EQ(told_under(whole_file), "right");
    const std::string told = told_under(4096);  // the file is there now
    EXPECT_NE(told.find("(ulimit -f)"), std::string::npos) << told;
    EXPECT_EQ(read_journal(file_).chunks_done, chunks);
}

TEST_P(JournalFaultsOfAHost, OfAFileSizeLimitThatIsLoweredMeanwhileDoNotCostTheJob) {
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        Pool pool = make_pool();
        const auto result = run(
            pool, [](const char*) { testing::limit_softly(RLIMIT_FSIZE, 4096); }, false, options());
        tell((result.value == expected() ? "right: " : "wrong: ") + result.report.journal_lost);
    });
    EXPECT_TRUE(told.starts_with("right: journal ")) << told;
    EXPECT_NE(told.find("(ulimit -f)"), std::string::npos) << told;
}

TEST_P(JournalFaultsOfAHost, OfRoomLeaveNoFileAndSayTheReason) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can mount a small file system";
    }
    for (const bool was_there : {false, true}) {
        const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
            const char* const small = folder_.c_str();
            if (unshare(CLONE_NEWNS) != 0 ||
                mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                mount("small", small, "tmpfs", 0, "size=4096") != 0) {
                tell("no mount");
                return;
            }
            const fs::path file = folder_ / "small.journal";
            if (was_there) {
                put(file, "");
            }
            const std::string why = refusal(file);
            const bool left = fs::exists(file);
            tell(why + (left ? ", left " + std::to_string(fs::file_size(file)) : ", nothing left"));
        });
        if (told == "no mount") {
            GTEST_SKIP() << "this root may not mount";
        }
        EXPECT_NE(told.find("cannot get its disk space: No space left"), std::string::npos) << told;
        EXPECT_TRUE(told.ends_with(was_there ? ", left 0" : ", nothing left")) << told;
    }
}

TEST_P(JournalFaults, OfTheJobAreFoundBeforeAFileIsMade) {
    Pool pool = make_pool();
    const auto refused_with = [&](const PhaseOptions& phase) {
        Phases<testing::Empty> phases;
        phases.add(phase, [](const testing::Empty&, const Chunk&, const PhaseMemory&) {});
        try {
            map_reduce(
                pool, Range{0, chunks * grain}, testing::Empty{}, phases,
                [](const testing::Empty&, const Chunk& c, const PhaseMemory&) { return term(c); },
                std::plus<>{}, options());
        } catch (const std::exception&) {
            return true;
        }
        return false;
    };
    const PhaseOptions beyond{.range = {0, 1}, .grain = 1, .first_chunk = chunks + 1};
    const PhaseOptions too_large{.range = {0, 1}, .grain = 1, .bytes = std::size_t{1} << 50};
    const PhaseOptions too_many{.range = {0, uint128{1} << 40}, .grain = 1};
    for (const PhaseOptions& phase : {beyond, too_large, too_many}) {
        EXPECT_TRUE(refused_with(phase));
        EXPECT_FALSE(fs::exists(file_));
    }
    put(file_, "");
    EXPECT_TRUE(refused_with(beyond));
    EXPECT_EQ(fs::file_size(file_), 0U);
    EXPECT_EQ(run().value, expected());
}

TEST_P(JournalFaultsOfAHost, OfAPathAreJournalErrors) {
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        fs::create_directory(folder_ / "gone");
        fs::current_path(folder_ / "gone");
        fs::remove(folder_ / "gone");
        const std::string why = refusal("some.journal");
        try {
            static_cast<void>(read_journal("some.journal"));
        } catch (const JournalError&) {
            tell(why);
        }
    });
    EXPECT_TRUE(told.starts_with("journal some.journal: ")) << told;
    EXPECT_NE(told.find("working directory"), std::string::npos) << told;

    EXPECT_NE(refusal(folder_ / std::string("a\0b", 3)).find("zero byte"), std::string::npos);
    EXPECT_THROW(static_cast<void>(read_journal(folder_ / std::string("a\0b", 3))), JournalError);
    EXPECT_NE(refusal("/" + std::string(5000, 'a')).find("4095"), std::string::npos);
    EXPECT_NE(refusal(folder_ / std::string(300, 'a')).find("cannot be opened"), std::string::npos);
    fs::create_symlink(folder_ / "loop", folder_ / "loop");
    EXPECT_NE(refusal(folder_ / "loop").find("cannot be opened"), std::string::npos);
}

TEST_P(JournalFaultsOfAHost, LeaveNothingBehindALinkToNowhere) {
    fs::create_symlink(folder_ / "in" / "target", folder_ / "link");
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        testing::limit_softly(RLIMIT_FSIZE, std::uint64_t{1} << 30);
        Pool pool = make_pool();
        testing::limit_softly(RLIMIT_FSIZE, 100);
        try {
            run(pool, nullptr, false, testing::journal_options(folder_ / "link"));
        } catch (const JournalError& e) {
            tell(e.what());
        }
    });
    EXPECT_NE(told.find("(ulimit -f)"), std::string::npos) << told;
    EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
    EXPECT_FALSE(fs::exists(folder_ / "in" / "target"));
}

/// Makes `holder` while the job holds its journal's lock, runs the same job again, and returns what
/// that restored.
template <typename MakeHolder>
std::uint64_t restored_beside(MakeHolder make_holder, const JobOptions<double>& options,
                              Crew crew) {
    Pool pool = testing::make_pool(crew, 2);
    const auto run = [&](const JobOptions<double>& job_options) {
        return map_reduce(pool, Range{0, chunks * grain}, EventfulJob{}, eventful_term,
                          std::plus<>{}, job_options);
    };
    JobOptions<double> first = options;
    std::optional<decltype(make_holder())> holder;
    first.progress = [&](const Progress&) {
        if (!holder) {
            holder.emplace(make_holder());
        }
    };
    run(first);
    EXPECT_TRUE(holder.has_value());
    return run(options).report.restored;
}

TEST_P(JournalFaults, OfALockThatAPoolInheritedEndWithTheJob) {
    EXPECT_EQ(restored_beside([] { return testing::make_pool(Crew::processes, 2); }, options(),
                              GetParam()),
              chunks);
}

TEST_P(JournalFaults, OfALockThatAUsersChildInheritedEndWithTheJob) {
    const auto make_child = [] {
        return std::make_unique<HostProcess>([](const HostProcess::Tell&) {
            for (;;) {
                pause();
            }
        });
    };
    EXPECT_EQ(restored_beside(make_child, options(), GetParam()), chunks);
}

TEST_P(JournalFaultsOfAHost, OfALockEndWithAHostThatIsKilledBesideItsChildren) {
    HostProcess host([&](const HostProcess::Tell& tell) {
        Pool pool = make_pool();
        JobOptions<double> first = options();
        first.progress = [&](const Progress&) {
            const pid_t child = fork();
            if (child != 0) {
                tell(std::to_string(child));
            }
            for (;;) {
                pause();
            }
        };
        run(pool, nullptr, false, first);
    });
    const pid_t child = std::stoi(host.next_line());
    host.end(SIGKILL);
    EXPECT_EQ(run().report.restored, chunks);
    kill(child, SIGKILL);
    EXPECT_TRUE(testing::eventually([&] { return !testing::is_alive(child); }));
}

TEST_P(JournalFaults, OfAForkedChildThatUnwindsLeaveTheParentsLock) {
    JobOptions<double> first = options();
    int refused = 0;
    first.progress = [&](const Progress&) {
        const pid_t child = fork();
        if (child == 0) {
            throw child;  // through the whole job, which is the parent's
        }
        int status = 0;
        waitpid(child, &status, 0);
        const int other = open(file_.c_str(), O_RDWR | O_CLOEXEC);
        refused += flock(other, LOCK_EX | LOCK_NB) != 0 ? 1 : 0;
        close(other);
    };
    Pool pool = make_pool();
    try {
        run(pool, nullptr, false, first);
    } catch (pid_t) {
        _exit(0);
    }
    EXPECT_GE(refused, 1);
}

INSTANTIATE_TEST_SUITE_P(Engine, JournalFaults, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

INSTANTIATE_TEST_SUITE_P(Engine, JournalFaultsOfAHost,
                         ::testing::Values(Crew::serial, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

INSTANTIATE_TEST_SUITE_P(Engine, JournalFaultsOfAWorker, ::testing::Values(Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

// Each read meets the file at another moment of its changes.
TEST(JournalOfAnotherJob, MayBeCutWhileItIsRead) {
    const fs::path file =
        fs::temp_directory_path() / ("pinfold-journal-cut-" + std::to_string(getpid()));
    constexpr std::uint64_t many = std::uint64_t{1} << 15;
    JobOptions<double> options = testing::journal_options(file);
    options.grain = 1;
    {
        Pool pool = testing::make_pool(Crew::serial, 1);
        map_reduce(pool, Range{0, many}, EventfulJob{}, eventful_term, std::plus<>{}, options);
    }
    const std::string whole = content_of(file);
    std::atomic<bool> stop{false};
    std::jthread other([&] {
        while (!stop) {
            fs::resize_file(file, 5000);
            put(file, whole);
        }
    });
    for (int i = 0; i < 300; ++i) {
        try {
            EXPECT_EQ(read_journal(file).chunks, many);
        } catch (const JournalError&) {
            // It was cut at that moment.
        }
    }
    stop = true;
    other.join();
    EXPECT_EQ(read_journal(file).chunks_done, many);
    fs::remove(file);
}

}  // namespace
}  // namespace pinfold
