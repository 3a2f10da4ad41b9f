// Files as inputs, outputs and captures of jobs, on each crew.

#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "crews.hpp"
#include "files/folder.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::content_of;
using testing::Folder;
using testing::make_pool;
using testing::thrown;

constexpr std::size_t elements = 10'000;

std::string numbers_as_bytes() {
    std::vector<std::uint32_t> numbers(elements);
    std::iota(numbers.begin(), numbers.end(), 0U);
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof numbers[0]};
}

class Files : public ::testing::TestWithParam<Crew> {
  protected:
    [[nodiscard]] static Pool pool() { return make_pool(GetParam(), 2); }

    const Folder folder_;
};

TEST_P(Files, AreInputsOfChunks) {
    Pool pool = this->pool();
    const shm::File file = pool.file(folder_.write("a", std::string(elements, 'x')));
    const auto count_x = [](std::span<const std::byte> bytes) {
        return std::count(bytes.begin(), bytes.end(), std::byte{'x'});
    };
    EXPECT_EQ(map_reduce(pool, file, count_x, std::plus<>{}, {.grain = 100}).value, elements);
    const auto count_letters = [](std::span<const char> letters, const Chunk& chunk) {
        return letters.size() == chunk.size() ? std::count(letters.begin(), letters.end(), 'x') : 0;
    };
    EXPECT_EQ(map_reduce(pool, file.as<char>(), count_letters, std::plus<>{}).value, elements);
}

TEST_P(Files, AreInputsOfElements) {
    Pool pool = this->pool();
    const auto numbers = pool.file(folder_.write("a", numbers_as_bytes())).as<std::uint32_t>();
    EXPECT_EQ(reduce(pool, numbers, std::uint32_t{0}).value, testing::sum_below(elements));
    EXPECT_EQ(count_if(pool, numbers, [](std::uint32_t x) { return x % 2 == 0; }).value,
              elements / 2);
    const auto best = max_element(pool, numbers, [](std::uint32_t x) { return x ^ 1U; }).value;
    ASSERT_TRUE(best);
    EXPECT_EQ(best->at, elements - 2);
}

TEST_P(Files, OfNothingHaveNoChunks) {
    Pool pool = this->pool();
    const shm::File file = pool.file(folder_.write("a", ""));
    const auto count = [](std::span<const std::byte> bytes) { return bytes.size(); };
    EXPECT_EQ(map_reduce(pool, file, count, std::plus<>{}).value, 0U);
    const auto empty = pool.file_array<int>(folder_.path("b"), 0);
    transform(pool, file, empty, [](std::byte b) { return static_cast<int>(b); });
    EXPECT_EQ(map_reduce(pool, shm::File(), count, std::plus<>{}).value, 0U);
}

TEST_P(Files, AreOutputs) {
    Pool pool = this->pool();
    const auto squares = pool.file_array<std::uint64_t>(folder_.path("a"), elements);
    transform(pool, Range{0, elements}, squares, [](auto k) { return k * k; }, {.grain = 64});
    EXPECT_EQ(squares[elements - 1], (elements - 1) * (elements - 1));
    const auto halves = pool.file_array<double>(folder_.path("b"), elements);
    transform_chunks(pool, squares, halves,
                     [](std::span<const std::uint64_t> from, std::span<double> to) {
                         for (std::size_t i = 0; i < to.size(); ++i) {
                             to[i] = static_cast<double>(from[i]) / 2;
                         }
                     });
    EXPECT_EQ(halves[3], 4.5);
    const auto in_arena = pool.array<double>(elements);
    transform(pool, halves, in_arena, [](double x) { return x + 1; });
    EXPECT_EQ(in_arena[3], 5.5);
    transform(pool, in_arena, halves, [](double x) { return -x; });
    EXPECT_EQ(halves[3], -5.5);
    halves.sync();
}

TEST_P(Files, MayBeginAnywhereInARange) {
    Pool pool = this->pool();
    const auto out = pool.file_array<std::uint64_t>(folder_.path("a"), 10);
    transform(pool, Range{100, 110}, out, [](auto k) { return k; });
    EXPECT_EQ(out[0], 100U);
    EXPECT_EQ(out[9], 109U);
}

TEST_P(Files, AreCaptured) {
    Pool pool = this->pool();
    const shm::File file = pool.file(folder_.write("a", "abc"));
    const auto out = pool.file_array<char>(folder_.path("b"), 3);
    const auto numbers = pool.array<int>(3);
    for_each(pool, Range{0, 3}, [file, out, numbers, add = 1](auto k) {
        out[k] = static_cast<char>(file.text()[k] + add);
        numbers[k] = 1;
    });
    EXPECT_EQ(content_of(out.path()), "bcd");
    EXPECT_EQ(numbers[2], 1);
}

struct Job {
    shm::File file;
    std::size_t at = 0;
};

TEST_P(Files, AreInJobs) {
    Pool pool = this->pool();
    const Job job{pool.file(folder_.write("a", "abc")), 2};
    const auto map = [](const Job& j, const Chunk&) { return j.file.text()[j.at]; };
    EXPECT_EQ(map_reduce(pool, Range{0, 1}, job, map, [](char, char b) { return b; }).value, 'c');
}

/// A functor that crosses as a message, since it has a string.
struct CountWord {
    std::string word;
    shm::File file;

