// Huge pages for shared memory, which most machines do not allow: here the test allows them.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>

#include "machine_files.hpp"
#include "make_pool.hpp"

namespace pinfold {
namespace {

constexpr std::size_t numbers = std::size_t{4} << 20;  // 32 MiB: 16 huge pages
constexpr std::size_t numbers_of_a_page = 512;
constexpr std::size_t small_pages = numbers / numbers_of_a_page;

const std::filesystem::path who_has_huge_pages =
    "/sys/kernel/mm/transparent_hugepage/shmem_enabled";

class HugePagesOfAMachine : public ::testing::Test {
  protected:
    void TearDown() override { testing::order(who_has_huge_pages, "never"); }
};

std::uint64_t page_faults_here() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<std::uint64_t>(used.ru_minflt);
}

/// The page faults of a worker process that uses each page of an array for the first time.
std::uint64_t faults_of_a_first_use(const ArrayOptions& options) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto array = pool.array<std::uint64_t>(numbers, options);
    JobOptions<std::uint64_t> one_chunk;
    one_chunk.grain = numbers;
    return map_reduce(
               pool, array,
               [](std::span<const std::uint64_t> all) {
                   const std::uint64_t before = page_faults_here();
                   std::uint64_t not_zero = 0;
                   for (std::size_t i = 0; i < all.size(); i += numbers_of_a_page) {
                       not_zero += all[i];
                   }
                   return page_faults_here() - before + not_zero;
               },
               std::plus<>{}, one_chunk)
        .value;
}

TEST_F(HugePagesOfAMachine, SpareAWorkerMostFaultsOfAFirstUse) {
    ASSERT_TRUE(testing::order(who_has_huge_pages, "advise"));
    const std::uint64_t small = faults_of_a_first_use({});
    const std::uint64_t huge = faults_of_a_first_use({.huge_pages = true});
    std::printf("page faults: %ju by small pages, %ju by huge ones\n", std::uintmax_t{small},
                std::uintmax_t{huge});
    EXPECT_GE(small, small_pages / 16);  // Linux maps 16 neighbours at a time
    EXPECT_LE(huge, small_pages / 512 + 8);
}

TEST_F(HugePagesOfAMachine, AreNotThereUnlessTheSystemAllowsThem) {
    EXPECT_GE(faults_of_a_first_use({.huge_pages = true}), small_pages / 16);
}

}  // namespace
}  // namespace pinfold
