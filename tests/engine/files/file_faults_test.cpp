// Files that change under a job, and what happens to them in a program that closes and forks.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <optional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>

#include "child_process.hpp"
#include "crews.hpp"
#include "files/folder.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using shm::ChildProcess;
using testing::close_descriptors_of;
using testing::eventually;
using testing::Folder;
using testing::make_pool;
using testing::thrown;

constexpr std::size_t file_bytes = 100'000;

class FileFaults : public testing::NothingLeft {
  protected:
    [[nodiscard]] std::string path() const { return folder_.path("a"); }

    const Folder folder_;
    const std::string made_ = folder_.write("a", std::string(file_bytes, 'x'));
};

std::uint64_t count_x(Pool& pool, const shm::File& file) {
    return count_if(pool, file, [](std::byte b) { return b == std::byte{'x'}; }, {.grain = 1000})
        .value;
}

/// The pids of a pool's workers.
std::set<int> workers_of(Pool& pool) {
    const auto pids = pool.array<int>(64);
    for_each(pool, Range{0, 64},
             [pids](auto k) {
                 usleep(1000);
                 pids[k] = getpid();
             },
             {.grain = 1});
    return {pids.begin(), pids.end()};
}

// A worker that has the file dies of what is not there any more; its successor is told.
TEST_F(FileFaults, JobFailedNamesAFileThatShrank) {
    Pool pool = make_pool(Crew::processes, 1);
    const shm::File file = pool.file(path());
    EXPECT_EQ(count_x(pool, file), file_bytes);
    std::filesystem::resize_file(path(), 10'000);
    try {
        static_cast<void>(count_if(pool, file, [](std::byte b) { return b == std::byte{'x'}; },
                                   {.grain = 1000, .max_attempts = 1}));
        ADD_FAILURE() << "the file has no such bytes any more";
    } catch (const JobFailed& failure) {
        EXPECT_SAYS(std::string(failure.what()),
                    "; file " + path() + " shrank from 100000 bytes to 10000");
        ASSERT_EQ(failure.details().shrunk_files.size(), 1U);
        EXPECT_EQ(failure.details().shrunk_files[0].path, path());
        EXPECT_EQ(failure.details().shrunk_files[0].bytes_opened, file_bytes);
        EXPECT_EQ(failure.details().shrunk_files[0].bytes_now, 10'000U);
    }
    std::filesystem::resize_file(path(), file_bytes);
    EXPECT_EQ(count_x(pool, file), 10'000U) << "the pool works on; the rest are zeros now";
}

TEST_F(FileFaults, JobFailedNamesAFileThatShrankBeforeAWorkerHadIt) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File file = pool.file(path());
    std::filesystem::resize_file(path(), 10'000);
    try {
        count_x(pool, file);
        ADD_FAILURE() << "the file has no such bytes any more";
    } catch (const JobFailed& failure) {
        EXPECT_SAYS(failure.details().exception_text,
                    "file " + path() + ": shrank from 100000 bytes to 10000");
        EXPECT_EQ(failure.details().shrunk_files.size(), 1U);
        EXPECT_TRUE(failure.details().deaths.empty());
    }
}

TEST_F(FileFaults, SkippedChunksNameAFileThatShrank) {
    Pool pool = make_pool(Crew::processes, 1);
    const shm::File file = pool.file(path());
    EXPECT_EQ(count_x(pool, file), file_bytes);
    std::filesystem::resize_file(path(), 90'000);
    const auto result = map_reduce(
        pool, file,
        [](std::span<const std::byte> bytes) {
            return std::count(bytes.begin(), bytes.end(), std::byte{'x'});
        },
        std::plus<>{}, {.grain = 50'000, .max_attempts = 1, .on_poison = OnPoison::skip});
    EXPECT_EQ(result.value, 50'000);
    ASSERT_EQ(result.report.skipped.size(), 1U);
    ASSERT_EQ(result.report.skipped[0].shrunk_files.size(), 1U);
    EXPECT_EQ(result.report.skipped[0].shrunk_files[0].bytes_now, 90'000U);
}

TEST_F(FileFaults, OtherDeathsNameNoFile) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File file = pool.file(path());
    std::filesystem::resize_file(path(), 10'000);
    try {
        for_each(pool, Range{0, 1}, [](auto) { raise(SIGSEGV); });
        ADD_FAILURE() << "the map died";
    } catch (const JobFailed& failure) {
        EXPECT_TRUE(failure.details().shrunk_files.empty()) << failure.what();
    }
}

// As docs/files.md says: there is one process, and no handler of ours.
TEST_F(FileFaults, AShrunkFileEndsAProgramOfThreads) {
    for (const Crew crew : {Crew::threads, Crew::serial}) {
        folder_.write("a", std::string(file_bytes, 'x'));
        ChildProcess child([&] {
            signal(SIGBUS, SIG_DFL);  // sanitizers catch it
            Pool pool = make_pool(crew, 2);
            const shm::File file = pool.file(path());
            std::filesystem::resize_file(path(), 0);
            static_cast<void>(count_x(pool, file));
            return 0;
        });
        EXPECT_EQ(child.exit_code(), -SIGBUS) << to_string(crew);
    }
}

TEST_F(FileFaults, AMapMayCloseAllDescriptors) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File first = pool.file(path());
    for_each(pool, Range{0, 64},
             [first](auto) {
                 close_range(3, ~0U, 0);
                 if (first.bytes().size() != file_bytes) {
                     throw std::logic_error("the file is not whole");
                 }
             },
             {.grain = 1});
    EXPECT_EQ(count_x(pool, first), file_bytes);
    const shm::File second = pool.file(folder_.write("b", "xx"));
    EXPECT_EQ(count_x(pool, second), 2U) << "opened after that";
}

TEST_F(FileFaults, TheHostMayCloseItsDescriptor) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File file = pool.file(path());
    close_descriptors_of(path());
    EXPECT_EQ(count_x(pool, file), file_bytes) << "by its path";
    const shm::File lost = pool.file(folder_.write("b", "xx"));
    close_descriptors_of(lost.path());
    std::filesystem::remove(lost.path());
    const std::string text = thrown<JobFailed>([&] { count_x(pool, lost); });
    EXPECT_SAYS(text, "file " + lost.path());
    EXPECT_SAYS(text, "No such file");
}

TEST_F(FileFaults, NewWorkersHaveTheFilesToo) {
    Pool pool({.crew = Crew::processes, .workers = 2, .pin = "none", .max_chunks_per_worker = 3});
    const shm::File file = pool.file(path());
    EXPECT_EQ(count_x(pool, file), file_bytes);
    std::filesystem::rename(path(), folder_.path("elsewhere"));
    EXPECT_EQ(count_x(pool, file), file_bytes);
}

TEST_F(FileFaults, KilledWorkersLoseNothing) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File file = pool.file(path());
    const auto out = pool.file_array<char>(folder_.path("out"), file_bytes);
    const auto is_killed = pool.array<std::uint64_t>(1);
    transform_chunks(pool, file.as<char>(), out,
                     [is_killed](std::span<const char> from, std::span<char> to) {
                         std::copy(from.begin(), from.begin() + 10, to.begin());
                         if (std::atomic_ref(is_killed[0]).fetch_add(1) % 7 == 3) {
                             kill(getpid(), SIGKILL);
                         }
                         std::copy(from.begin(), from.end(), to.begin());
                     },
                     {.grain = 1000, .max_attempts = 50});
    EXPECT_GT(is_killed[0], 100U);
    EXPECT_EQ(testing::content_of(out.path()), std::string(file_bytes, 'x'));
}

TEST_F(FileFaults, IdleWorkersLetGoOfWhatIsClosed) {
    Pool pool = make_pool(Crew::processes, 2);
    const std::set<int> workers = workers_of(pool);
    std::optional<shm::File> file(pool.file(path()));
    const auto have_it = [&] {
        return std::ranges::count_if(workers,
                                     [&](int pid) { return testing::has_mapped(pid, path()); });
    };
    EXPECT_EQ(count_x(pool, *file), file_bytes);
    EXPECT_GT(have_it(), 0);
    file.reset();
    EXPECT_TRUE(eventually([&] { return have_it() == 0; }));
}

// On a file system that has room for one of two files. The workers have mapped the first.
TEST_F(FileFaults, RoomOfAFileThatIsClosedAndRemovedIsFreeAtOnce) {
    constexpr int cannot_mount = 77;
    constexpr std::size_t size = 6'000'000;
    ChildProcess child([&] {
        const std::string disk = folder_.path("disk");
        std::filesystem::create_directory(disk);
        // In a namespace of the child's own, with which it goes.
        if (unshare(CLONE_NEWNS) != 0 ||
            mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", disk.c_str(), "tmpfs", 0, "size=8m") != 0) {
            return cannot_mount;
        }
        Pool pool = make_pool(Crew::processes, 2);
        for (int round = 0; round < 20; ++round) {
            const auto numbers = pool.file_array<char>(disk + "/a", size);
            transform(pool, Range{0, size}, numbers, [](auto) { return 'x'; });
            std::filesystem::remove(disk + "/a");
        }
        return 0;
    });
    const int code = child.exit_code();
    if (code == cannot_mount) {
        GTEST_SKIP() << "this test needs to mount a file system of its own";
    }
    EXPECT_EQ(code, 0);
}

TEST_F(FileFaults, AChildOfTheProgramUsesItsOwnPool) {
    Pool pool = make_pool(Crew::processes, 2);
    const shm::File file = pool.file(path());
    ChildProcess child([&] {
        const std::string text =
            thrown<std::logic_error>([&] { static_cast<void>(pool.file(path())); });
        if (text.find("child process") == std::string::npos || file.bytes()[0] != std::byte{'x'}) {
            return 1;
        }
        Pool own = make_pool(Crew::processes, 2);
        return count_x(own, own.file(path())) == file_bytes && count_x(own, file) == file_bytes ? 0
                                                                                                : 2;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(count_x(pool, file), file_bytes);
}

TEST_F(FileFaults, AForkedMapMayCaptureTheSpan) {
    const shm::File file(path());
    const std::span<const std::byte> bytes = file.bytes();
    const auto sum = map_reduce_forked(
        {.workers = 2}, Range{0, 10}, [&](const Chunk& chunk) { return bytes[chunk.begin]; },
        [](std::byte a, std::byte b) { return a | b; });
    EXPECT_EQ(sum.value, std::byte{'x'});
}

TEST_F(FileFaults, APoolWithFewAddressesSaysSo) {
    ChildProcess child([&] {
        if (!testing::limit_addresses_to(std::size_t{480} << 20)) {
            return 2;
        }
        Pool pool({.crew = Crew::processes, .workers = 1, .pin = "none", .arena_bytes = 1 << 20});
        const std::string text =
            thrown<std::system_error>([&] { static_cast<void>(pool.file(path())); });
        return text.find("ulimit -v") != std::string::npos ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

}  // namespace
}  // namespace pinfold
