#include <pinfold/shm/mapped_file.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <stdexcept>
#include <system_error>

#include "files/folder.hpp"

namespace pinfold::shm {
namespace {

using testing::Folder;
using testing::open_descriptors;
using testing::thrown;

std::string text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFile, ShowsTheBytesUntilItEnds) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    const int before = open_descriptors();
    MappedFile moved;
    EXPECT_TRUE(moved.bytes().empty());
    {
        MappedFile file(path);
        EXPECT_EQ(text_of(file), "text");
        EXPECT_EQ(open_descriptors(), before);
        moved = std::move(file);
    }
    EXPECT_EQ(text_of(moved), "text");
    const MappedFile last(std::move(moved));
    EXPECT_EQ(text_of(last), "text");
    EXPECT_TRUE(testing::has_mapped(getpid(), path));
}

TEST(MappedFile, IsUnmappedAtItsEnd) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    { const MappedFile file(path); }
    EXPECT_FALSE(testing::has_mapped(getpid(), path));
}

TEST(MappedFile, MayBeEmpty) {
    const Folder folder;
    EXPECT_TRUE(MappedFile(folder.write("a", "")).bytes().empty());
}

TEST(MappedFile, IsTheOneThatWasIdentified) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    const FileIdentity seen = identify_file(path);
    EXPECT_EQ(seen.bytes, 4U);
    EXPECT_EQ(text_of(MappedFile(path, seen)), "text");
    const auto says = [&] {
        return thrown<std::runtime_error>([&] { const MappedFile file(path, seen); });
    };
    std::ofstream(path, std::ios::app) << "!";
    EXPECT_SAYS(says(), "file " + path + ": is not as it was: it had 4 bytes, and has 5");
    std::filesystem::resize_file(path, 4);
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
    EXPECT_SAYS(says(), "it was written to");
    std::filesystem::rename(path, folder.path("b"));
    folder.write("a", "text");
    EXPECT_SAYS(says(), "another file has its name");
}

TEST(MappedFile, RefusesWhatCannotBeMapped) {
    const Folder folder;
    EXPECT_SAYS(
        thrown<std::system_error>([&] { static_cast<void>(identify_file(folder.path("none"))); }),
        "file " + folder.path("none"));
    EXPECT_SAYS(thrown<std::invalid_argument>([&] { const MappedFile file(folder.path("")); }),
                "is a directory");
    EXPECT_SAYS(thrown<std::invalid_argument>(
                    [] { static_cast<void>(identify_file("/proc/self/status")); }),
                "has no size");
    const std::string node = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (std::filesystem::exists(node)) {
        EXPECT_SAYS(thrown<std::system_error>([&] { const MappedFile file(node); }),
                    "maps no files");
    }
}

}  // namespace
}  // namespace pinfold::shm
