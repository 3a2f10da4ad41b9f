// Pages lie on the node of the worker that uses them, as the system tells by move_pages.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <numeric>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <set>

#include "machine_files.hpp"
#include "make_pool.hpp"
#include "meeting.hpp"
#include "page_nodes.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::PageNotes;
using Numbers = shm::Array<std::uint64_t>;

constexpr std::uint64_t chunks_of_a_worker = 8;
constexpr std::uint64_t grain = 32 * 512 + 104;  // 32 pages and a bit: borders lie within pages

/// What maps tell: they meet, so that each worker runs as many chunks as any other.
struct Watch {
    testing::Meeting* meeting;
    int* nodes_of_chunks;
    PageNotes in;
    PageNotes out;
};

/// Pages, and those of them that lie on the node of the worker that touched them, or on one that is
/// as near as any where that node has no memory.
struct Locality {
    std::size_t pages = 0;
    std::size_t local = 0;
    std::map<int, std::size_t> by_node{};
    std::map<int, std::set<int>> nearest{};

    void add(std::span<const std::byte> bytes, std::span<const int> touched_by) {
        const std::vector<int> lies_on = testing::nodes_of_pages(bytes);
        for (std::size_t i = 0; i < lies_on.size(); ++i) {
            ++pages;
            local += nearest_to(touched_by[i]).contains(lies_on[i]) ? 1U : 0U;
            ++by_node[lies_on[i]];
        }
    }

    const std::set<int>& nearest_to(int node) {
        const auto [place, is_new] = nearest.try_emplace(node);
        if (is_new) {
            place->second = testing::memory_nearest_to(node);
        }
        return place->second;
    }

    [[nodiscard]] std::string text() const {
        std::string all = std::to_string(local) + " of " + std::to_string(pages) + " are local;";
        for (const auto& [node, count] : by_node) {
            all += " " + std::to_string(count) + " on node " + std::to_string(node);
        }
        return all;
    }
};

class PagesOfAMachine : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::map<int, int> nodes = testing::nodes_of_cpus();
        for (const auto& [cpu, node] : nodes) {
            chunks_of_nodes_[node] += chunks_of_a_worker;
        }
        if (chunks_of_nodes_.size() < 2) {
            GTEST_SKIP() << "this machine has CPUs on one node alone";
        }
        testing::bar_core_files();
        pool_ = testing::make_pool(Crew::processes, static_cast<int>(nodes.size()), "cores");
        chunks_ = nodes.size() * chunks_of_a_worker;
        size_ = chunks_ * grain;
        in_ = pool_.array<std::uint64_t>(size_);
        std::iota(in_.begin(), in_.end(), 0);
        in_notes_ = pool_.array<int>(size_ / 512 + 1);
        out_notes_ = pool_.array<int>(size_ / 512 + 1);
        nodes_of_chunks_ = pool_.array<int>(chunks_);
        settings_.grain = grain;
    }

    [[nodiscard]] Watch watch() const { return watch(in_.data(), nullptr); }

    [[nodiscard]] Watch watch(const void* in, const void* out) const {
        return {meeting_.get(), nodes_of_chunks_.data(), PageNotes(in, in_notes_.span()),
                PageNotes(out, out_notes_.span())};
    }

    [[nodiscard]] std::uint64_t expected_sum() const { return size_ * (size_ - 1) / 2; }

    /// Whether each node's workers ran a part of the chunks in a row, as large as the node: then
    /// they took none of another's.
    [[nodiscard]] bool is_nothing_stolen() const {
        std::map<int, std::uint64_t> chunks;
        std::size_t parts = 1;
        for (std::size_t i = 0; i < chunks_; ++i) {
            ++chunks[nodes_of_chunks_[i]];
            parts += i > 0 && nodes_of_chunks_[i] != nodes_of_chunks_[i - 1] ? 1U : 0U;
        }
        return chunks == chunks_of_nodes_ && parts == chunks.size();
    }

    /// Runs `job` until nothing is stolen.
    void run(const std::function<JobReport()>& job) {
        for (int i = 0; i < 10; ++i) {
            meeting_->await(static_cast<std::uint32_t>(pool_.workers()));
            const JobReport report = job();
            ASSERT_EQ(report.chunks, chunks_);
            if (is_nothing_stolen()) {
                expect_told_as_local(report);
                return;
            }
        }
        FAIL() << "chunks are stolen each time";
    }

    /// Each node's workers and chunks stand in the report, all as local; the system took what the
    /// pool asked it for.
    void expect_told_as_local(const JobReport& report) const {
        std::map<int, std::uint64_t> local_chunks;
        for (const NodeReport& node : report.nodes) {
            EXPECT_EQ(node.remote_chunks, 0U) << "of node " << node.node;
            EXPECT_EQ(node.remote_bytes, 0U) << "of node " << node.node;
            EXPECT_EQ(node.local_bytes % (grain * sizeof(std::uint64_t)), 0U);
            EXPECT_GT(node.local_bytes, 0U);
            local_chunks[node.node] = node.local_chunks;
        }
        EXPECT_EQ(local_chunks, chunks_of_nodes_);
        EXPECT_GT(report.pages.asked_bytes, 0U);
        EXPECT_EQ(report.pages.placed_bytes, report.pages.asked_bytes);
        EXPECT_EQ(report.pages.refused, "");
    }

    /// Sums an array of the numbers from 0.
    template <typename In>
    void read_all(const In& in) {
        run([&] {
            const auto sum = map_reduce(
                pool_, in, watch(in.data(), nullptr),
                [](const Watch& watch, std::span<const std::uint64_t> part, const Chunk& chunk) {
                    watch.meeting->join();
                    watch.nodes_of_chunks[chunk.index] = testing::node_here();
                    watch.in.note(part);
                    return std::accumulate(part.begin(), part.end(), std::uint64_t{0});
                },
                std::plus<>{}, settings_);
            EXPECT_EQ(sum.value, expected_sum());
            return sum.report;
        });
    }

    /// Copies the numbers from 0 to an array.
    template <typename Out>
    void write_all(const Out& out) {
        run([&] {
            return transform_chunks(
                pool_, in_, out, watch(in_.data(), out.data()),
                [](const Watch& watch, std::span<const std::uint64_t> from,
                   std::span<std::uint64_t> to, const Chunk& chunk) {
                    watch.meeting->join();
                    watch.nodes_of_chunks[chunk.index] = testing::node_here();
                    watch.in.note(from);
                    watch.out.note(to);
                    std::ranges::copy(from, to.begin());
                },
                settings_);
        });
        EXPECT_TRUE(std::ranges::equal(in_, out));
    }

    testing::Shared<testing::Meeting> meeting_;
    Pool pool_ = testing::make_pool(Crew::serial, 1);
    std::map<int, std::uint64_t> chunks_of_nodes_;
    std::uint64_t chunks_ = 0;
    std::uint64_t size_ = 0;
    Numbers in_;
    shm::Array<int> in_notes_;
    shm::Array<int> out_notes_;
    shm::Array<int> nodes_of_chunks_;
    JobSettings settings_;
};

