// Many files as one input.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>
#include <pinfold/pinfold.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "files/folder.hpp"
#include "inputs/cut_oracle.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Folder {
  public:
    /// Writes a file of each text, and returns their paths.
    [[nodiscard]] std::vector<std::string> files(const std::vector<std::string>& texts) const {
        std::vector<std::string> paths;
        for (const std::string& text : texts) {
            paths.push_back(write(std::to_string(paths.size()), text));
        }
        return paths;
    }
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class FilesInput : public testing::OnEachCrew {
  protected:
    Folder folder;
};

/// What a call throws, whatever that is.
template <typename Call>
std::string refusal(const Call& call) {
    return testing::refusal<std::exception>(call);
}

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return hash;
}

/// Tells sequences of texts apart, and is joined in order.
struct Sequence {
    std::uint64_t power = 1;
    std::uint64_t value = 0;

    friend Sequence operator+(Sequence a, Sequence b) {
        return {a.power * b.power, a.value * b.power + b.value};
    }
};
Sequence one(std::string_view text) {
    return {1099511628211U, hash_of(text)};
}

TEST_P(FilesInput, AreElements) {
    const auto files = pool.files(folder.files({"one", "", "three", "four4"}));
    EXPECT_EQ(files.size(), 4U);
    EXPECT_EQ(files.bytes(), 13U);
    const auto sizes = pool.array<std::uint64_t>(4);
    for (const std::uint64_t grain : {0U, 1U, 3U}) {
        transform(pool, files, sizes, [](const InputFile& file) { return file.text().size(); },
                  {.grain = grain});
        EXPECT_EQ(std::vector(sizes.begin(), sizes.end()),
                  (std::vector<std::uint64_t>{3, 0, 5, 5}));
    }
    const auto letters = map_reduce(
        pool, files,
        [](const FilesSpan& mine) {
            std::uint64_t sum = 0;
            for (const InputFile& file : mine) {
                sum += file.bytes().size();
            }
            return sum;
        },
        std::plus<>{});
    EXPECT_EQ(letters.value, 13U);
    const auto largest = max_element(pool, files, [](const auto& file) { return file.size(); });
    EXPECT_EQ(largest.value->at, 2U);
    EXPECT_EQ(files[2].text(), "three");
    EXPECT_EQ(files[2].path(), folder.path("2"));
}

TEST_P(FilesInput, HaveNoLineThatGoesOnInTheNextFile) {
    const auto files = pool.files(folder.files({"one\ntwo", "three", "", "\n", "x\r\n\r\ny\n"}));
    Sequence expected;
    for (const std::string_view line : {"one", "two", "three", "", "x", "", "y"}) {
        expected = expected + one(line);
    }
    for (const std::uint64_t grain : {0U, 1U, 2U, 5U, 100U}) {
        const auto seen =
            transform_reduce(pool, Lines(files), Sequence{}, std::plus<>{}, one, {.grain = grain});
        EXPECT_EQ(seen.value.value, expected.value) << "grain " << grain;
    }
}

TEST_P(FilesInput, TellWhichFileAPieceIsOf) {
    std::vector<std::string> texts;
    for (int i = 0; i < 50; ++i) {
        texts.push_back(std::string(static_cast<std::size_t>(i), ' ') + std::to_string(i) + " " +
                        std::to_string(i));
    }
    const auto files = pool.files(folder.files(texts));
    const auto seen = pool.array<std::uint32_t>(50);
    for (const std::uint64_t grain : {1U, 7U, 1000U}) {
        std::ranges::fill(seen, 0U);
        // A file may be of several chunks, which the workers run side by side.
        for_each_chunk(pool, Words(files),
                       [seen](const ChunkWords& words) {
                           for (auto word = words.begin(); word != words.end(); ++word) {
                               const TextPlace place = word.place();
                               const bool is_right = std::to_string(place.file) == *word &&
                                                     words.place_of(*word) == place &&
                                                     place.offset >= place.file;
                               std::atomic_ref(seen[place.file]).fetch_add(is_right ? 1 : 100);
                           }
                       },
                       {.grain = grain});
        EXPECT_EQ(std::ranges::count(seen, 2U), 50) << "grain " << grain;
    }
}

TEST_P(FilesInput, MakeAResultOfAFileThatCannotBeRead) {
    const std::string good = folder.write("good", "text");
    const auto files = pool.files({good, folder.path("missing"), folder.path("."), good});
    EXPECT_EQ(files[0].error(), "");
    EXPECT_TRUE(holds(std::string(files[1].error()), "missing: cannot be opened to read"));
    EXPECT_TRUE(holds(std::string(files[2].error()), "is a directory"));
    const auto outcome = [](const InputFile& file) {
        try {
            return static_cast<int>(file.text().size());
        } catch (const std::system_error& e) {
            return -e.code().value();
        } catch (const std::invalid_argument&) {
            return -1000;
        }
    };
    const auto outcomes = pool.array<int>(4);
    transform(pool, files, outcomes, outcome);
    EXPECT_EQ(std::vector(outcomes.begin(), outcomes.end()),
              (std::vector<int>{4, -ENOENT, -1000, 4}));

    const auto any = [](std::string_view) { return true; };
    const std::string refused = refusal([&] { count_if(pool, Lines(files), any); });
    EXPECT_TRUE(holds(refused, "of 4 files 2 cannot be read: file ")) << refused;
    EXPECT_TRUE(holds(refused, "missing: cannot be opened to read")) << refused;
    const Files readable = files.readable(pool.arena());
    EXPECT_EQ(count_if(pool, Lines(readable), any).value, 2U);
}

