// What the options of an array ask for its pages, on the machine at hand, which may have one node:
// a refusal is counted, and costs no value. Emulated machines show where the pages lie.

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/numa.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "make_pool.hpp"
#include "process_tree.hpp"
#include "refused_call.hpp"

namespace pinfold {
namespace {

using testing::make_pool;

constexpr std::size_t numbers = std::size_t{1} << 18;  // 2 MiB of them

/// The report of a job that counts the zeros of an array.
JobReport count_zeros(Pool& pool, const shm::Array<double>& values) {
    const auto result = map_reduce(
        pool, values,
        [](std::span<const double> part) {
            std::uint64_t zeros = 0;
            for (const double value : part) {
                zeros += value == 0 ? 1 : 0;
            }
            return zeros;
        },
        std::plus<>{});
    EXPECT_EQ(result.value, values.size());
    return result.report;
}

TEST(ArrayPages, AreZeroesWhateverIsAsked) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = make_pool(crew, 2);
        for (const Pages pages :
             {Pages::spread, Pages::interleaved, Pages::first_touch, Pages::on_node(0)}) {
            for (const bool huge_pages : {false, true}) {
                const auto values =
                    pool.array<double>(numbers, {.pages = pages, .huge_pages = huge_pages});
                EXPECT_EQ(count_zeros(pool, values).nodes.size(), 0U) << "of one node";
                values[numbers - 1] = 1;  // what the next array must not see
            }
        }
    }
}

TEST(ArrayPages, AskForNothingByDefaultOnOneNode) {
    Pool pool = make_pool(Crew::processes, 2);
    const auto values = pool.array<double>(numbers);
    const auto read_anywhere = pool.array<double>(numbers, {.pages = Pages::interleaved});
    EXPECT_EQ(count_zeros(pool, values).pages.asked_bytes, 0U);
    EXPECT_EQ(count_zeros(pool, read_anywhere).pages.asked_bytes, 0U);
}

// A kernel without NUMA and a container without the right refuse: then the report says why.
TEST(ArrayPages, OnANodeAreCountedAsPlacedOrRefused) {
    Pool pool = make_pool(Crew::threads, 2);
    const auto values = pool.array<double>(numbers, {.pages = Pages::on_node(0)});
    const PagesReport pages = count_zeros(pool, values).pages;
    EXPECT_EQ(pages.asked_bytes, numbers * sizeof(double));
    if (pages.refused.empty()) {
        EXPECT_EQ(pages.placed_bytes, pages.asked_bytes);
        if (const auto by_node = shm::pages_by_node(values.data(), numbers * sizeof(double))) {
            ASSERT_EQ(by_node->size(), 1U);
            EXPECT_EQ(by_node->front().node, 0);
        }
    } else {
        EXPECT_EQ(pages.placed_bytes, 0U);
    }
}

/// What a job's report says of pages for a node, in a process that may not ask for any.
std::string pages_where_mbind_is_refused(int error) {
    return testing::told_by_host([error](const testing::HostProcess::Tell& tell) {
        testing::refuse_call(SYS_mbind, error);
        Pool pool = make_pool(Crew::processes, 2);
        const auto values = pool.array<double>(numbers, {.pages = Pages::on_node(0)});
        const PagesReport pages = count_zeros(pool, values).pages;
        tell(std::to_string(pages.placed_bytes) + " of " + std::to_string(pages.asked_bytes) +
             " bytes: " + pages.refused);
    });
}

TEST(ArrayPages, AreUsedWhereTheyLieInAContainerThatRefusesToPlaceThem) {
    for (const int error : {EPERM, ENOSYS}) {
        const std::string told = pages_where_mbind_is_refused(error);
        EXPECT_EQ(told.find("0 of 2097152 bytes: "), 0U) << told;
        EXPECT_NE(told.find(std::generic_category().message(error)), std::string::npos) << told;
    }
}

TEST(ArrayPages, RefuseANodeThatTheMachineDoesNotHave) {
    Pool pool = make_pool(Crew::serial, 1);
    EXPECT_THROW(static_cast<void>(pool.array<double>(10, {.pages = Pages::on_node(1000)})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(pool.array<double>(10, {.pages = Pages::on_node(-1)})),
                 std::invalid_argument);
}

TEST(ArrayPages, OfCopiesAreAskedForToo) {
    Pool pool = make_pool(Crew::serial, 1);
    const std::vector<double> ones(numbers, 1.0);
    const auto copies = pool.array(ones, {.pages = Pages::on_node(0)});
    EXPECT_EQ(copies[numbers - 1], 1);
    EXPECT_EQ(count_zeros(pool, pool.array<double>(10)).pages.asked_bytes,
              numbers * sizeof(double));
}

}  // namespace
}  // namespace pinfold
