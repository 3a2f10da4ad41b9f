#include "jobs/primality/primality_job.hpp"

#include <flint/ulong_extras.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "shell/mapped_file.hpp"

namespace pinfold::apps {
namespace {

namespace fs = std::filesystem;

using Numbers = std::vector<std::uint64_t>;

template <NumberSource Source>
Numbers numbers_of(const Source& source, const ChunkPlan& plan) {
    Numbers all;
    std::array<std::uint64_t, 100> batch;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        auto reader = source.reader(plan[i]);
        while (const std::size_t size = reader.read(batch)) {
            all.insert(all.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(size));
        }
    }
    return all;
}

/// Checks each answer of a job, and its count, by FLINT.
template <NumberSource Source>
void expect_right(const Source& source, const ChunkPlan& plan, const PrimalityResult& result) {
    std::uint64_t primes = 0;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const Numbers numbers = numbers_of(source, ChunkPlan(plan[i], plan.grain()));
        const std::uint8_t* const bits = result.bits.bytes.data() + result.bits.first_byte[i];
        for (std::size_t n = 0; n < numbers.size(); ++n) {
            const bool is_prime = n_is_prime(numbers[n]) != 0;
            primes += is_prime ? 1 : 0;
            EXPECT_EQ((bits[n / 8] >> (n % 8) & 1) != 0, is_prime) << numbers[n];
        }
    }
    EXPECT_EQ(result.primes, primes);
}

struct Workers {
    Crew crew;
    int number;
};

class PrimalityJobs : public testing::TestWithParam<Workers> {
  protected:
    [[nodiscard]] static PoolOptions pool_options() {
        return {.crew = GetParam().crew, .workers = GetParam().number, .pin = "none"};
    }
};

/// A text where workers see it.
class SharedText {
  public:
    SharedText(Pool& pool, const std::string& text) : characters_(pool.array(text)) {}
    [[nodiscard]] std::string_view text() const { return {characters_.data(), characters_.size()}; }

  private:
    shm::Array<char> characters_;
};

