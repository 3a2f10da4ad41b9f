// A block's way: found by the allocator, checked against the budget, brought into memory, cleared.
//
// Blocks below `large_bytes` lie in pages that stay once they are there: they are cleared by hand,
// and the system is asked for memory only when the allocator reaches a page for the first time.
// Larger ones get fresh pages each time: discarding a page is the cheapest way to clear it, and
// gives the memory back while nobody needs it. They are discarded at both ends of their life: at
// the end to return the memory, at the start since the allocator has kept its lists in free blocks
// meanwhile.
//
// The allocator is Boost.Interprocess's best fit, without its mutexes and with plain pointers: only
// the making process allocates, under a mutex of its own memory, so no death can leave it locked.
// The sizes of blocks are kept outside, where no worker can write.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <boost/interprocess/indexes/null_index.hpp>
#include <boost/interprocess/managed_external_buffer.hpp>
#include <boost/interprocess/mem_algo/rbtree_best_fit.hpp>
#include <boost/interprocess/sync/mutex_family.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/numa.hpp>
#include <pinfold/shm/parties/known_memory.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <pinfold/shm/shareable.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "heap/heap_impl.hpp"
#include "mapping.hpp"
#include "pages.hpp"

namespace pinfold::shm {
namespace {

namespace bi = boost::interprocess;
using Allocator =
    bi::basic_managed_external_buffer<char, bi::rbtree_best_fit<bi::null_mutex_family, void*>,
                                      bi::null_index>;
using Bytes = std::span<std::byte>;

// From here on, a block gets fresh pages. They cost ten times as much as clearing old ones
// (measured: 0.8 ms/MiB against 0.06), so smaller blocks keep theirs; what that holds back stays
// bounded by what was once in use.
constexpr std::size_t large_bytes = std::size_t{1} << 20;

// The step in which memory for small blocks is brought in, about 20 µs each. An arena's first block
// is brought in alone: a pool that runs no job needs no more.
constexpr std::size_t small_step_bytes = std::size_t{64} << 10;

// What is brought in at a time, and without a look at the budget, which costs up to about 0.1 ms:
// it may read a dozen small files.
using detail::slice_bytes;
using detail::unasked_bytes;

constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

// The allocator's headers, so that a block of all the bytes that were asked for fits.
constexpr std::size_t allocator_bytes = std::size_t{64} << 10;

// A heap has that much at least: a slab for each of a few parties.
constexpr std::size_t least_heap_bytes = std::size_t{1} << 20;

[[noreturn]] void refuse(std::size_t wanted, std::size_t left, const std::string& by) {
    throw std::system_error(ENOMEM, std::generic_category(),
                            "the arena cannot give " + std::to_string(wanted) + " bytes: " + by +
                                " leaves " + std::to_string(left));
}

/// The sum, or the largest size, which no system has.
std::size_t add(std::size_t a, std::size_t b) noexcept {
    return a + std::min(b, static_cast<std::size_t>(-1) - a);
}

/// An arena's own blocks, and its heap's region behind them.
struct Reservation {
    explicit Reservation(const ArenaOptions& options);

    Mapping mapping;
    Bytes own;
    Bytes heap;
};

Mapping reserve(const ArenaOptions& options) {
    if (options.bytes == 0) {
        return Mapping::as_large_as_memory(options.heap_parties == 0 ? 1 : 2);
    }
    const std::size_t own = add(options.bytes, allocator_bytes);
    if (options.heap_parties == 0 || own > PTRDIFF_MAX) {
        return Mapping(own);
    }
    return Mapping(add(whole_pages(own),
                       detail::HeapMemory::region_bytes(std::max(options.bytes, least_heap_bytes),
                                                        options.heap_parties)));
}

Reservation::Reservation(const ArenaOptions& options) : mapping(reserve(options)) {
    const Bytes all = mapping.bytes();
    std::size_t bytes = all.size();
    if (options.heap_parties != 0) {
        bytes = options.bytes == 0 ? all.size() / 2 : add(options.bytes, allocator_bytes);
    }
    own = all.first(std::min(whole_pages(bytes), all.size()));
    heap = all.subspan(own.size());
}

/// Adds to a sum for as long as it lives.
class Share {
  public:
    Share(std::atomic<std::size_t>& sum, std::size_t bytes) : sum_(sum), bytes_(bytes) {
        sum_ += bytes_;
    }
    ~Share() { sum_ -= bytes_; }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    void shrink(std::size_t bytes) {
        bytes_ -= bytes;
        sum_ -= bytes;
    }

