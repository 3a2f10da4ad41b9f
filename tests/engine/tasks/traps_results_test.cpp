// What cannot come back from a task: exceptions and results that have no way, and large ones.
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

class ResultTraps : public TaskTraps {};
PINFOLD_ON_WORKERS(ResultTraps);

/// No text alone makes another one of it. Python's pools hang on, or break at, such a class.
class NotEnough : public std::runtime_error {
  public:
    NotEnough(int has, int needs)
        : std::runtime_error(std::to_string(has) + " of " + std::to_string(needs)) {}
};

TEST_P(ResultTraps, AnExceptionThatCannotBeMadeAgainLeavesTypeAndText) {
    const auto future = pool.submit([](int has) -> int { throw NotEnough(has, 5); }, 3);
    const FailedTask failed = failure_of(future);
    EXPECT_NE(failed.exception_type.find("NotEnough"), std::string::npos);
    EXPECT_EQ(failed.exception_text, "3 of 5");
    EXPECT_EQ(failed.attempts, 1);
    expect_usable();
}

TEST_P(ResultTraps, NothingIsNestedThatIsNotWhatWasThrown) {
    const auto future = pool.submit([]() -> int { throw NotEnough(1, 2); });
    try {
        future.get();
        FAIL() << "it has a value";
    } catch (const TaskFailed& failed) {
        EXPECT_NO_THROW(std::rethrow_if_nested(failed));
    }
}

TEST_P(ResultTraps, WhatIsNoExceptionIsToldToo) {
    const FailedTask failed = failure_of(pool.submit([]() -> int { throw 7; }));
    EXPECT_EQ(failed.exception_type, "int");
    EXPECT_EQ(failed.exception_text, "7");
    expect_usable();
}

TEST_P(ResultTraps, AnExceptionThatIsCaughtTwiceIsTheSame) {
    const auto future = pool.submit([]() -> int { throw std::out_of_range("beyond"); });
    for (int i = 0; i < 2; ++i) {
        try {
            future.get();
            FAIL() << "it has a value";
        } catch (const TaskFailed& failed) {
            EXPECT_THROW(std::rethrow_if_nested(failed), std::out_of_range);
        }
    }
}

/// Can be written, and never read.
struct OneWay {
    std::string value;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(value);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(value);
        throw std::domain_error("cannot be read: " + value);
    }
};

TEST_P(ResultTraps, AResultThatCannotBeReadFailsItsFutureAlone) {
    const auto before = pool.arena()->used_bytes();
    {
        const auto other = pool.submit([] { return 5; });
        const auto future = pool.submit([] { return OneWay{"9"}; });
        const FailedTask failed = failure_of(future);
        EXPECT_EQ(failed.exception_type, "std::domain_error");
        EXPECT_EQ(failed.exception_text, "cannot be read: 9");
        EXPECT_EQ(failure_of(future).exception_text, "cannot be read: 9");
        EXPECT_EQ(other.get(), 5);
        expect_usable();
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_P(ResultTraps, AnArgumentThatCannotBeReadFailsItsTask) {
    const FailedTask failed =
        failure_of(pool.submit([](const OneWay& way) { return way.value.size(); }, OneWay{"4"}));
    EXPECT_EQ(failed.exception_text, "cannot be read: 4");
    expect_usable();
}

/// A result is longer than any pipe holds, and so are many at a time that nobody has read yet.
TEST_P(ResultTraps, LargeResultsNeedNoReader) {
    constexpr std::size_t length = std::size_t{1} << 20;
    const auto before = pool.arena()->used_bytes();
    {
        std::vector<Future<std::vector<std::uint64_t>>> futures;
        for (std::uint64_t i = 0; i < 8; ++i) {
            futures.push_back(pool.submit(
                [](std::uint64_t first) {
                    std::vector<std::uint64_t> numbers(length, first);
                    numbers.back() = first + 1;
                    return numbers;
                },
                i));
        }
        wait(futures);
        for (std::uint64_t i = 0; i < 8; ++i) {
            const std::vector<std::uint64_t>& numbers = futures[i].get();
            ASSERT_EQ(numbers.size(), length);
            EXPECT_EQ(numbers.front(), i);
            EXPECT_EQ(numbers.back(), i + 1);
        }
        futures.front() = {};
        EXPECT_EQ(std::move(futures.back()).get().size(), length);
    }
    EXPECT_TRUE(eventually([&] { return pool.arena()->used_bytes() == before; }));
}

TEST_P(ResultTraps, ALargeArgumentComesBack) {
    const std::string text(5'000'000, 'x');
    EXPECT_EQ(pool.submit([](const std::string& t) { return t + "y"; }, text).get(), text + "y");
}

TEST_P(ResultTraps, AResultThatFindsNoRoomFailsItsTask) {
    const auto future = pool.submit([] { return std::vector<char>(std::size_t{2} << 30, 'x'); });
    EXPECT_NE(failure_of(future).exception_text, "");
    expect_usable();
}

}  // namespace
}  // namespace pinfold::testing
