#include <pinfold/shm/file.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "files/folder.hpp"

namespace pinfold::shm {
namespace {

using testing::close_descriptors_of;
using testing::content_of;
using testing::Folder;
using testing::has_mapped;
using testing::open_descriptors;
using testing::thrown;

/// A child that was forked before the parent opened anything, and looks at files that the parent
/// sends to it, one after the other.
class EarlierChild {
  public:
    using Look = int (*)(const File& file);

    explicit EarlierChild(Look look)
        : arena_({.bytes = std::size_t{1} << 20}),
          shared_(new (arena_.allocate(sizeof(Shared), alignof(Shared))) Shared),
          child_([this, look] { return serve(look); }) {}
    ~EarlierChild() { send(nullptr); }
    EarlierChild(const EarlierChild&) = delete;
    EarlierChild& operator=(const EarlierChild&) = delete;

    /// What the child finds.
    int ask(const File& file) {
        send(&file);
        while (shared_->answered.load() != shared_->asked.load()) {
            usleep(100);
        }
        return shared_->answer;
    }

    [[nodiscard]] int pid() const { return child_.pid(); }

  private:
    struct Shared {
        std::atomic<int> asked{0};
        std::atomic<int> answered{0};
        std::atomic<bool> is_over{false};
        alignas(File) std::array<std::byte, sizeof(File)> file{};  // as a capture crosses
        int answer = 0;
    };

    static_assert(ATOMIC_INT_LOCK_FREE == 2);

    void send(const File* file) {
        if (file != nullptr) {
            std::memcpy(shared_->file.data(), static_cast<const void*>(file), sizeof(File));
        }
        shared_->is_over = file == nullptr;
        ++shared_->asked;
    }

    int serve(Look look) const {
        for (int served = 0; !shared_->is_over; ++served) {
            if (served != 0) {
                shared_->answer = look(*reinterpret_cast<const File*>(shared_->file.data()));
                shared_->answered = served;
            }
            while (shared_->asked.load() == served) {
                usleep(100);
            }
        }
        return 0;
    }