TEST_P(PrimalityJobs, AnswerForRandomNumbers) {
    Pool pool(pool_options());
    const RandomNumbers numbers{1, 0, two_to_64};
    for (const std::uint64_t grain : {100U, 1024U, 2001U, 50'000U}) {
        const ChunkPlan plan({0, 20'000}, grain);
        const auto result = test_numbers(pool, numbers, plan, Wanted::answers, {});
        expect_right(numbers, plan, result);
        EXPECT_EQ(test_numbers(pool, numbers, plan, Wanted::count, {}).primes, result.primes);
    }
}

TEST_P(PrimalityJobs, AnswerForListedNumbers) {
    Pool pool(pool_options());
    const auto list = pool.array<std::uint64_t>(3000);
    for (std::size_t i = 0; i < list.size(); ++i) {
        list[i] = i < 1500 ? i : 0 - i;
    }
    const ListedNumbers numbers{list.span()};
    for (const std::uint64_t grain : {1U, 7U, 3000U}) {
        const ChunkPlan plan({0, list.size()}, grain);
        expect_right(numbers, plan, test_numbers(pool, numbers, plan, Wanted::answers, {}));
    }
}

TEST_P(PrimalityJobs, AnswerForTheLinesOfAText) {
    std::string text;
    for (std::uint64_t n = 0; n < 10'000; ++n) {
        text += std::to_string(n % 3 == 0 ? n : n * n * n * n + 1) + (n % 5 == 0 ? "\r\n\n" : "\n");
    }
    Pool pool(pool_options());
    const SharedText shared(pool, text);
    for (const std::uint64_t grain : {5U, 4096U, 1'000'000U}) {
        const ChunkPlan plan({0, text.size()}, grain);
        const LineSurvey survey = survey_lines(pool, {shared.text()}, plan, {});
        EXPECT_EQ(survey.numbers, 10'000U);
        EXPECT_FALSE(survey.flaw.has_value());
        const NumbersOfLines numbers{{shared.text()}, survey.counts.span()};
        expect_right(numbers, plan, test_numbers(pool, numbers, plan, Wanted::answers, {}));
    }
}

TEST_P(PrimalityJobs, NameTheFirstFlawedLineWhoeverFindsIt) {
    std::string text;
    for (int line = 1; line <= 1000; ++line) {
        text += line == 400 || line == 401 || line == 900 ? "x\n" : line % 7 == 0 ? "\n" : "97\n";
    }
    Pool pool(pool_options());
    const SharedText shared(pool, text);
    for (const std::uint64_t grain : {1U, 3U, 100U, 4096U}) {
        const auto flaw =
            survey_lines(pool, {shared.text()}, ChunkPlan({0, text.size()}, grain), {}).flaw;
        ASSERT_TRUE(flaw.has_value());
        EXPECT_EQ(flaw->line, 400U);
        EXPECT_EQ(flaw->begin, text.find('x'));
    }
}

TEST_P(PrimalityJobs, OfNothingHaveNoPrimes) {
    Pool pool(pool_options());
    const ChunkPlan plan({0, 0}, 1);
    const auto result =
        test_numbers(pool, RandomNumbers{1, 2, 1}, plan, Wanted::answers, JobSettings{});
    EXPECT_EQ(result.primes, 0U);
    EXPECT_FALSE(survey_lines(pool, {""}, plan, {}).flaw.has_value());
}

TEST_P(PrimalityJobs, RefuseATextThatChangedSinceItsSurvey) {
    const std::string text = "97\n89\n83\n";
    const PoolOptions options = pool_options();
    const ChunkPlan plan({0, text.size()}, 3);
    Pool pool(options);
    const auto counts = pool.array<std::uint64_t>(plan.size());
    const SharedText shared(pool, text);
    const NumbersOfLines numbers{{shared.text()}, counts.span()};
    EXPECT_THROW((void)test_numbers(pool, numbers, plan, Wanted::answers, {}), std::runtime_error);
    std::ranges::fill(counts, 2);
    EXPECT_THROW((void)test_numbers(pool, numbers, plan, Wanted::answers, {}), std::runtime_error);
}

TEST_P(PrimalityJobs, RefuseAFileThatIsCutWhileItIsRead) {
    const fs::path path = testing::TempDir() + "pinfold-cut-" + std::to_string(getpid());
    {
        std::ofstream out(path);
        for (int line = 0; line < 100'000; ++line) {
            out << "97\n";
        }
    }
    const MappedFile file(path);
    PoolOptions options = pool_options();
    if (options.crew == Crew::processes) {
        options.initializer = [&file] { file.watch_for_cuts(); };
    }
    Pool pool(options);
    const ChunkPlan plan({0, file.text().size()}, 10'000);
    const NumberText text{.text = file.text(), .was_cut = was_cut};
    const LineSurvey survey = survey_lines(pool, text, plan, {});
    EXPECT_EQ(survey.numbers, 100'000U);
    fs::resize_file(path, 20'000);
    const NumbersOfLines numbers{text, survey.counts.span()};
    EXPECT_THROW((void)test_numbers(pool, numbers, plan, Wanted::count, {}), std::runtime_error);
    EXPECT_THROW(file.check_unchanged(), std::runtime_error);
    fs::remove(path);
}

INSTANTIATE_TEST_SUITE_P(, PrimalityJobs,
                         testing::Values(Workers{Crew::serial, 1}, Workers{Crew::threads, 2},
                                         Workers{Crew::processes, 1}, Workers{Crew::processes, 2},
                                         Workers{Crew::processes, 7}),
                         [](const auto& workers) {
                             return std::string(to_string(workers.param.crew)) +
                                    std::to_string(workers.param.number);
                         });

TEST(RandomNumbers, DependOnTheSeedAndTheirIndexAlone) {
    const RandomNumbers numbers{42, 1000, 1'000'000};
    const Numbers whole = numbers_of(numbers, ChunkPlan({0, 1000}, 1000));
    EXPECT_EQ(numbers_of(numbers, ChunkPlan({0, 1000}, 7)), whole);
    EXPECT_EQ(numbers[999], whole[999]);
    EXPECT_NE(numbers_of(RandomNumbers{43, 1000, 1'000'000}, ChunkPlan({0, 1000}, 7)), whole);
}

TEST(RandomNumbers, StayInTheirRange) {
    const uint128 everything = two_to_64;
    for (const RandomNumbers numbers : {RandomNumbers{1, 5, 1},
                                        {2, 0, 3},
                                        {3, 7, (uint128{1} << 63) + 1},
                                        {4, 0, everything},
                                        {5, 1, everything - 1},
                                        {6, 0 - std::uint64_t{10}, 10}}) {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            EXPECT_TRUE(uint128{numbers[i]} - numbers.from < numbers.width);
        }
    }
}

// Widths that 2^64 is far from a multiple of: without the repeated draws, some third of the range
// would come half as often as the rest.
TEST(RandomNumbers, AreUniform) {
    constexpr uint128 third = two_to_64 / 4;
    const RandomNumbers numbers{1, 0, third * 3};
    std::map<int, int> hits;
    constexpr int draws = 30'000;
    for (std::uint64_t i = 0; i < draws; ++i) {
        ++hits[static_cast<int>(numbers[i] / third)];
    }
    for (const auto& [part, number] : hits) {
        EXPECT_NEAR(number, draws / 3, 500) << part;  // six standard deviations
    }
}

}  // namespace
}  // namespace pinfold::apps
