// Sums by integer keys, by what people build of oneTBB and OpenMP.

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "peers/keyed/keyed.hpp"
#include "peers/keyed/thread_tables.hpp"
#include "peers/keyed/timed_runner.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Sums = std::unordered_map<std::uint32_t, std::uint64_t>;
using SumTable = PartitionedTable<std::uint32_t, std::uint64_t>;
using SumPart = SumTable::Part;

constexpr std::size_t rows_a_chunk = 1 << 18;

template <typename Table>
[[nodiscard]] Digest digest_of_entries(const Table& table) {
    Digest digest;
    table.for_each([&](const auto& entry) { digest.add(entry.key, entry.value); });
    return digest;
}

[[nodiscard]] Digest digest_of_map(const Sums& sums) {
    Digest digest;
    for (const auto& [key, sum] : sums) {
        digest.add(key, sum);
    }
    return digest;
}

/// `f(rows)` for each chunk, by oneTBB.
template <typename F>
void for_rows_of_each_chunk(std::span<const Row> rows, F f) {
    using Indices = tbb::blocked_range<std::size_t>;
    tbb::parallel_for(Indices(0, rows.size(), rows_a_chunk),
                      [&](const Indices& part) { f(rows.subspan(part.begin(), part.size())); });
}

class RowsInTables final : public TimedRunner<TwoOfTbb, SumTable> {
  public:
    explicit RowsInTables(std::span<const Row> rows) : rows_(rows) {}

  private:
    SumTable solve() override {
        return in_arena([this] {
            ThreadTables<std::uint32_t, std::uint64_t> tables;
            for_rows_of_each_chunk(rows_, [&](std::span<const Row> rows) {
                SumTable& own = tables.local();
                for (const Row& row : rows) {
                    own(row.key) += row.value;
                }
            });
            return tables.merged([](std::uint64_t& into, std::uint64_t from) { into += from; });
        });
    }
    void check(const SumTable& sums) override {
        require(digest_of_entries(sums) == expected_sums(rows_), "rows in the tables of threads");
    }

    const std::span<const Row> rows_;
};

/// The rows of each partition, in blocks: a vector that grows would copy them again and again.
class RowsByPartition {
  public:
    void add(const Row& row) {
        std::vector<Block>& blocks = parts_[partition_of(hash_of(row.key))];
        if (blocks.empty() || blocks.back().size == rows_a_block) {
            blocks.push_back({std::make_unique_for_overwrite<Row[]>(rows_a_block), 0});
        }
        Block& last = blocks.back();
        last.rows[last.size++] = row;
    }

    template <typename F>
    void for_each(std::size_t partition, F f) const {
        for (const Block& block : parts_[partition]) {
            std::for_each_n(block.rows.get(), block.size, f);
        }
    }

  private:
    static constexpr std::size_t rows_a_block = 8192;
    struct Block {
        std::unique_ptr<Row[]> rows;
        std::size_t size;
    };

    std::array<std::vector<Block>, partitions> parts_;
};

class RowsPartitioned final : public TimedRunner<TwoOfTbb, SumTable> {
  public:
    explicit RowsPartitioned(std::span<const Row> rows) : rows_(rows) {}

  private:
    SumTable solve() override {
        return in_arena([this] {
            tbb::enumerable_thread_specific<RowsByPartition> owns;
            for_rows_of_each_chunk(rows_, [&](std::span<const Row> rows) {
                RowsByPartition& own = owns.local();
                for (const Row& row : rows) {
                    own.add(row);
                }
            });
            SumTable sums;
            tbb::parallel_for(std::size_t{0}, partitions, [&](std::size_t partition) {
                SumPart& part = sums.part(partition);
                for (const RowsByPartition& own : owns) {
                    own.for_each(partition, [&](const Row& row) {
                        part(row.key, hash_of(row.key)) += row.value;
                    });
                }
            });
            return sums;
        });
    }
    void check(const SumTable& sums) override {
        require(digest_of_entries(sums) == expected_sums(rows_), "rows by partition");
    }

    const std::span<const Row> rows_;
};

class RowsInMapsOfOpenMp final : public TimedRunner<TwoOfOpenMp, Sums> {
  public:
    explicit RowsInMapsOfOpenMp(std::span<const Row> rows) : rows_(rows) {}

  private:
    Sums solve() override {
        Sums sums;
#pragma omp parallel num_threads(2)
        {
            Sums own;
#pragma omp for schedule(dynamic, rows_a_chunk) nowait
            for (std::size_t i = 0; i < rows_.size(); ++i) {
                own[rows_[i].key] += rows_[i].value;
            }
#pragma omp critical
            {
                if (sums.empty()) {
                    sums.swap(own);
                }
                for (const auto& [key, sum] : own) {
                    sums[key] += sum;
                }
            }
        }
        return sums;
    }
    void check(const Sums& sums) override {
        require(digest_of_map(sums) == expected_sums(rows_),
                "rows in the maps of OpenMP's threads");
    }

    const std::span<const Row> rows_;
};

}  // namespace

const Digest& expected_sums(std::span<const Row> rows) {
    static std::map<const Row*, Digest> known;
    const auto [found, is_new] = known.try_emplace(rows.data());
    if (is_new) {
        Sums sums;
        for (const Row& row : rows) {
            sums[row.key] += row.value;
        }
        found->second = digest_of_map(sums);
    }
    return found->second;
}

MakeRunner rows_by(Keyed keyed, KeyedPeer peer) {
    switch (peer) {
        case KeyedPeer::tbb_tables:
            return [keyed] { return std::make_unique<RowsInTables>(rows_of(keyed)); };
        case KeyedPeer::tbb_partitioned:
            return [keyed] { return std::make_unique<RowsPartitioned>(rows_of(keyed)); };
        case KeyedPeer::openmp_maps:
            return [keyed] { return std::make_unique<RowsInMapsOfOpenMp>(rows_of(keyed)); };
        case KeyedPeer::tbb_hash_map:
        case KeyedPeer::tbb_combined:
            break;
    }
    return {};
}

}  // namespace bench