TEST_P(FilesInput, AreNotOthersWhenTheyAreOpened) {
    const auto any = [](std::string_view) { return true; };
    const std::string path = folder.write("file", "some\ntext\n");
    const auto files = pool.files({path});
    const auto why = [&] { return refusal([&] { count_if(pool, Lines(files), any); }); };
    EXPECT_EQ(why(), "accepted");

    std::ofstream(path, std::ios::app) << "more";
    EXPECT_TRUE(holds(why(), "file: is not as it was: it had 10 bytes, and has 14")) << why();
    fs::resize_file(path, 3);
    EXPECT_TRUE(holds(why(), "it had 10 bytes, and has 3")) << why();
    fs::rename(folder.write("other", "some\ntext\n"), path);
    EXPECT_TRUE(holds(why(), "another file has its name")) << why();
    fs::remove(path);
    EXPECT_TRUE(holds(why(), "cannot be opened to read")) << why();
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_TRUE(holds(why(), "is a pipe")) << why();
}

TEST_P(FilesInput, MayShrinkUnderAJob) {
    const std::string path = folder.write("large", std::string(100'000, 'x') + "\n");
    const auto paths = pool.strings({path});
    const auto files = pool.files({path});
    const auto shrink = [paths](const ChunkWords&, const Chunk& chunk) {
        const fs::path large(paths[0]);
        if (chunk.index == 0) {
            fs::resize_file(large, 10);
        }
        while (fs::file_size(large) > 10) {  // else others could be through before
            std::this_thread::yield();
        }
        return 0;
    };
    const std::string why =
        refusal([&] { map_reduce(pool, Words(files), shrink, std::plus<>{}, {.grain = 100}); });
    EXPECT_TRUE(holds(why, path + ": is not as it was: it had 100001 bytes, and ")) << why;
    const auto any = [](auto) { return true; };
    EXPECT_EQ(count_if(pool, Range{0, 10}, any).value, 10U);  // the pool works on
}

TEST_P(FilesInput, AreHundredsWithoutADescriptorEach) {
    std::vector<std::string> paths;
    for (int i = 0; i < 300; ++i) {
        paths.push_back(folder.write(std::to_string(i), std::to_string(i) + "\n"));
    }
    const std::size_t before = testing::Leftovers().descriptors;
    const auto files = pool.files(paths);
    EXPECT_EQ(testing::Leftovers().descriptors, before);
    const auto number = [](std::string_view line) { return std::stoull(std::string(line)); };
    EXPECT_EQ(
        transform_reduce(pool, Lines(files), 0ULL, std::plus<>{}, number, {.grain = 100}).value,
        testing::sum_below(300));
}

TEST_P(FilesInput, MayBeRelative) {
    folder.write("here", "text");
    const fs::path before = fs::current_path();
    fs::current_path(folder.path("."));
    const auto files = pool.files(std::list<fs::path>{"here"});
    fs::current_path(before);
    EXPECT_EQ(transform_reduce(pool, files, std::size_t{0}, std::plus<>{},
                               [](const InputFile& file) { return file.text().size(); })
                  .value,
              4U);
}

TEST_P(FilesInput, MayBeNoneAndMayBeEmpty) {
    const auto any = [](const auto&) { return true; };
    EXPECT_EQ(count_if(pool, pool.files({}), any).value, 0U);
    EXPECT_EQ(count_if(pool, Lines(pool.files({})), any).value, 0U);
    EXPECT_EQ(count_if(pool, Files(), any).value, 0U);
    const auto empties = pool.files(folder.files({"", "", ""}));
    EXPECT_EQ(count_if(pool, Lines(empties), any).value, 0U);
    EXPECT_EQ(count_if(pool, empties, any).value, 3U);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, FilesInput, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST(Files, AskForTheTextOfAFileOnce) {
    const Folder folder;
    Pool pool({.crew = Crew::serial});
    const auto files = pool.files(folder.files({"once"}));
    const InputFile file = files[0];
    const std::string_view text = file.text();
    fs::remove(folder.path("0"));
    EXPECT_EQ(file.text().data(), text.data());
    EXPECT_EQ(text, "once");
}

TEST(Files, KeepNothingInTheArena) {
    const Folder folder;
    Pool pool({.crew = Crew::serial});
    const std::size_t before = pool.arena()->used_bytes();
    {
        const Files files = pool.files(folder.files({"a", "b"}));
        const Files copy = files;
        EXPECT_GT(pool.arena()->used_bytes(), before);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

// cuts_test has the same of any text; this is of what is read from files.
TEST(Files, GiveEachRecordOnceAtAnyGrain) {
    std::mt19937 random(1);
    std::vector<std::string> texts(40);
    for (std::string& text : texts) {
        const std::size_t size = random() % 40;
        while (text.size() < size) {
            text += "aab\n"[random() % 4];
        }
    }
    const Folder folder;
    Pool pool({.crew = Crew::serial});
    const auto files = pool.files(folder.files(texts));
    for (const std::string delimiter : {"a", "aa", "aba", "\n", "baab"}) {
        Sequence expected;
        for (const std::string& text : texts) {
            for (const std::string& record : testing::records_of(text, delimiter)) {
                expected = expected + one(record);
            }
        }
        for (const std::uint64_t grain : {1U, 3U, 10U, 100U}) {
            const auto seen = transform_reduce(pool, Records(files, delimiter), Sequence{},
                                               std::plus<>{}, one, {.grain = grain});
            EXPECT_EQ(seen.value.value, expected.value) << delimiter << ", grain " << grain;
        }
    }
}

}  // namespace
}  // namespace pinfold