  private:
    std::atomic<std::size_t>& sum_;
    std::size_t bytes_;
};

}  // namespace

/// What was asked for the pages of a block.
struct Asked {
    bool nodes = false;
    bool huge = false;
};

struct Arena::Impl {
    explicit Impl(ArenaOptions options);
    [[nodiscard]] std::unique_ptr<Heap> make_heap() const;

    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment, const BlockPages& pages);
    [[nodiscard]] bool is_owner() const noexcept { return owner == getpid(); }

    [[nodiscard]] Bytes take(std::size_t bytes, std::size_t alignment, bool huge);
    [[nodiscard]] Bytes take_up_to(std::size_t wanted, std::size_t least, std::size_t alignment);
    [[nodiscard]] std::size_t extend(void* block, std::size_t least, std::size_t wanted);
    void move(Bytes from, Bytes to);
    void shrink(void* block, std::size_t bytes) noexcept;
    void give_back(void* block) noexcept;
    void check_request(std::size_t alignment) const;

    void prepare_large(Bytes block, const BlockPages& pages);
    void ask_for(Bytes block, const BlockPages& pages);
    void take_back_asked(Bytes block) noexcept;
    void prepare_small(Bytes block);
    void bring_in(Bytes part);
    void require_budget() const;
    [[nodiscard]] Bytes step_around(Bytes block) const noexcept;

    const pid_t owner = getpid();
    const ArenaOptions options;
    const Reservation reservation;
    const Mapping& mapping = reservation.mapping;
    const KnownMemory known{mapping.bytes()};
    Allocator allocator;
    std::unique_ptr<Heap> heap;  // nullptr: none was asked for

    std::mutex mutex;  // guards allocator, blocks and arrays
    std::unordered_map<void*, std::size_t> blocks;
    std::unordered_map<void*, ArrayBytes> arrays;  // of these blocks, those that an Array took
    std::unordered_map<void*, Asked> asked;        // of these, the ones with pages of their own
    std::atomic<std::size_t> used = 0;  // also read in children, which have the mutex as it was

    std::atomic<bool> is_untouched = true;

    // Bytes that all threads bring in for the arena's own blocks. A heap's parties count them too.
    std::atomic<std::size_t> awaited_without_heap = 0;
    std::atomic<std::size_t>& awaited =
        heap == nullptr ? awaited_without_heap : heap->impl_->memory.root->arena_awaited;
};

Arena::Impl::Impl(ArenaOptions the_options)
    : options(std::move(the_options)),
      reservation(options),
      allocator(bi::create_only, reservation.own.data(), reservation.own.size()),
      heap(make_heap()) {
    if (!options.budget) {
        throw std::invalid_argument("an arena's budget is an empty function");
    }
    if (options.huge_pages) {
        mapping.advise_huge_pages(reservation.own);
    }
    // Children of the arena's maker look at marks that it makes later: what these need is there
    // now.
    static_cast<void>(mark_of_this_process());
}

std::unique_ptr<Heap> Arena::Impl::make_heap() const {
    if (options.heap_parties == 0) {
        return nullptr;
    }
    return std::unique_ptr<Heap>(new Heap(std::make_unique<Heap::Impl>(
        mapping, reservation.heap, options.heap_parties, options.budget)));
}