/// At least 95 of 100: a page at a border of two nodes' parts belongs to both.
void expect_local(const Locality& locality) {
    EXPECT_GE(locality.local * 100, locality.pages * 95) << locality.text();
}

TEST_F(PagesOfAMachine, ThatAreReadAreLocal) {
    read_all(in_);
    Locality locality;
    locality.add(std::as_bytes(in_.span()), in_notes_.span());
    expect_local(locality);
}

TEST_F(PagesOfAMachine, ThatAreReadAreLocalAfterWorkersWereReplaced) {
    auto starts = pool_.array<std::uint32_t>(2);
    JobOptions<int> options;
    options.grain = 1;
    const auto deaths = map_reduce(
        pool_, Range{0, 2}, starts.data(),
        [](std::uint32_t* const& count, const Chunk& chunk) {
            if (std::atomic_ref(count[chunk.index]).fetch_add(1) == 0) {
                raise(SIGKILL);
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(deaths.report.deaths, 2U);
    read_all(in_);
    Locality locality;
    locality.add(std::as_bytes(in_.span()), in_notes_.span());
    expect_local(locality);
}

TEST_F(PagesOfAMachine, ThatAreWrittenAreLocal) {
    const auto out = pool_.array<std::uint64_t>(size_);
    write_all(out);
    Locality locality;
    locality.add(std::as_bytes(in_.span()), in_notes_.span());
    locality.add(std::as_bytes(out.span()), out_notes_.span());
    expect_local(locality);
}

TEST_F(PagesOfAMachine, OfAFileInMemoryThatAreWrittenAreLocal) {
    const auto out = pool_.file_array<std::uint64_t>("/dev/shm/written", size_);
    write_all(out);
    Locality locality;
    locality.add(std::as_bytes(out.span()), out_notes_.span());
    expect_local(locality);
}

TEST_F(PagesOfAMachine, OfAFileOnADiskThatAreWrittenAndReadAgainAreLocal) {
    const std::string path = "/disk/written";
    {
        const auto out = pool_.file_array<std::uint64_t>(path, size_);
        write_all(out);
        Locality locality;
        locality.add(std::as_bytes(out.span()), out_notes_.span());
        expect_local(locality);
        out.sync();
    }
    ASSERT_TRUE(testing::order("/proc/sys/vm/drop_caches", "1"));
    const auto numbers = pool_.file(path).as<std::uint64_t>();
    read_all(numbers);
    Locality locality;
    locality.add(std::as_bytes(numbers.span()), in_notes_.span());
    expect_local(locality);
}

/// A result of many pages, which tells the node of its map.
struct LargeResult {
    std::uint64_t sum = 0;
    int node = 0;
    std::array<std::byte, 16 * testing::page_bytes> rest{};
};

TEST_F(PagesOfAMachine, OfResultsAreLocalToTheirMapsWhenTheyAreFolded) {
    Locality locality;
    run([&] {
        locality = {};
        const auto fold = [&](std::uint64_t& sum, const LargeResult& result) {
            const auto bytes = std::as_bytes(std::span(&result, 1));
            const std::vector<int> made_by(bytes.size() / testing::page_bytes + 2, result.node);
            locality.add(bytes, made_by);
            sum += result.sum;
        };
        const auto sum = map_fold(
            pool_, in_, watch(),
            [](const Watch& watch, std::span<const std::uint64_t> part, const Chunk& chunk) {
                watch.meeting->join();
                watch.nodes_of_chunks[chunk.index] = testing::node_here();
                return LargeResult{std::accumulate(part.begin(), part.end(), std::uint64_t{0}),
                                   testing::node_here()};
            },
            std::uint64_t{0}, fold, settings_);
        EXPECT_EQ(sum.value, expected_sum());
        return sum.report;
    });
    expect_local(locality);
}

}  // namespace
}  // namespace pinfold
