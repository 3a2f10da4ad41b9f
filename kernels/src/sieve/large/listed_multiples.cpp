#include "sieve/large/listed_multiples.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "arithmetic/number_range.hpp"
#include "sieve/large/large_prime_functions.hpp"

namespace pinfold::kernels {
namespace {

constexpr unsigned bits_log2 = ListedMultiples::segment_log2 + 3;
constexpr std::uint32_t bit_mask = (std::uint32_t{1} << bits_log2) - 1;

/// Two cache lines ahead: more lists are written side by side than a processor prefetches for.
constexpr std::uint32_t prefetch_distance = 32;

/// The lists of one slice while they are written.
class SliceLists {
  public:
    SliceLists(std::uint32_t* first, std::uint32_t capacity, std::size_t segments)
        : capacity_(capacity), lists_(segments) {
        for (std::size_t i = 0; i < segments; ++i) {
            lists_[i] = {first + i * capacity, 0};
        }
    }

    /// Takes bits counted from the super-range's first one. What finds no room is counted.
    void add(std::span<const std::uint32_t> bits) noexcept {
        // Copies, since for all the compiler knows a write to a list may change the members.
        List* const lists = lists_.data();
        const std::uint32_t capacity = capacity_;
        for (const std::uint32_t bit : bits) {
            List& list = lists[bit >> bits_log2];
            const std::uint32_t count = list.count++;
            std::uint32_t* const place = list.first + count;
            __builtin_prefetch(place + prefetch_distance, 1);
            if (count < capacity) {
                *place = bit & bit_mask;
            }
        }
    }

    void write_counts(std::uint32_t* counts) const noexcept {
        std::transform(lists_.begin(), lists_.end(), counts, [](const List& l) { return l.count; });
    }

