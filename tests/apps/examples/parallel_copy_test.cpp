// parallel_copy where copies go wrong: what has a copy's name is complete, and what is not is gone,
// or is called .part.

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "engine/leftovers.hpp"
#include "program.hpp"

namespace pinfold::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t mib = std::size_t{1} << 20;

class ParallelCopy : public ::testing::Test {
  protected:
    ParallelCopy() {
        std::string pattern = fs::temp_directory_path() / "parallel_copy_XXXXXX";
        here_ = mkdtemp(pattern.data());
        to_ = here_ / "to";
        fs::create_directory(here_ / "from");
        fs::create_directory(to_);
    }
    ~ParallelCopy() override {
        umount(to_.c_str());
        fs::remove_all(here_);
    }

    /// A file of so many bytes, none of which is zero, behind a hole of so many.
    std::string file(const std::string& name, std::size_t bytes, std::size_t hole = 0) {
        fs::path path = here_ / "from" / name;
        std::ofstream stream(path);
        stream.seekp(static_cast<std::streamoff>(hole));
        stream << std::string(bytes, 'x');
        return path.string();
    }

    Program::Outcome copy(
        std::vector<std::string> files, const std::function<void()>& prepare = [] {}) {
        files.push_back(to_);
        return outcome_of(PINFOLD_EXAMPLES "/example_parallel_copy", files, prepare);
    }

    [[nodiscard]] std::set<std::string> copies() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(to_)) {
            names.insert(entry.path().filename());
        }
        return names;
    }

    static std::string content(const fs::path& path) {
        std::ifstream stream(path);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    fs::path here_;
    fs::path to_;
};

using Names = std::set<std::string>;

TEST_F(ParallelCopy, CopiesEmptyFilesAndHoles) {
    const std::string empty = file("empty", 0);
    const std::string sparse = file("sparse", 5, 8 * mib);
    EXPECT_EQ(copy({empty, sparse}).status, 0);
    EXPECT_EQ(copies(), (Names{"empty", "sparse"}));
    EXPECT_EQ(content(to_ / "empty"), "");
    EXPECT_EQ(content(to_ / "sparse"), std::string(8 * mib, '\0') + "xxxxx");
}

TEST_F(ParallelCopy, LeavesAFileThatIsThereAlreadyAsItIs) {
    const std::string source = file("a", 1000);
    const Program::Outcome outcome =
        outcome_of(PINFOLD_EXAMPLES "/example_parallel_copy", {source, here_ / "from"});
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(content(source), std::string(1000, 'x'));
    EXPECT_EQ(std::distance(fs::directory_iterator(here_ / "from"), {}), 1);
}

TEST_F(ParallelCopy, TellsWhichFileIsNotThereOrCannotBeRead) {
    const std::string a = file("a", 1000);
    EXPECT_EQ(copy({a, here_ / "nowhere"}).error,
              "parallel_copy: " + (here_ / "nowhere").string() + ": No such file or directory\n");
    EXPECT_NE(copy({"/proc/self/mem"}).error.find("parallel_copy: /proc/self/mem: "),
              std::string::npos);
    EXPECT_NE(copy({here_ / "from"}).error.find("/from: "), std::string::npos);
    for (const std::string& name : copies()) {
        EXPECT_EQ(name, "a");
    }
}

TEST_F(ParallelCopy, RefusesTwoFilesOfOneName) {
    const std::string a = file("a", 1000);
    const Program::Outcome outcome = copy({a, a});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.error, "parallel_copy: two files would be " + (to_ / "a").string() + '\n');
    EXPECT_EQ(copies(), Names{});
}

TEST_F(ParallelCopy, LeavesNothingHalfOnAFullDisk) {
    if (mount("parallel_copy_test", to_.c_str(), "tmpfs", 0, "size=4m") != 0) {
        GTEST_SKIP() << "needs the right to mount a file system";
    }
    const std::string small = file("small", mib / 2);
    const std::string large = file("large", 8 * mib);
    const Program::Outcome outcome = copy({small, large});
    EXPECT_EQ(outcome.status, 1);
    // The disk may be full of the large one's parts when the small one's are written.
    const auto no_room_for = [](const std::string& name) {
        return "parallel_copy: " + name + ": No space left on device\n";
    };
    EXPECT_TRUE(outcome.error == no_room_for(large) || outcome.error == no_room_for(small))
        << outcome.error;
    for (const std::string& name : copies()) {
        EXPECT_EQ(name, "small");
        EXPECT_EQ(fs::file_size(to_ / name), mib / 2);
    }
}

TEST_F(ParallelCopy, LeavesNothingHalfBeyondALimitOfFiles) {
    // A worker dies of it, by a signal, each time that the task is tried.
    const Program::Outcome outcome = copy({file("large", 1, 20 * mib)}, [] {
        const rlimit limit{10 * mib, 10 * mib};
        setrlimit(RLIMIT_FSIZE, &limit);
    });
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("File size limit exceeded"), std::string::npos) << outcome.error;
    EXPECT_EQ(copies(), Names{});
}

TEST_F(ParallelCopy, NamesWhatIsNotCompleteWhenCtrlCEndsIt) {
    const std::string large = file("large", 1, 256 * mib);
    Program program(PINFOLD_EXAMPLES "/example_parallel_copy", {large, to_});
    EXPECT_TRUE(testing::eventually([&] { return !copies().empty(); }));
    program.signal_group(SIGINT);
    program.finish();
    for (const std::string& name : copies()) {
        EXPECT_TRUE(name == "cp.part" || name == "large.part" ||
                    (name == "large" && fs::file_size(to_ / name) == 256 * mib + 1))
            << name;
    }
}

TEST_F(ParallelCopy, LeavesNothingHalfOfAFileThatShrinksMeanwhile) {
    const std::string large = file("large", 1, 256 * mib);
    std::jthread shrinking([&] {
        EXPECT_TRUE(testing::eventually([&] { return !copies().empty(); }));
        fs::resize_file(large, mib);
    });
    const Program::Outcome outcome = copy({large});
    // It is told, or was shrunk before it was read or after.
    EXPECT_EQ(outcome.status, outcome.error.empty() ? 0 : 1) << outcome.error;
    for (const std::string& name : copies()) {
        EXPECT_EQ(name, "large");
    }
}

}  // namespace
}  // namespace pinfold::apps
