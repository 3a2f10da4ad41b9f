#include <gtest/gtest.h>
#include <unistd.h>

#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/file.hpp>
#include <pinfold/shm/file_array.hpp>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "files/folder.hpp"

namespace pinfold::shm {
namespace {

using testing::Folder;
using testing::has_mapped;

struct Search {
    std::string word;
    File file;
    std::vector<FileArray<char>> outputs;
    FileView<char> letters;
};

std::vector<std::byte> written(const Search& search) {
    std::vector<std::byte> message(CrossingOf<Search>::write(search, {}));
    CrossingOf<Search>::write(search, message);
    return message;
}

TEST(FileCrossing, AMessageHasTheHandle) {
    const Folder folder;
    const File file(folder.write("a", "text"));
    const FileArray<char> out(folder.path("b"), 3);
    const std::vector<std::byte> message = written({"word", file, {out, out}, file.as<char>()});
    ChildProcess child([&] {
        const Search search = CrossingOf<Search>::read(message);
        search.outputs[1][2] = search.letters.span()[1];
        return search.word == "word" && search.file.text() == "text" ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(out[2], 'e');
}

TEST(FileCrossing, AReadHandleKeepsTheFileOpen) {
    const Folder folder;
    const std::string path = folder.write("a", "text");
    {
        Search kept;
        {
            const File file(path);
            kept = CrossingOf<Search>::read(written({"", file, {}, {}}));
        }
        EXPECT_EQ(kept.file.text(), "text");
    }
    EXPECT_FALSE(has_mapped(getpid(), path));
}

}  // namespace
}  // namespace pinfold::shm
