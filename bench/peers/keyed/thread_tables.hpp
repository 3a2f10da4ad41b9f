#pragma once

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "peers/keyed/flat_table.hpp"

namespace bench {

/// A flat table for each partition of the keys.
template <typename Key, typename Value>
class PartitionedTable {
  public:
    using Part = FlatTable<Key, Value>;

    Value& operator()(const Key& key) {
        const std::uint64_t hash = hash_of(key);
        return parts_[partition_of(hash)](key, hash);
    }

    [[nodiscard]] Part& part(std::size_t index) { return parts_[index]; }
    [[nodiscard]] const Part& part(std::size_t index) const { return parts_[index]; }

    template <typename F>
    void for_each(F f) const {
        for (const Part& part : parts_) {
            part.for_each(f);
        }
    }

  private:
    std::array<Part, partitions> parts_;
};

/// A table of its own for each thread of oneTBB that asks for one.
template <typename Key, typename Value>
class ThreadTables {
  public:
    using Table = PartitionedTable<Key, Value>;

    [[nodiscard]] Table& local() { return tables_.local(); }

    /// All of them in one; `merge(into, from)` joins two values of a key. Threads take partitions.
    template <typename Merge>
    [[nodiscard]] Table merged(Merge merge) {
        std::vector<Table*> all;
        for (Table& table : tables_) {
            all.push_back(&table);
        }
        tbb::parallel_for(std::size_t{0}, partitions, [&](std::size_t index) {
            for (std::size_t other = 1; other < all.size(); ++other) {
                auto& into = all[0]->part(index);
                all[other]->part(index).for_each([&](const auto& entry) {
                    merge(into.by_tag(entry.key, entry.tag), entry.value);
                });
            }
        });
        return std::move(*all[0]);
    }

  private:
    tbb::enumerable_thread_specific<Table> tables_;
};

}  // namespace bench