    std::size_t operator()(const Chunk&) const {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = file.text().find(word, at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    }
};

TEST_P(Files, AreInWhatCrossesAsAMessage) {
    Pool pool = this->pool();
    const CountWord map{"two", pool.file(folder_.write("a", "one two three two"))};
    EXPECT_EQ(map_reduce(pool, Range{0, 8}, map, std::plus<>{}, {.grain = 1}).value, 16U);
}

TEST_P(Files, AreReadByManyJobs) {
    Pool pool = this->pool();
    for (int i = 0; i < 50; ++i) {
        const std::string text(static_cast<std::size_t>(i) + 1, 'x');
        const shm::File file = pool.file(folder_.write(std::to_string(i), text));
        EXPECT_EQ(count_if(pool, file, [](std::byte b) { return b == std::byte{'x'}; }).value,
                  text.size());
    }
}

TEST_P(Files, AreSeenByEachPoolOfTheProgram) {
    std::optional<Pool> first(pool());
    Pool second = pool();
    const shm::File file = first->file(folder_.write("a", "xxx"));
    const auto is_x = [](char c) { return c == 'x'; };
    const auto letters = file.as<char>();
    EXPECT_EQ(count_if(*first, letters, is_x).value, 3U);
    EXPECT_EQ(count_if(second, letters, is_x).value, 3U);
    const auto captures = [file](auto) { return file.size(); };
    EXPECT_EQ(transform_reduce(second, Range{0, 2}, std::size_t{0}, std::plus<>{}, captures).value,
              6U);
    first.reset();
    EXPECT_EQ(count_if(second, letters, is_x).value, 3U) << "the first pool is gone";
    Pool third = pool();
    EXPECT_EQ(count_if(third, letters, is_x).value, 3U);
    Pool moved = std::move(third);
    EXPECT_EQ(count_if(moved, moved.file(file.path()).as<char>(), is_x).value, 3U);
    EXPECT_THROW(static_cast<void>(third.file(file.path())), std::logic_error);
}

TEST_P(Files, OutliveTheirPool) {
    std::optional<Pool> pool(this->pool());
    const auto numbers = pool->file_array<int>(folder_.path("a"), 10);
    transform(*pool, Range{0, 10}, numbers, [](auto k) { return static_cast<int>(k); });
    pool.reset();
    EXPECT_EQ(numbers[9], 9);
    numbers.sync();
}

TEST_P(Files, MayBeOpenedByAMapForItself) {
    Pool pool = this->pool();
    const auto names = pool.array(folder_.write("a", "text"));
    const auto size = [names](auto) {
        return shm::File(std::string(names.begin(), names.end())).text().size();
    };
    EXPECT_EQ(transform_reduce(pool, Range{0, 4}, std::size_t{0}, std::plus<>{}, size, {.grain = 1})
                  .value,
              16U);
}

// ---- what is refused

TEST_P(Files, AreNotInputAndOutputAtOnce) {
    Pool pool = this->pool();
    const std::string path = folder_.write("a", "text");
    const auto array = pool.file_array<char>(path, 4);
    const auto copies = [](char c) { return c; };
    const auto says = [&](const auto& in, const auto& out) {
        return thrown<std::invalid_argument>([&] { transform(pool, in, out, copies); });
    };
    EXPECT_SAYS(says(array, array), "overlaps");
    EXPECT_SAYS(says(pool.file(path).as<char>(), array), "overlaps");
    EXPECT_SAYS(says(array, pool.file_array<char>(path, 4)), "overlaps");
    EXPECT_SAYS(says(array, pool.file_array<char>(folder_.path("b"), 5)), "5");
}

TEST_P(Files, AreNamedWhereTheirSpanIsGiven) {
    Pool pool = this->pool();
    const shm::File file = pool.file(folder_.write("a", "text"));
    const std::span<const std::byte> bytes = file.bytes();
    const auto one = [](std::span<const std::byte>) { return 1; };
    std::string text =
        thrown<std::invalid_argument>([&] { map_reduce(pool, bytes, one, std::plus<>{}); });
    EXPECT_SAYS(text, "the input lies in the file " + file.path());
    EXPECT_SAYS(text, "File itself");
    const auto captures = [bytes](auto) { return bytes.size(); };
    text = thrown<std::invalid_argument>([&] {
        transform_reduce(pool, Range{0, 1}, std::size_t{0}, std::plus<>{}, captures);
    });
    EXPECT_SAYS(text, "the function holds a pointer into the file " + file.path());
    EXPECT_SAYS(text, "capture the File itself");
}

TEST_P(Files, AreRefusedByName) {
    Pool pool = this->pool();
    EXPECT_SAYS(thrown<std::system_error>([&] { static_cast<void>(pool.file("/none/a")); }),
                "file /none/a: cannot be opened to read: No such file");
    EXPECT_SAYS(thrown<std::invalid_argument>([&] {
                    static_cast<void>(pool.file_array<int>(folder_.write("a", "text"), 2));
                }),
                "has 4 bytes");
}

INSTANTIATE_TEST_SUITE_P(Crews, Files, ::testing::ValuesIn(testing::all_crews),
                         [](const ::testing::TestParamInfo<Crew>& crew) {
                             return std::string(to_string(crew.param));
                         });

}  // namespace
}  // namespace pinfold
