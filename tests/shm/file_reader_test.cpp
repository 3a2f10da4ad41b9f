#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <pinfold/shm/file_reader.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::shm {
namespace {

class ReadFile : public ::testing::Test {
  protected:
    ReadFile() { std::ofstream(path_) << "0123456789"; }
    ~ReadFile() override { std::filesystem::remove(path_); }

    std::string path_ = ::testing::TempDir() + "pinfold_read." + std::to_string(getpid());
};

TEST_F(ReadFile, GivesWhatIsAskedFor) {
    const FileReader file(path_, identify_file(path_));
    EXPECT_EQ(file.size(), 10U);
    std::array<char, 4> some{};
    file.read(3, some);
    EXPECT_EQ(std::string_view(some.data(), some.size()), "3456");
    file.read(6, some);
    EXPECT_EQ(some.back(), '9');
    file.read(10, {});
}

TEST_F(ReadFile, ThrowsWhereTheFileEnds) {
    const FileReader file(path_, identify_file(path_));
    std::filesystem::resize_file(path_, 5);
    std::array<char, 4> some{};
    file.read(1, some);
    try {
        file.read(3, some);
        FAIL() << "read";
    } catch (const std::runtime_error& e) {
        EXPECT_EQ(e.what(), "file " + path_ +
                                ": is not as it was: it had 10 bytes, and ends before byte 5 now");
    }
}

TEST_F(ReadFile, IsTheOneThatWasLookedAt) {
    const FileIdentity seen = identify_file(path_);
    std::ofstream(path_, std::ios::app) << "x";
    EXPECT_THROW(FileReader(path_, seen), std::runtime_error);
    EXPECT_NO_THROW(FileReader(path_, identify_file(path_)));
}

}  // namespace
}  // namespace pinfold::shm
