#include <pinfold/shm/file_array.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <limits>
#include <new>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <system_error>

#include "child_process.hpp"
#include "files/folder.hpp"

namespace pinfold::shm {
namespace {

using testing::content_of;
using testing::Folder;
using testing::thrown;

std::size_t bytes_on_disk(const std::string& path) {
    struct stat status {};
    stat(path.c_str(), &status);
    return static_cast<std::size_t>(status.st_blocks) * 512;
}

TEST(FileArray, IsANewFileOfZeros) {
    const Folder folder;
    const std::string path = folder.path("a");
    {
        const FileArray<std::uint16_t> numbers(path, 3);
        EXPECT_EQ(numbers.size(), 3U);
        EXPECT_FALSE(numbers.empty());
        EXPECT_EQ(numbers.path(), path);
        EXPECT_EQ(std::vector(numbers.begin(), numbers.end()), std::vector<std::uint16_t>(3));
        numbers[1] = 0x4241;
        EXPECT_EQ(numbers.span()[1], 0x4241);
        EXPECT_EQ(content_of(path), std::string("\0\0AB\0\0", 6)) << "at once";
        numbers.sync();
    }
    EXPECT_EQ(content_of(path), std::string("\0\0AB\0\0", 6));
}

TEST(FileArray, KeepsWhatTheFileHas) {
    const Folder folder;
    const std::string path = folder.write("a", "abcdef");
    const FileArray<char> letters(path, 6);
    EXPECT_EQ(letters[5], 'f');
    letters[0] = 'A';
    EXPECT_EQ(content_of(path), "Abcdef");
}

TEST(FileArray, FillsAnEmptyFile) {
    const Folder folder;
    const FileArray<int> numbers(folder.write("a", ""), 10);
    EXPECT_EQ(std::filesystem::file_size(numbers.path()), 40U);
    EXPECT_EQ(numbers[9], 0);
}

TEST(FileArray, MayBeEmpty) {
    const Folder folder;
    const FileArray<int> none(folder.path("a"), 0);
    EXPECT_TRUE(none.empty());
    EXPECT_TRUE(none.span().empty());
    none.sync();
    EXPECT_EQ(std::filesystem::file_size(none.path()), 0U);
    const FileArray<int> nothing;
    EXPECT_TRUE(nothing.span().empty());
    nothing.sync();
}

TEST(FileArray, RefusesAFileOfAnotherSize) {
    const Folder folder;
    const std::string path = folder.write("a", "12345");
    const std::string text =
        thrown<std::invalid_argument>([&] { const FileArray<int> numbers(path, 2); });
    EXPECT_EQ(text, "file " + path + ": has 5 bytes, and an array of 2 elements of 4 bytes has 8");
    EXPECT_EQ(content_of(path), "12345");
    EXPECT_SAYS(thrown<std::invalid_argument>([&] { const FileArray<int> numbers(path, 0); }),
                "has 5 bytes");
}

TEST(FileArray, MakesRoomForAFileWithHoles) {
    const Folder folder;
    const std::string path = folder.write("a", "x");
    std::filesystem::resize_file(path, std::size_t{1} << 20);
    if (bytes_on_disk(path) >= std::size_t{1} << 20) {
        GTEST_SKIP() << "this file system has no holes";
    }
    const FileArray<char> letters(path, std::size_t{1} << 20);
    EXPECT_GE(bytes_on_disk(path), std::size_t{1} << 20);
    EXPECT_EQ(letters[0], 'x');
}

/// More bytes than the file system of the path has.
std::size_t too_much_for(const std::string& folder) {
    struct statvfs status {};
    statvfs(folder.c_str(), &status);
    return status.f_blocks * status.f_frsize + (std::size_t{1} << 20);
}

// In memory, where a file system says no before it takes anything.
TEST(FileArray, RefusesAFullDiskAndLeavesNothing) {
    if (access("/dev/shm", W_OK) != 0) {
        GTEST_SKIP() << "/dev/shm cannot be written to";
    }
    const Folder folder("/dev/shm");
    const std::size_t size = too_much_for("/dev/shm");
    const std::string path = folder.path("a");
    const std::string text =
        thrown<std::system_error>([&] { const FileArray<char> letters(path, size); });
    EXPECT_SAYS(text, "file " + path + ": cannot get room for " + std::to_string(size));
    EXPECT_SAYS(text, "No space left");
    EXPECT_FALSE(std::filesystem::exists(path)) << "what was made is gone";
    const std::string empty = folder.write("b", "");
    EXPECT_THROW(FileArray<char>(empty, size), std::system_error);
    EXPECT_EQ(std::filesystem::file_size(empty), 0U) << "and what was there is as it was";
}

// To the kernel this is a deadly signal.
TEST(FileArray, RefusesMoreThanTheFileSizeLimit) {
    const Folder folder;
    const std::string path = folder.path("a");
    ChildProcess child([&] {
        const rlimit small{1000, 1000};
        setrlimit(RLIMIT_FSIZE, &small);
        const std::string text =
            thrown<std::system_error>([&] { const FileArray<char> letters(path, 1001); });
        const bool names_both = text.find("1001 bytes") != std::string::npos &&
                                text.find("(ulimit -f) is 1000") != std::string::npos;
        return names_both && FileArray<char>(folder.path("b"), 1000).size() == 1000 ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FileArray, RefusesMoreThanANumberCounts) {
    const Folder folder;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    EXPECT_THROW(FileArray<int>(folder.path("a"), most / 2), std::invalid_argument);
    EXPECT_THROW(FileArray<char>(folder.path("a"), most), std::system_error);
    EXPECT_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST(FileArray, RefusesWhatIsNoFileToWriteTo) {
    const Folder folder;
    const auto says = [](const std::string& path) {
        try {
            const FileArray<char> letters(path, 4);
        } catch (const std::exception& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    };
    EXPECT_SAYS(says(folder.path("")), "is a directory");
    EXPECT_SAYS(says(folder.path("none/a")), "cannot be made: No such file");
    EXPECT_SAYS(says("/dev/null"), "is a device");
    const std::string path = folder.write("a", "text");
    chmod(path.c_str(), 0444);
    chmod(folder.path("").c_str(), 0755);
    ChildProcess child([&] {
        if (geteuid() == 0 && seteuid(65534) != 0) {
            return 2;
        }
        return says(path) == "file " + path + ": cannot be opened to write: Permission denied" ? 0
                                                                                               : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
}

TEST(FileArray, IsWrittenByChildren) {
    const Folder folder;
    const FileArray<int> numbers(folder.path("a"), 100'000);
    ChildProcess child([&] {
        numbers[99'999] = 7;
        return 0;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(numbers[99'999], 7);
    numbers.sync();
}

TEST(FileArray, OverlapsWhatShowsTheSameBytes) {
    const Folder folder;
    const std::string path = folder.path("a");
    const FileArray<char> one(path, 100);
    const FileArray<char> same(path, 100);
    const File read(path);
    const FileArray<char> other(folder.path("b"), 100);
    const auto bytes = [](const FileArray<char>& array, std::size_t from, std::size_t to) {
        return std::as_bytes(array.span().subspan(from, to - from));
    };
    EXPECT_TRUE(overlap_in_a_file(bytes(one, 0, 100), read.bytes()));
    EXPECT_TRUE(overlap_in_a_file(bytes(one, 0, 51), bytes(same, 50, 100)));
    EXPECT_FALSE(overlap_in_a_file(bytes(one, 0, 50), bytes(same, 50, 100)));
    EXPECT_FALSE(overlap_in_a_file(bytes(one, 0, 100), bytes(other, 0, 100)));
    EXPECT_EQ(path_of_file_at(&one[99]), path);
    EXPECT_EQ(path_of_file_at(&path), "");
    EXPECT_TRUE(is_file_handle(one.record()));
    EXPECT_FALSE(is_file_handle(&one[0]));
}

}  // namespace
}  // namespace pinfold::shm