void Arena::Impl::check_request(std::size_t alignment) const {
    if (!std::has_single_bit(alignment) || alignment > largest_alignment) {
        throw std::invalid_argument("an alignment of " + std::to_string(alignment) +
                                    " is not a power of two up to " +
                                    std::to_string(largest_alignment));
    }
    if (!is_owner()) {
        throw std::logic_error("only the process that made an arena may allocate from it");
    }
}

void* Arena::Impl::allocate(std::size_t bytes, std::size_t alignment, const BlockPages& pages) {
    check_request(alignment);
    const Bytes block = take(bytes, alignment, pages.huge || options.huge_pages);
    try {
        if (block.size() >= large_bytes) {
            prepare_large(block, pages);
        } else {
            prepare_small(block);
        }
    } catch (...) {
        give_back(block.data());
        throw;
    }
    return block.data();
}

/// Finds room for a block and notes it. Large blocks are made of whole pages.
Bytes Arena::Impl::take(std::size_t bytes, std::size_t alignment, bool huge) {
    const std::lock_guard lock(mutex);
    const std::size_t free = allocator.get_free_memory();
    if (bytes > free) {
        refuse(bytes, free, "its reservation");
    }
    std::size_t size = std::max<std::size_t>(bytes, 1);
    if (size >= large_bytes) {
        size = whole_pages(size);
        alignment = std::max(alignment, page_bytes());
        if (huge && size >= huge_page_bytes) {
            alignment = huge_page_bytes;
        }
    }
    void* block = allocator.allocate_aligned(size, alignment, std::nothrow);
    if (block == nullptr && alignment == huge_page_bytes) {
        block = allocator.allocate_aligned(size, page_bytes(), std::nothrow);
    }
    if (block == nullptr) {
        refuse(bytes, free, "its reservation, in pieces,");
    }
    try {
        blocks.emplace(block, size);
    } catch (...) {
        allocator.deallocate(block);
        throw;
    }
    used += size;
    return {static_cast<std::byte*>(block), size};
}

Bytes Arena::Impl::take_up_to(std::size_t wanted, std::size_t least, std::size_t alignment) {
    for (;;) {
        if (wanted <= least) {
            return take(least, alignment, options.huge_pages);
        }
        try {
            return take(wanted, alignment, options.huge_pages);
        } catch (const std::system_error&) {
            wanted = std::max(least, wanted - wanted / 4);
        }
    }
}

/// Takes room behind a block. Returns the block's size: less than `least` where there is none.
std::size_t Arena::Impl::extend(void* block, std::size_t least, std::size_t wanted) {
    const std::lock_guard lock(mutex);
    std::size_t& size = blocks.at(block);
    std::size_t received = std::max(least, wanted);
    auto* at = static_cast<char*>(block);
    if (allocator.allocation_command<char>(bi::expand_fwd | bi::nothrow_allocation, least, received,
                                           at) != nullptr) {
        used += received - size;
        size = received;
    }
    return size;
}

/// Copies slice by slice, and gives the memory of each back when it is copied.
void Arena::Impl::move(Bytes from, Bytes to) {
    for (std::size_t at = 0; at < from.size(); at += slice_bytes) {
        const Bytes slice = from.subspan(at, std::min(slice_bytes, from.size() - at));
        bring_in(to.subspan(at, slice.size()));
        std::memcpy(to.data() + at, slice.data(), slice.size());
        if (from.size() >= large_bytes) {
            mapping.discard(slice);
        }
    }
}

