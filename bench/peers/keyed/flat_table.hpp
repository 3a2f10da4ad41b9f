#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Into how many partitions the peers divide their keys.
inline constexpr std::size_t partitions = 64;

/// A hash whose bits [26, 32) name the partition, and whose upper half the place in a table.
[[nodiscard]] inline std::uint64_t hash_of(std::uint32_t key) {
    return key * 0x9e3779b97f4a7c15U;
}
[[nodiscard]] inline std::uint64_t hash_of(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}
[[nodiscard]] inline std::size_t partition_of(std::uint64_t hash) {
    return (hash >> 26U) % partitions;
}

/// A hash table as one writes it by hand: linear probing in one array, at most half full, with
/// half of the hash beside each key.
template <typename Key, typename Value>
class FlatTable {
  public:
    struct Entry {
        Key key;
        std::uint32_t tag = 0;  ///< of the hash; 0 for no entry
        Value value{};
    };

    explicit FlatTable(std::size_t expected = 0)
        : entries_(std::max<std::size_t>(16, std::bit_ceil(2 * expected))) {}

    /// The key's value, a new one for a new key.
    Value& operator()(const Key& key, std::uint64_t hash) { return by_tag(key, tag_of(hash)); }

    Value& by_tag(const Key& key, std::uint32_t tag) {
        Entry* entry = &place(key, tag);
        if (entry->tag == 0) {
            if (++size_ * 2 > entries_.size()) {
                grow();
                entry = &place(key, tag);
            }
            entry->key = key;
            entry->tag = tag;
        }
        return entry->value;
    }

    [[nodiscard]] std::size_t size() const { return size_; }

    template <typename F>
    void for_each(F f) const {
        for (const Entry& entry : entries_) {
            if (entry.tag != 0) {
                f(entry);
            }
        }
    }

  private:
    [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>(hash >> 32U) | 1U;
    }

    [[nodiscard]] Entry& place(const Key& key, std::uint32_t tag) {
        const std::size_t mask = entries_.size() - 1;
        std::size_t at = (tag >> 1U) & mask;
        while (entries_[at].tag != 0 && !(entries_[at].tag == tag && entries_[at].key == key)) {
            at = (at + 1) & mask;
        }
        return entries_[at];
    }

    void grow() {
        std::vector<Entry> old(2 * entries_.size());
        old.swap(entries_);
        for (Entry& entry : old) {
            if (entry.tag != 0) {
                place(entry.key, entry.tag) = std::move(entry);
            }
        }
    }

    std::vector<Entry> entries_;
    std::size_t size_ = 0;
};

}  // namespace bench
