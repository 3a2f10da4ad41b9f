// external_sort beside the standard's sort, of files that the pool's memory has no room for.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "program.hpp"

namespace pinfold::apps {
namespace {

namespace fs = std::filesystem;

using Numbers = std::vector<std::uint64_t>;

class ExternalSort : public ::testing::Test {
  protected:
    ExternalSort() {
        std::string pattern = fs::temp_directory_path() / "external_sort_XXXXXX";
        here_ = mkdtemp(pattern.data());
    }
    ~ExternalSort() override { fs::remove_all(here_); }

    [[nodiscard]] Program::Outcome sort(const Numbers& numbers, std::size_t run) const {
        std::ofstream(here_ / "from", std::ios::binary)
            .write(reinterpret_cast<const char*>(numbers.data()),
                   static_cast<std::streamsize>(numbers.size() * sizeof(std::uint64_t)));
        return outcome_of(PINFOLD_EXAMPLES "/example_external_sort",
                          {here_ / "from", here_ / "to", std::to_string(run)});
    }

    [[nodiscard]] Numbers sorted() const {
        Numbers numbers(fs::file_size(here_ / "to") / sizeof(std::uint64_t));
        std::ifstream(here_ / "to", std::ios::binary)
            .read(reinterpret_cast<char*>(numbers.data()),
                  static_cast<std::streamsize>(numbers.size() * sizeof(std::uint64_t)));
        return numbers;
    }

    fs::path here_;
};

TEST_F(ExternalSort, SortsAFileThatIsLargerThanTheArena) {
    Numbers numbers(3'000'000);  // 24 MB; the arena has 16 MiB and four runs
    std::mt19937_64 random(19);
    std::generate(numbers.begin(), numbers.end(), [&] { return random(); });
    const Program::Outcome outcome = sort(numbers, 100'000);
    EXPECT_EQ(outcome.output, "3000000 numbers in 30 runs\n") << outcome.error;
    std::sort(numbers.begin(), numbers.end());
    EXPECT_TRUE(sorted() == numbers);
    EXPECT_EQ(std::distance(fs::directory_iterator(here_), fs::directory_iterator()), 2);
}

TEST_F(ExternalSort, SortsNumbersThatAreMostlyTheSame) {
    Numbers numbers(200'000, 7);
    for (std::size_t i = 0; i < numbers.size(); i += 1000) {
        numbers[i] = numbers.size() - i;
    }
    const Program::Outcome outcome = sort(numbers, 70'001);
    EXPECT_EQ(outcome.output, "200000 numbers in 3 runs\n") << outcome.error;
    std::sort(numbers.begin(), numbers.end());
    EXPECT_TRUE(sorted() == numbers);
}

TEST_F(ExternalSort, SortsOneNumber) {
    EXPECT_EQ(sort({5}, 10).output, "1 numbers in 1 runs\n");
    EXPECT_EQ(sorted(), Numbers{5});
}

}  // namespace
}  // namespace pinfold::apps