void Arena::Impl::shrink(void* block, std::size_t bytes) noexcept {
    const std::lock_guard lock(mutex);
    const auto found = blocks.find(block);
    if (found == blocks.end()) {
        std::abort();
    }
    std::size_t& size = found->second;
    std::size_t received =
        bytes >= large_bytes ? whole_pages(bytes) : std::max<std::size_t>(bytes, 1);
    if (received >= size) {
        return;
    }
    if (size >= large_bytes) {
        mapping.discard(Bytes(static_cast<std::byte*>(block), size).subspan(received));
    }
    auto* at = static_cast<char*>(block);
    if (allocator.allocation_command<char>(bi::shrink_in_place | bi::nothrow_allocation, size,
                                           received, at) != nullptr) {
        used -= size - received;
        size = received;
    }
}

void Arena::Impl::give_back(void* block) noexcept {
    const std::lock_guard lock(mutex);
    const auto found = blocks.find(block);
    if (found == blocks.end()) {
        std::abort();
    }
    if (found->second >= large_bytes) {
        const Bytes pages(static_cast<std::byte*>(block), found->second);
        mapping.discard(pages);
        take_back_asked(pages);
    }
    used -= found->second;
    blocks.erase(found);
    arrays.erase(block);
    allocator.deallocate(block);
}

/// Before the pages come: those that are there stay what they are.
void Arena::Impl::ask_for(Bytes block, const BlockPages& pages) {
    if (!pages.place && !pages.huge) {
        return;
    }
    {
        const std::lock_guard lock(mutex);
        asked.emplace(block.data(), Asked{static_cast<bool>(pages.place), pages.huge});
    }
    if (pages.huge) {
        mapping.advise_huge_pages(block);
    }
    if (pages.place) {
        pages.place(block);
    }
}

/// So that the next block there has what it asks for, and no more.
void Arena::Impl::take_back_asked(Bytes block) noexcept {
    const auto found = asked.find(block.data());
    if (found == asked.end()) {
        return;
    }
    if (found->second.nodes) {
        static_cast<void>(forget_nodes(block.data(), block.size()));
    }
    if (found->second.huge && !options.huge_pages) {
        mapping.advise_small_pages(block);
    }
    asked.erase(found);
}

void Arena::Impl::prepare_large(Bytes block, const BlockPages& pages) {
    const bool cleared = mapping.discard(block);
    ask_for(block, pages);
    if (cleared && pages.untouched) {
        const Share share(awaited, block.size());
        require_budget();
        return;
    }
    bring_in(block);
    if (!cleared) {
        std::memset(block.data(), 0, block.size());
    }
}

void Arena::Impl::prepare_small(Bytes block) {
    if (!mapping.is_present(block)) {
        bring_in(is_untouched.exchange(false) ? block : step_around(block));
    }
    std::memset(block.data(), 0, block.size());
}

/// Brings `part` into memory slice by slice, each after a look at the budget.
void Arena::Impl::bring_in(Bytes part) {
    Share share(awaited, part.size());
    while (!part.empty()) {
        if (part.data() + part.size() > reservation.own.data() + unasked_bytes) {
            require_budget();
        }
        const Bytes slice = part.first(std::min(part.size(), slice_bytes));
        mapping.populate(slice);
        share.shrink(slice.size());
        part = part.subspan(slice.size());
    }
}

/// Throws unless the budget has room for all that is being brought in, other threads' included: of
/// two that ask for more than there is together, at most one succeeds.
void Arena::Impl::require_budget() const {
    for (;;) {
        const std::size_t wanted =
            heap == nullptr ? awaited.load() : heap->impl_->presence.awaited();
        const MemoryBudget budget = options.budget();
        if (budget.bytes >= detail::needed_budget(wanted)) {
            return;
        }
        if (heap == nullptr || heap->impl_->trim() == 0) {
            refuse(wanted, budget.bytes, budget.limit);
        }
    }
}

/// The aligned steps of the reservation that hold any of `block`.
Bytes Arena::Impl::step_around(Bytes block) const noexcept {
    const Bytes all = reservation.own;
    const auto begin = static_cast<std::size_t>(block.data() - all.data());
    const std::size_t end = begin + block.size();
    const std::size_t first = begin & ~(small_step_bytes - 1);
    const std::size_t last = (end + small_step_bytes - 1) & ~(small_step_bytes - 1);
    return all.subspan(first, std::min(last, all.size()) - first);
}