  private:
    struct List {
        std::uint32_t* first;
        std::uint32_t count;
    };
    std::uint32_t capacity_;
    std::vector<List> lists_;
};

LargeRange range_of(const SuperRange& range) {
    const std::uint64_t first_byte = range.begin / 30;
    return {30 * first_byte, static_cast<std::uint64_t>((range.end - 1) / 30) + 1 - first_byte};
}

void check(const SuperRanges& plan, std::uint64_t number, std::size_t slice,
           std::span<const std::byte> sieving_primes, std::span<std::byte> memory) {
    if (number >= plan.count || slice >= SuperRanges::max_slices) {
        throw std::invalid_argument("slice " + std::to_string(slice) + " of super-range " +
                                    std::to_string(number) + " is out of range");
    }
    const std::size_t needed = plan.slice_begin[SuperRanges::max_slices];
    if (memory.size() < plan.bytes || sieving_primes.size() < needed) {
        throw std::invalid_argument("the multiples need " + std::to_string(plan.bytes) +
                                    " bytes, not " + std::to_string(memory.size()) + ", and " +
                                    std::to_string(needed) + " bytes of sieving primes, not " +
                                    std::to_string(sieving_primes.size()));
    }
}

/// How many places of lists lie before those of `slice`.
std::size_t places_before(const SuperRanges& plan, std::size_t slice) noexcept {
    std::size_t places = 0;
    for (std::size_t i = 0; i < slice; ++i) {
        places += std::size_t{plan.capacity[i]} * plan.segments;
    }
    return places;
}

}  // namespace

void find_large_multiples(const SuperRanges& plan, std::uint64_t number, std::size_t slice,
                          std::span<const std::byte> sieving_primes, std::span<std::byte> memory) {
    check(plan, number, slice, sieving_primes, memory);
    const LargePrimeFunctions& functions = large_prime_functions.active();
    const LargeRange range = range_of(super_range(plan, number));
    auto* const counts = reinterpret_cast<std::uint32_t*>(memory.data());
    std::uint32_t* const all_lists = counts + SuperRanges::max_slices * plan.segments;
    SliceLists lists(all_lists + places_before(plan, slice), plan.capacity[slice], plan.segments);
    const auto batch = std::make_unique_for_overwrite<LargeBatch>();
    std::array<std::uint32_t, large_batch_primes + 16> bits;
    const std::size_t last = plan.slice_begin[slice + 1];
    for (std::size_t byte = plan.slice_begin[slice]; byte < last; byte += large_batch_bytes) {
        const std::size_t size = std::min(large_batch_bytes, last - byte);
        functions.set_up(sieving_primes.subspan(byte, size), byte, range, *batch);
        while (batch->size != 0) {
            const std::size_t taken = functions.take_multiples(
                *batch, static_cast<std::uint32_t>(range.bytes), bits.data());
            lists.add({bits.data(), taken});
        }
    }
    lists.write_counts(counts + slice * plan.segments);
}

ListedMultiples::ListedMultiples(const SuperRanges& plan, std::uint64_t number,
                                 std::span<const std::byte> memory) noexcept
    : plan_(&plan),
      first_byte_(super_range(plan, number).begin / 30),
      counts_(reinterpret_cast<const std::uint32_t*>(memory.data())) {
    const std::uint32_t* list = counts_ + SuperRanges::max_slices * plan.segments;
    for (std::size_t slice = 0; slice < SuperRanges::max_slices; ++slice) {
        const std::uint32_t* const counts = counts_ + slice * plan.segments;
        lists_[slice] = list;
        complete_[slice] = std::all_of(counts, counts + plan.segments, [&](std::uint32_t count) {
            return count <= plan.capacity[slice];
        });
        list += std::size_t{plan.capacity[slice]} * plan.segments;
    }
}

std::vector<PrimeBytes> ListedMultiples::unlisted() const {
    std::vector<PrimeBytes> found;
    for (std::size_t slice = 0; slice < SuperRanges::max_slices; ++slice) {
        if (!complete_[slice]) {
            found.push_back({plan_->slice_begin[slice], plan_->slice_begin[slice + 1]});
        }
    }
    return found;
}

std::span<const std::uint32_t> ListedMultiples::list(std::size_t slice,
                                                     std::size_t segment) const noexcept {
    return {lists_[slice] + segment * plan_->capacity[slice],
            counts_[slice * plan_->segments + segment]};
}

namespace {

void clear(std::uint8_t* bytes, std::uint32_t place) noexcept {
    bytes[place >> 3] &= static_cast<std::uint8_t>(~(1U << (place & 7)));
}

/// The bits from `bits` on stand for the segment's from bit `first` on.
void clear_some(std::span<std::uint8_t> bits, std::uint32_t first,
                std::span<const std::uint32_t> places) noexcept {
    for (const std::uint32_t place : places) {
        if (place - first < 8 * bits.size()) {  // wraps where place is below first
            clear(bits.data(), place - first);
        }
    }
}

void clear_all(std::uint8_t* bytes, std::span<const std::uint32_t> places) noexcept {
    for (const std::uint32_t place : places) {
        clear(bytes, place);
    }
}

}  // namespace

void ListedMultiples::cross_off(std::uint64_t first_byte,
                                std::span<std::uint8_t> bits) const noexcept {
    std::uint64_t at = first_byte - first_byte_;
    while (!bits.empty()) {
        const std::uint64_t segment = at >> segment_log2;
        const std::uint64_t in_segment = at & (segment_bytes - 1);
        const std::size_t size = std::min<std::size_t>(bits.size(), segment_bytes - in_segment);
        for (std::size_t slice = 0; slice < SuperRanges::max_slices; ++slice) {
            if (!complete_[slice]) {
                continue;
            }
            if (size == segment_bytes) {
                clear_all(bits.data(), list(slice, segment));
            } else {
                clear_some(bits.first(size), static_cast<std::uint32_t>(8 * in_segment),
                           list(slice, segment));
            }
        }
        bits = bits.subspan(size);
        at += size;
    }
}

ListedMultiples listed_multiples_of(std::uint64_t begin, uint128 end, const SuperRanges& plan,
                                    std::span<const std::byte> memory) {
    if (begin < plan.begin || end > plan.end || plan.count == 0 || memory.size() < plan.bytes ||
        (begin - plan.begin) / plan.length !=
            static_cast<std::uint64_t>(end - 1 - plan.begin) / plan.length) {
        throw std::invalid_argument("the chunk [" + decimal(begin) + ", " + decimal(end) +
                                    ") does not lie in one super-range of " +
                                    std::to_string(plan.length) + " numbers from " +
                                    decimal(plan.begin) + " to " + decimal(plan.end) +
                                    ", whose lists need " + std::to_string(plan.bytes) +
                                    " bytes, not " + std::to_string(memory.size()));
    }
    return ListedMultiples(plan, (begin - plan.begin) / plan.length, memory);
}

}  // namespace pinfold::kernels
