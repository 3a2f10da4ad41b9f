#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <pinfold/engine/journal.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "journal_job.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

using testing::term;

constexpr std::uint64_t chunks = testing::journal_chunks;
constexpr std::uint64_t grain = testing::journal_grain;

/// A job and the file of its journal, in a folder of the test's own.
class JournalledJob : public testing::NothingLeft {
  protected:
    JournalledJob() {
        std::string pattern = (fs::temp_directory_path() / "pinfold-journal-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        file_ = folder_ / "job.journal";
    }
    ~JournalledJob() override { fs::remove_all(folder_); }

    [[nodiscard]] JobOptions<double> options() const { return testing::journal_options(file_); }

    static JobResult<double> run(Crew crew, const JobOptions<double>& job_options,
                                 std::uint64_t range_end = chunks * grain,
                                 const Phases<testing::Empty>& phases = {}) {
        Pool pool = testing::make_pool(crew, 2);
        return map_reduce(
            pool, Range{0, range_end}, testing::Empty{}, phases,
            [](const testing::Empty&, const Chunk& chunk, const PhaseMemory&) {
                return term(chunk);
            },
            std::plus<>{}, job_options);
    }

    [[nodiscard]] static double expected() {
        double sum = 0;
        for (std::uint64_t i = 0; i < chunks; ++i) {
            sum += term(Chunk{{i * grain, (i + 1) * grain}, i});
        }
        return sum;
    }

    [[nodiscard]] std::string bytes() const {
        std::ifstream in(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    void write(const std::string& content) const {
        std::ofstream(file_, std::ios::binary | std::ios::trunc) << content;
    }

    /// What a run on the file as it is throws; the file must not be changed by it.
    [[nodiscard]] std::string refusal(Crew crew, const JobOptions<double>& job_options,
                                      std::uint64_t range_end = chunks * grain) const {
        const std::string before = bytes();
        std::string text = "accepted";
        try {
            run(crew, job_options, range_end);
        } catch (const JournalError& e) {
            text = e.what();
        }
        EXPECT_EQ(bytes(), before);
        return text;
    }

    fs::path folder_;
    fs::path file_;
};

class Journal : public JournalledJob, public ::testing::WithParamInterface<Crew> {
  protected:
    static JobResult<double> run(const JobOptions<double>& job_options,
                                 std::uint64_t range_end = chunks * grain) {
        return JournalledJob::run(GetParam(), job_options, range_end);
    }
    [[nodiscard]] std::string refusal(const JobOptions<double>& job_options,
                                      std::uint64_t range_end = chunks * grain) const {
        return JournalledJob::refusal(GetParam(), job_options, range_end);
    }
};

constexpr std::size_t header_bytes = 4096;
constexpr std::size_t slot_bytes = 24;

TEST_P(Journal, GivesTheSameBitsFromAFullFile) {
    const auto first = run(options());
    EXPECT_EQ(first.value, expected());
    EXPECT_EQ(first.report.restored, 0U);
    const auto second = run(options());
    EXPECT_EQ(second.value, expected());
    EXPECT_EQ(second.report.restored, chunks);
    EXPECT_EQ(second.report.attempts, 0U);
    ASSERT_EQ(second.report.phase_seconds.size(), 1U);
    EXPECT_GE(second.report.phase_seconds[0], 0);
    EXPECT_LE(second.report.phase_seconds[0], second.report.seconds);
    const JournalInfo info = read_journal(file_);
    EXPECT_EQ(info.kernel, "noisy sum");
    EXPECT_EQ(info.version, 3U);
    EXPECT_EQ(info.chunks, chunks);
    EXPECT_EQ(info.chunks_done, chunks);
}

TEST_P(Journal, RunsAgainWhatAPowerCutLost) {
    run(options());
    const std::string full = bytes();
    std::mt19937_64 random(7);
    for (int round = 0; round < 20; ++round) {
        std::string cut = full;
        std::uint64_t lost = 0;
        // Any subset of slots is stale (zero) or torn (half written).
        for (std::uint64_t i = 0; i < chunks; ++i) {
            const std::size_t at = header_bytes + i * slot_bytes;
            const auto fate = random() % 4;
            if (fate == 0) {
                std::fill_n(cut.begin() + static_cast<std::ptrdiff_t>(at), slot_bytes, '\0');
            } else if (fate == 1) {
                cut[at + 16 + random() % 8] ^= static_cast<char>(1 + random() % 255);
            }
            lost += fate <= 1 ? 1U : 0U;
        }
        write(cut);
        EXPECT_EQ(read_journal(file_).chunks_done, chunks - lost);
        const auto result = run(options());
        EXPECT_EQ(result.value, expected());
        EXPECT_EQ(result.report.restored, chunks - lost);
        EXPECT_EQ(result.report.attempts, lost);
        EXPECT_EQ(bytes(), full);
    }
}

TEST_P(Journal, RunsAgainOnlyThePhasesOfChunksThatAreMissing) {
    Phases<testing::Empty> phases;
    const auto add_for = [&](std::uint64_t first_chunk, std::uint64_t last_chunk) {
        phases.add({.range = {0, 5},
                    .grain = 1,
                    .bytes = 8,
                    .first_chunk = first_chunk,
                    .last_chunk = last_chunk},
                   [](const testing::Empty&, const Chunk&, const PhaseMemory&) {});
    };
    constexpr std::uint64_t middle = chunks / 2;
    add_for(0, chunks);
    add_for(0, middle);
    add_for(middle, chunks);
    const auto run_with_phases = [&] {
        return JournalledJob::run(GetParam(), options(), chunks * grain, phases);
    };
    EXPECT_EQ(run_with_phases().report.attempts, chunks + 15);
    std::string lost_the_last_slot = bytes();
    lost_the_last_slot.back() ^= 1;
    write(lost_the_last_slot);
    const auto result = run_with_phases();
    EXPECT_EQ(result.value, expected());
    EXPECT_EQ(result.report.attempts, 1U + 10U);
    EXPECT_EQ(run_with_phases().report.attempts, 0U);
}

TEST_P(Journal, GoesOnAfterASigkillOfTheWholeTree) {
    const std::string crew(to_string(GetParam()));
    const pid_t host = fork();
    if (host == 0) {
        execl(PINFOLD_JOURNAL_HOST, PINFOLD_JOURNAL_HOST, crew.c_str(), file_.c_str(), nullptr);
        _exit(127);
    }
    ASSERT_TRUE(testing::eventually([&] {
        try {
            return read_journal(file_).chunks_done >= 8;
        } catch (const JournalError&) {
            return false;
        }
    }));
    kill(host, SIGKILL);
    waitpid(host, nullptr, 0);
    const std::uint64_t done = read_journal(file_).chunks_done;
    const auto result = run(options());
    EXPECT_EQ(result.value, expected());
    EXPECT_GE(result.report.restored, done);
    EXPECT_LT(result.report.restored, chunks);
}

TEST_P(Journal, RefusesTheFileOfAnotherJob) {
    run(options());
    JobOptions<double> other = options();
    other.journal.kernel = "another sum";
    EXPECT_NE(refusal(other).find("its kernel is noisy sum, not another sum"), std::string::npos);
    other = options();
    other.journal.version = 4;
    EXPECT_NE(refusal(other).find("its kernel version is 3, not 4"), std::string::npos);
    other = options();
    other.grain = 11;
    EXPECT_NE(refusal(other).find("its grain is 10, not 11"), std::string::npos);
    EXPECT_NE(refusal(options(), 100).find("its range is [0, 640), not [0, 100)"),
              std::string::npos);
}

TEST_P(Journal, RefusesDamagedFiles) {
    run(options());
    const std::string full = bytes();
    write("a letter to my mother, quite long enough to be taken for a header of a journal; " +
          std::string(1000, 'x'));
    EXPECT_NE(refusal(options()).find("it is no pinfold journal"), std::string::npos);
    write(full.substr(0, 100));
    EXPECT_NE(refusal(options()).find("is too short for a journal"), std::string::npos);
    write(full.substr(0, full.size() - 1));
    EXPECT_NE(refusal(options()).find("it was cut off or added to"), std::string::npos);
    std::string swapped = full;
    std::reverse(swapped.begin() + 16, swapped.begin() + 24);
    write(swapped);
    EXPECT_NE(refusal(options()).find("other byte order"), std::string::npos);
    std::string damaged = full;
    damaged[40] ^= 1;
    write(damaged);
    EXPECT_NE(refusal(options()).find("its header is damaged"), std::string::npos);
}

TEST_P(Journal, RefusesANameBeforeItMakesAFile) {
    for (const std::string& name : {std::string(), std::string(208, 'n'), std::string("a\0b", 3)}) {
        JobOptions<double> bad = options();
        bad.journal.kernel = name;
        EXPECT_THROW(run(bad), std::invalid_argument);
        EXPECT_FALSE(fs::exists(file_));
    }
}

TEST_P(Journal, RefusesAFolderAndAMissingOne) {
    JobOptions<double> bad = options();
    bad.journal.file = folder_;
    EXPECT_NE(refusal(bad).find("cannot be opened"), std::string::npos);
    bad.journal.file = folder_ / "none" / "file";
    EXPECT_NE(refusal(bad).find("cannot be opened"), std::string::npos);
}

TEST_P(Journal, RefusesAPipeAndDoesNotWaitForItsWriter) {
    const fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    JobOptions<double> bad = options();
    bad.journal.file = pipe;
    EXPECT_NE(refusal(bad).find("is no regular file"), std::string::npos);
    EXPECT_THROW(static_cast<void>(read_journal(pipe)), JournalError);
}

TEST_P(Journal, SaysThatTheDiskIsFull) {
    const fs::path full = "/dev/full";
    JobOptions<double> bad = options();
    bad.journal.file = full;
    EXPECT_THROW(run(bad), JournalError);
}

TEST_P(Journal, LaysOutAgainWhatWasHalfLaidOut) {
    write(std::string(header_bytes + chunks * slot_bytes, '\0'));
    EXPECT_EQ(run(options()).value, expected());
    EXPECT_EQ(read_journal(file_).chunks_done, chunks);
}

class JournalInUse : public JournalledJob {};

// All at once, since each waits two seconds for the other process to end.
TEST_F(JournalInUse, IsRefusedByEveryCrew) {
    run(Crew::serial, options());
    const int other = open(file_.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(flock(other, LOCK_EX), 0);
    std::array<std::string, testing::all_crews.size()> refusals;
    {
        std::array<std::jthread, testing::all_crews.size()> hosts;
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            hosts[i] =
                std::jthread([&, i] { refusals[i] = refusal(testing::all_crews[i], options()); });
        }
    }
    close(other);
    for (const std::string& text : refusals) {
        EXPECT_NE(text.find("is in use by another process"), std::string::npos) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(Engine, Journal, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold
