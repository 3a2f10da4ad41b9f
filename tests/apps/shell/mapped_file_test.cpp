#include "shell/mapped_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace pinfold::apps {
namespace {

namespace fs = std::filesystem;

class MappedFiles : public testing::Test {
  protected:
    MappedFiles() {
        std::string name = testing::TempDir() + "pinfold-mapped-XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~MappedFiles() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path file(const std::string& content) const {
        const fs::path path = folder_ / "file";
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    [[nodiscard]] const fs::path& folder() const { return folder_; }

  private:
    fs::path folder_;
};

std::string refusal(const std::string& path) {
    try {
        const MappedFile file(path);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "";
}

TEST_F(MappedFiles, ShowTheBytesOfAFile) {
    const std::string content = std::string("7\n\0 11", 6) + std::string(100'000, 'x');
    const MappedFile mapped(file(content));
    EXPECT_EQ(mapped.text(), content);
    EXPECT_EQ(mapped.name(), "'" + (folder() / "file").string() + "'");
    EXPECT_NO_THROW(mapped.check_unchanged());
}

TEST_F(MappedFiles, MayBeEmpty) {
    const MappedFile mapped(file(""));
    EXPECT_EQ(mapped.text(), "");
    EXPECT_NO_THROW(mapped.check_unchanged());
}

TEST_F(MappedFiles, MayBeAPipe) {
    const fs::path pipe = folder() / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const std::string content(1'000'000, 'x');
    std::thread writer([&] { std::ofstream(pipe) << content; });
    const MappedFile mapped(pipe);
    writer.join();
    EXPECT_EQ(mapped.text(), content);
    EXPECT_NO_THROW(mapped.check_unchanged());
}

TEST_F(MappedFiles, MayCallThemselvesEmptyAndBeNot) {
    const MappedFile mapped("/proc/self/status");
    EXPECT_TRUE(mapped.text().starts_with("Name:"));
}

TEST_F(MappedFiles, ThatCannotBeOpenedAreRefusedByName) {
    const std::string missing = folder() / "missing";
    EXPECT_EQ(refusal(missing), "cannot open '" + missing + "': No such file or directory");
    EXPECT_EQ(refusal(folder()), "'" + folder().string() + "' is a directory");
}

TEST_F(MappedFiles, ThatMayNotBeReadAreRefused) {
    if (geteuid() == 0) {
        GTEST_SKIP() << "root may read every file";
    }
    const fs::path path = file("7\n");
    fs::permissions(path, fs::perms::none);
    EXPECT_EQ(refusal(path), "cannot open '" + path.string() + "': Permission denied");
}

TEST_F(MappedFiles, ThatAreCutReadAsZerosAndSaySo) {
    constexpr std::size_t size = std::size_t{1} << 20;
    const fs::path path = file(std::string(size, 'x'));
    const MappedFile mapped(path);
    EXPECT_EQ(mapped.text().back(), 'x');
    fs::resize_file(path, 10);
    EXPECT_EQ(mapped.text()[0], 'x');
    EXPECT_FALSE(was_cut());
    EXPECT_EQ(mapped.text()[size / 2], '\0');
    EXPECT_EQ(mapped.text().back(), '\0');
    EXPECT_TRUE(was_cut());
    EXPECT_THROW(mapped.check_unchanged(), std::runtime_error);
}

TEST_F(MappedFiles, ThatChangeAreNoticed) {
    const fs::path path = file("7\n11\n");
    const MappedFile mapped(path);
    EXPECT_NO_THROW(mapped.check_unchanged());
    std::ofstream(path, std::ios::app) << "13\n";
    EXPECT_THROW(mapped.check_unchanged(), std::runtime_error);
}

TEST_F(MappedFiles, LeaveOtherBusErrorsFatal) {
    const MappedFile mapped(file("7\n"));
    EXPECT_EXIT(raise(SIGBUS), testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace pinfold::apps