    const bool is_reserved_ = reserve_file_space();
    Arena arena_;
    Shared* shared_;
    ChildProcess child_;
};

constexpr int refused = -1;

/// The first byte, or that it was refused.
int first_byte(const File& file) {
    try {
        return static_cast<int>(file.bytes()[0]);
    } catch (const std::exception&) {
        return refused;
    }
}

TEST(File, ShowsTheBytesInPlace) {
    const Folder folder;
    const File file(folder.write("a", "some text"));
    EXPECT_EQ(file.text(), "some text");
    EXPECT_EQ(file.size(), 9U);
    EXPECT_FALSE(file.empty());
    EXPECT_EQ(file.bytes()[0], std::byte{'s'});
    EXPECT_EQ(file.path(), folder.path("a"));
    std::ofstream(folder.path("a"), std::ios::in | std::ios::out) << "S";
    EXPECT_EQ(file.text(), "Some text") << "a file is not copied";
}

TEST(File, IsNothingByDefault) {
    const File file;
    EXPECT_EQ(file.size(), 0U);
    EXPECT_TRUE(file.bytes().empty());
    EXPECT_TRUE(file.text().empty());
    EXPECT_EQ(file.path(), "");
    EXPECT_TRUE(file.as<int>().span().empty());
}

TEST(File, MayBeEmpty) {
    const Folder folder;
    const File file(folder.write("a", ""));
    EXPECT_TRUE(file.bytes().empty());
    EXPECT_EQ(file.path(), folder.path("a"));
    EXPECT_EQ(file.as<double>().size(), 0U);
}

TEST(File, GoesWithItsLastCopy) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    const int before = open_descriptors();
    {
        auto first = std::make_unique<File>(path);
        EXPECT_EQ(open_descriptors(), before + 1);
        const File copy = *first;
        File moved = std::move(*first);
        first.reset();
        EXPECT_EQ(copy.text(), "text");
        moved = copy;
        EXPECT_EQ(moved.text(), "text");
        EXPECT_TRUE(has_mapped(getpid(), path));
    }
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_FALSE(has_mapped(getpid(), path));
}

TEST(File, TellsItsAbsolutePath) {
    const Folder folder;
    folder.write("a", "text");
    const std::filesystem::path here = std::filesystem::current_path();
    std::filesystem::current_path(folder.path(""));
    const File file("a");
    std::filesystem::current_path(here);
    EXPECT_EQ(std::filesystem::canonical(file.path()),
              std::filesystem::canonical(folder.path("a")));
}

TEST(File, IsMadeOfElements) {
    const Folder folder;
    const File file(folder.write("a", std::string("\1\0\0\0\2\0\0\0", 8)));
    const FileView<std::uint32_t> numbers = file.as<std::uint32_t>();
    ASSERT_EQ(numbers.size(), 2U);
    EXPECT_EQ(numbers.span()[1], 2U);
    EXPECT_EQ(static_cast<const void*>(numbers.data()), file.bytes().data());
    EXPECT_EQ(numbers.path(), file.path());
    using Three = std::array<char, 3>;
    const std::string text =
        thrown<std::invalid_argument>([&] { static_cast<void>(file.as<Three>()); });
    EXPECT_SAYS(text, "file " + folder.path("a"));
    EXPECT_SAYS(text, "8 bytes");
    EXPECT_SAYS(text, "3 bytes");
}

TEST(File, ViewKeepsTheFileOpen) {
    const Folder folder;
    const auto letters = File(folder.write("a", "xyz")).as<char>();
    EXPECT_EQ(letters.span()[2], 'z');
}

// ---- other processes

TEST(File, IsSeenByChildrenOfBeforeAtTheSameAddress) {
    const Folder folder;
    EarlierChild child([](const File& file) {
        return file.text() == "some text" && file.bytes().data() == file.record()->data ? 1 : 0;
    });
    const File file(folder.write("a", "some text"));
    EXPECT_EQ(child.ask(file), 1);
    EXPECT_EQ(child.ask(file), 1) << "and again";
}

TEST(File, IsSeenByChildrenOfLater) {
    const Folder folder;
    const File file(folder.write("a", "text"));
    ChildProcess child([&] { return file.text() == "text" ? 0 : 1; });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(File, CopiesInAChildAreViews) {
    const Folder folder;
    const File file(folder.write("a", "text"));
    ChildProcess child([&] {
        { const File copy = file; }
        { const File last = std::move(const_cast<File&>(file)); }
        return 0;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(file.text(), "text");
    EXPECT_TRUE(has_mapped(getpid(), file.path()));
}

TEST(File, IsReachedThroughItsOpenerWhereverItIsMoved) {
    const Folder folder;
    EarlierChild child(first_byte);
    const File renamed(folder.write("a", "A"));
    const File removed(folder.write("b", "B"));
    const File replaced(folder.write("c", "C"));
    std::filesystem::rename(folder.path("a"), folder.path("elsewhere"));
    std::filesystem::remove(folder.path("b"));
    std::filesystem::remove(folder.path("c"));
    folder.write("c", "another");
    EXPECT_EQ(child.ask(renamed), 'A');
    EXPECT_EQ(child.ask(removed), 'B');
    EXPECT_EQ(child.ask(replaced), 'C');
}

TEST(File, IsReachedByItsPathWhenItsOpenerClosedTheDescriptor) {
    const Folder folder;
    EarlierChild child(first_byte);
    const int before = open_descriptors();
    {
        const File file(folder.write("a", "A"));
        const File replaced(folder.write("b", "B"));
        close_descriptors_of(file.path());
        close_descriptors_of(replaced.path());
        std::filesystem::rename(replaced.path(), folder.path("elsewhere"));
        folder.write("b", "another");
        EXPECT_EQ(child.ask(file), 'A');
        EXPECT_EQ(child.ask(replaced), refused) << "another file has its name";
        EXPECT_EQ(replaced.text(), "B") << "the opener has it all the same";
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST(File, DoesNotCloseWhatHasItsNumberMeanwhile) {
    const Folder folder;
    auto file = std::make_unique<File>(folder.write("a", "A"));
    close_descriptors_of(file->path());
    const int stranger = open("/dev/null", O_RDONLY | O_CLOEXEC);
    file.reset();
    EXPECT_EQ(fcntl(stranger, F_GETFD), FD_CLOEXEC);
    close(stranger);
}

TEST(File, IsLetGoOfByChildrenOnceItIsClosed) {
    const Folder folder;
    EarlierChild child([](const File& file) {
        let_go_of_closed_files();
        return first_byte(file);
    });
    auto closed = std::make_unique<File>(folder.write("closed", "A"));
    const File open(folder.write("open", "B"));
    EXPECT_EQ(child.ask(*closed), 'A');
    EXPECT_EQ(child.ask(open), 'B');
    EXPECT_TRUE(has_mapped(child.pid(), folder.path("closed")));
    closed.reset();
    EXPECT_EQ(child.ask(open), 'B');
    EXPECT_FALSE(has_mapped(child.pid(), folder.path("closed")));
    EXPECT_TRUE(has_mapped(child.pid(), folder.path("open")));
}

TEST(File, MayLieWhereAnotherLayThatAChildStillHas) {
    const Folder folder;
    EarlierChild child(first_byte);
    auto first = std::make_unique<File>(folder.write("a", std::string(100'000, 'A')));
    const std::byte* const place = first->bytes().data();
    EXPECT_EQ(child.ask(*first), 'A');
    first.reset();
    const File second(folder.write("b", "B"));
    const File third(folder.write("c", "C"));
    EXPECT_EQ(second.bytes().data(), place) << "the test needs the same addresses";
    EXPECT_EQ(child.ask(third), 'C');
    EXPECT_EQ(child.ask(second), 'B');
    EXPECT_FALSE(has_mapped(child.pid(), folder.path("a")));
}

TEST(File, IsMappedByManyThreadsOfAChildAtOnce) {
    const Folder folder;
    EarlierChild child([](const File& file) {
        std::atomic<int> sum{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] { sum += first_byte(file); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        return sum.load();
    });
    for (int round = 0; round < 20; ++round) {
        const File file(folder.write("a" + std::to_string(round), "\1"));
        EXPECT_EQ(child.ask(file), 8);
    }
}

// A child has no lock from a thread of its parent, and sees of each file all or nothing.
TEST(File, IsOpenedAndClosedWhileOthersFork) {
    const Folder folder;
    const std::string path = folder.write("a", "A");
    const File kept(folder.write("kept", "K"));
    std::atomic<bool> is_over{false};
    std::thread opener([&] {
        while (!is_over) {
            const File file(path);
            EXPECT_EQ(first_byte(file), 'A');
        }
    });
    for (int i = 0; i < 100; ++i) {
        ChildProcess child([&] {
            let_go_of_closed_files();
            const File own(path);
            return first_byte(kept) == 'K' && first_byte(own) == 'A' ? 0 : 1;
        });
        EXPECT_EQ(child.exit_code(), 0);
    }
    is_over = true;
    opener.join();
}

TEST(File, IsOpenedByManyThreads) {
    const Folder folder;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&folder, t] {
            const std::string path = folder.write(std::to_string(t), std::to_string(t));
            for (int i = 0; i < 200; ++i) {
                const File file(path);
                const File copy = file;
                EXPECT_EQ(copy.text(), std::to_string(t));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST(File, TellsThatOneWasClosed) {
    const Folder folder;
    const std::string path = folder.write("a", "A");
    int closed = 0;
    {
        const ClosedFileNotice notice([&] { ++closed; });
        { const File file(path); }
        EXPECT_EQ(closed, 1);
        ChildProcess child([&] {
            { const File file(path); }
            return closed;  // of the parent's files alone
        });
        EXPECT_EQ(child.exit_code(), 1);
    }
    { const File file(path); }
    EXPECT_EQ(closed, 1);
}

// ---- files that become shorter

TEST(File, SaysThatItShrank) {
    const Folder folder;
    const File file(folder.write("a", std::string(10'000, 'A')));
    const File other(folder.write("b", "B"));
    EXPECT_TRUE(shrunk_files().empty());
    std::filesystem::resize_file(file.path(), 5'000);
    const std::vector<ShrunkFile> shrunk = shrunk_files();
    ASSERT_EQ(shrunk.size(), 1U);
    EXPECT_EQ(shrunk[0].path, file.path());
    EXPECT_EQ(shrunk[0].bytes_opened, 10'000U);
    EXPECT_EQ(shrunk[0].bytes_now, 5'000U);
    close_descriptors_of(file.path());
    EXPECT_EQ(shrunk_files().size(), 1U) << "by its path";
}

TEST(File, ThatShrankIsRefusedByAChildThatHasNotMappedIt) {
    const Folder folder;
    EarlierChild child([](const File& file) {
        const std::string text =
            thrown<std::runtime_error>([&] { static_cast<void>(file.bytes()); });
        return text == "file " + file.path() + ": shrank from 10000 bytes to 5000" ? 1 : 0;
    });
    const File file(folder.write("a", std::string(10'000, 'A')));
    std::filesystem::resize_file(file.path(), 5'000);
    EXPECT_EQ(child.ask(file), 1);
}

TEST(File, ThatShrankEndsItsReader) {
    const Folder folder;
    const File file(folder.write("a", std::string(10'000, 'A')));
    std::filesystem::resize_file(file.path(), 0);
    ChildProcess child([&] {
        signal(SIGBUS, SIG_DFL);  // sanitizers catch it
        return first_byte(file);
    });
    EXPECT_EQ(child.exit_code(), -SIGBUS);
}

TEST(File, IsNotReadBeyondItsEnd) {
    const Folder folder;
    const std::string whole_page(static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), 'A');
    const File file(folder.write("a", whole_page));
    const File next(folder.write("b", whole_page));
    ChildProcess child([&] {
        signal(SIGSEGV, SIG_DFL);
        const volatile std::byte* const end = file.bytes().data() + file.size();
        return static_cast<int>(*end);
    });
    EXPECT_EQ(child.exit_code(), -SIGSEGV) << "and not the byte of another file";
}

// ---- what cannot be opened

TEST(File, RefusesWhatIsNotThere) {
    const Folder folder;
    const auto open_it = [&] { const File file(folder.path("none")); };
    const std::string text = thrown<std::system_error>(open_it);
    EXPECT_SAYS(text, "file " + folder.path("none"));
    EXPECT_SAYS(text, "No such file");
    EXPECT_SAYS(thrown<std::system_error>([] { const File file(""); }), "No such file");
}

TEST(File, RefusesWhatIsNoRegularFile) {
    const Folder folder;
    const std::string pipe = folder.path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const auto says = [](const std::string& path) {
        return thrown<std::invalid_argument>([&] { const File file(path); });
    };
    EXPECT_SAYS(says(pipe), "file " + pipe + ": is a pipe") << "and nobody waits for its writer";
    EXPECT_SAYS(says(folder.path("")), "is a directory");
    EXPECT_SAYS(says("/dev/null"), "is a device");
}

TEST(File, RefusesWhatTheSystemMakesUp) {
    const std::string text =
        thrown<std::invalid_argument>([] { const File file("/proc/self/status"); });
    EXPECT_SAYS(text, "has no size");
    EXPECT_SAYS(text, "copy it");
    const std::string node = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (std::filesystem::exists(node)) {
        EXPECT_SAYS(thrown<std::system_error>([&] { const File file(node); }), "maps no files");
    }
}

TEST(File, RefusesAPathThatIsNone) {
    EXPECT_SAYS(thrown<std::invalid_argument>([] { const File file(std::string("/a\0b", 4)); }),
                "zero byte");
    EXPECT_SAYS(thrown<std::system_error>([] { const File file("/" + std::string(5000, 'a')); }),
                "too long");
}

TEST(File, RefusesWhatMayNotBeRead) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
    ASSERT_EQ(chmod(folder.path("").c_str(), 0755), 0);
    ChildProcess child([&] {
        if (geteuid() == 0 && seteuid(65534) != 0) {
            return 2;
        }
        const std::string text = thrown<std::system_error>([&] { const File file(path); });
        return text == "file " + path + ": cannot be opened to read: Permission denied" ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(File, NamesTheLimitWhereAddressesAreFew) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    ChildProcess child([&] {
        if (!testing::limit_addresses_to(std::size_t{480} << 20)) {
            return 2;
        }
        if (reserve_file_space()) {
            return 3;
        }
        const std::string text = thrown<std::system_error>([&] { const File file(path); });
        return text.find("ulimit -v") != std::string::npos ? 0 : 1;
    });
    if (content_of("/proc/self/status").find("asan") == std::string::npos) {
        EXPECT_EQ(child.exit_code(), 0);
    }
}

TEST(File, HasFourThousandBesideIt) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    ChildProcess child([&] {
        rlimit limit{};
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < 5000) {
            return 0;  // the system's own limit comes first
        }
        const std::vector<File> files(4096, File());
        std::vector<File> open;
        for (int i = 0; i < 4096; ++i) {
            open.emplace_back(path);
        }
        const std::string text = thrown<std::system_error>([&] { const File file(path); });
        if (text.find("4096 others") == std::string::npos) {
            return 1;
        }
        open.pop_back();
        return File(path).text() == "text" ? 0 : 3;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

}  // namespace
}  // namespace pinfold::shm