Arena::Arena(ArenaOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Arena::~Arena() = default;

void* Arena::allocate(std::size_t bytes, std::size_t alignment) {
    return impl_->allocate(bytes, alignment, {});
}

void* Arena::allocate_untouched(std::size_t bytes, std::size_t alignment) {
    return impl_->allocate(bytes, alignment, {.untouched = true});
}

void* Arena::allocate(std::size_t bytes, std::size_t alignment, const BlockPages& pages) {
    return impl_->allocate(bytes, alignment, pages);
}

Arena::Room Arena::allocate_room(std::size_t least, std::size_t wanted, std::size_t alignment) {
    impl_->check_request(alignment);
    const Bytes block = impl_->take_up_to(wanted, least, alignment);
    return {block.data(), block.size()};
}

Arena::Room Arena::grow(void* block, std::size_t kept, std::size_t least, std::size_t wanted) {
    impl_->check_request(1);
    auto* const at = static_cast<std::byte*>(block);
    if (const std::size_t bytes = impl_->extend(block, least, wanted); bytes >= least) {
        return {at, bytes};
    }
    const Bytes other = impl_->take_up_to(wanted, least, largest_alignment);
    try {
        impl_->move({at, kept}, other);
    } catch (...) {
        impl_->give_back(other.data());
        throw;
    }
    impl_->give_back(block);
    return {other.data(), other.size()};
}

void Arena::bring_in(void* data, std::size_t bytes) {
    impl_->bring_in({static_cast<std::byte*>(data), bytes});
}

void Arena::shrink(void* block, std::size_t bytes) noexcept {
    impl_->shrink(block, bytes);
}

void Arena::note_elements(void* block, std::size_t bytes, const ElementType& type) {
    const std::lock_guard lock(impl_->mutex);
    impl_->arrays.emplace(block, ArrayBytes{static_cast<std::byte*>(block), bytes, type});
}

void* Arena::allocate_elements(std::size_t bytes, std::size_t alignment, const ElementType& type,
                               const BlockPages& pages) {
    void* const block = allocate(bytes, alignment, pages);
    try {
        note_elements(block, bytes, type);
    } catch (...) {
        deallocate(block);
        throw;
    }
    return block;
}

void Arena::for_each_array(const std::function<void(const ArrayBytes&)>& use) const {
    if (!impl_->is_owner()) {
        return;
    }
    std::vector<ArrayBytes> arrays;
    {
        const std::lock_guard lock(impl_->mutex);
        for (const auto& [block, array] : impl_->arrays) {
            arrays.push_back(array);
        }
    }
    std::ranges::for_each(arrays, use);
}

void Arena::deallocate(void* block) noexcept {
    if (block == nullptr || !impl_->is_owner()) {
        return;
    }
    if (impl_->heap != nullptr && impl_->heap->impl_->contains(block)) {
        impl_->heap->deallocate(detail::host_party, block);
    } else {
        impl_->give_back(block);
    }
}

bool Arena::contains(const void* data, std::size_t bytes) const noexcept {
    const Bytes all = impl_->mapping.bytes();
    const auto begin = reinterpret_cast<std::uintptr_t>(all.data());
    const auto start = reinterpret_cast<std::uintptr_t>(data);
    return start >= begin && start - begin <= all.size() && bytes <= all.size() - (start - begin);
}

std::size_t Arena::reserved_bytes() const noexcept {
    return impl_->reservation.own.size();
}

std::size_t Arena::used_bytes() const noexcept {
    return impl_->used + (impl_->heap == nullptr ? 0 : impl_->heap->used_bytes());
}

Heap* Arena::heap() const noexcept {
    return impl_->heap.get();
}

}  // namespace pinfold::shm
