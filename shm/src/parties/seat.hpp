#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/token.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::shm::detail {

/// What a burial is to do with a word that a dead thread named.
enum class NameKind : std::uint8_t {
    owner,   // an OwnerWord: leave it abandoned
    permit,  // an OwnerWord whose holder has changed nothing: free it
    bell,    // a Doorbell that was about to be rung
    member,  // a BarrierWord::Member: break the barrier
    ring,    // a MessageRing, of which the thread may have the slot that is named beside it
    reader,  // a SharedWord: its reader reads no more
    place,   // a BoundedWord: its places are free again
    pipe,    // PipeUsers of a channel, who may be in
};

/// The bytes of as many cache lines as hold these: what comes behind them is others' to write.
[[nodiscard]] constexpr std::size_t whole_lines(std::size_t bytes) noexcept {
    return (bytes + cache_line - 1) / cache_line * cache_line;
}

/// Whether the address, nullptr for none, lies in that memory.
[[nodiscard]] inline bool is_in(const void* address, const void* block,
                                std::size_t bytes) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(block) <
           bytes;
}

/// A word, and what it is. The addresses of words are multiples of 8, so both fit into one store.
class Name {
  public:
    Name() = default;
    Name(NameKind kind, const void* word) noexcept
        : value_(reinterpret_cast<std::uintptr_t>(word) | static_cast<std::uintptr_t>(kind)) {}

    [[nodiscard]] NameKind kind() const noexcept { return static_cast<NameKind>(value_ & kinds); }
    template <typename Word>
    [[nodiscard]] Word& word() const noexcept {
        return *static_cast<Word*>(address());
    }
    /// Stands where no name is, and none is to come.
    [[nodiscard]] static Name of_nothing() noexcept { return {NameKind::bell, nullptr}; }
    [[nodiscard]] bool is_empty() const noexcept { return (value_ & ~kinds) == 0; }
    [[nodiscard]] bool is_in(const void* block, std::size_t bytes) const noexcept {
        return detail::is_in(address(), block, bytes);
    }

    friend bool operator==(const Name&, const Name&) noexcept = default;

  private:
    static constexpr std::uintptr_t kinds = 7;

    /// nullptr when it names nothing.
    [[nodiscard]] void* address() const noexcept {
        return reinterpret_cast<void*>(value_ & ~kinds);
    }

    std::uintptr_t value_ = 0;
};

/// One thread's line in a roster. The thread alone writes it, by plain stores in the order of the
/// source, which are all there when its process was reaped; a burial reads it.
///
/// Zeros are a seat that nobody has.
///
/// Order. A word is named before the thread writes itself into it, and forgotten after it has taken
/// itself out. So what speaks of a thread is always named in its seat.
struct alignas(cache_line) Seat {
    /// How many words a thread can hold or be at, beside the lock in the first place.
    static constexpr std::size_t most_names = 30;

    /// Which life of the seat this is, whose thread sits here, and whether one does.
    struct alignas(8) Life {
        std::uint32_t incarnation = 0;
        std::uint16_t process = 0;
        std::uint16_t is_taken = 0;

        friend constexpr bool operator==(const Life&, const Life&) noexcept = default;
    };

    std::atomic<Life> life{Life{}};
    std::atomic<Doorbell*> sleeps_on{nullptr};
    std::atomic<std::uint32_t> number{0};  // among the seats, from 0
    std::atomic<int> pid{0};               // of its thread's process
    /// The bell that woke the thread last, while it is to look at what it was woken for.
    std::atomic<Doorbell*> woken_by{nullptr};

  private:
    const void* woken_under_ = nullptr;
    Token token_ = no_token;
    std::uint32_t named_ = 1;  // how many of the names are in use, with the first place

  public:
    std::array<std::atomic<Name>, 1 + most_names> names{};  // the first: see is_first_free()
    std::array<std::atomic<std::uint32_t>, 1 + most_names> parts{};  // of it; see note_part()

    /// What stands for the thread in words. For the thread itself.
    [[nodiscard]] Token token() const noexcept { return token_; }

    /// For whoever has just taken the seat, and for its burial.
    void set_token() noexcept {
        token_ = token_of(number.load(std::memory_order_relaxed),
                          life.load(std::memory_order_relaxed).incarnation);
        named_ = 1;
        woken_under_ = nullptr;
        forget_first();
    }

    /// Returns false where the thread is at `most_names` words.
    [[nodiscard]] bool note(Name name) noexcept {
        if (named_ == names.size()) [[unlikely]] {
            forget_what_ended();
            if (named_ == names.size()) {
                return false;
            }
        }
        names[named_++].store(name, std::memory_order_release);
        return true;
    }

    // The first place is for one lock alone: one that the thread took from nobody, while it had
    // none there. Until the thread lets go, the word has its bare token, or has ended. So this
    // place tells all that letting go asks for, and nothing is counted or searched.
    [[nodiscard]] bool is_first_free() const noexcept {
        return names.front().load(std::memory_order_relaxed) == Name();
    }
    [[nodiscard]] bool is_first(Name name) const noexcept {
        return names.front().load(std::memory_order_relaxed) == name;
    }
    void note_first(Name name) noexcept { names.front().store(name, std::memory_order_release); }
    void forget_first() noexcept { names.front().store(Name(), std::memory_order_release); }

    /// The thread is about to be at this part of the word that it named last: a ring's slot.
    void note_part(std::uint32_t part) noexcept {
        parts[named_ - 1].store(part, std::memory_order_release);
    }

    /// Of a word that is named twice, forgets one.
    void forget(Name name) noexcept {
        std::size_t place = named_;
        while (names[--place].load(std::memory_order_relaxed) != name) {
        }
        forget_at(place);
    }
    void forget(Name name, std::uint32_t part) noexcept {
        std::size_t place = named_;
        do {
            --place;
        } while (names[place].load(std::memory_order_relaxed) != name ||
                 parts[place].load(std::memory_order_relaxed) != part);
        forget_at(place);
    }

    /// Forgets the barriers that have ended while the thread was a member: it comes to them no
    /// more, and their memory waits for that.
    void forget_what_ended() noexcept;

    /// Of a word that is named, says what a burial is to do with it now.
    void rename(Name from, Name to) noexcept {
        std::size_t place = named_;
        while (names[--place].load(std::memory_order_relaxed) != from) {
        }
        names[place].store(to, std::memory_order_release);
    }

    /// The thread was woken by `bell`, and looks at what it waits for under a lock. Whom it was
    /// woken by before under another lock, and has not yet let go of, wakes the others instead.
    void was_woken(Doorbell& bell, const void* lock) noexcept {
        Doorbell* const before = woken_by.load(std::memory_order_relaxed);
        if (before != nullptr && before != &bell) [[unlikely]] {
            before->ring();
        }
        woken_under_ = lock;
        woken_by.store(&bell, std::memory_order_release);
        if (is_first_free()) {
            note_first(Name::of_nothing());  // the lock is let go of by the long way
        }
    }

    [[nodiscard]] bool was_woken_under(const void* lock) const noexcept {
        return woken_under_ == lock;
    }

    /// It has seen to what it was woken for, if that was under this lock.
    void has_let_go_of(const void* lock) noexcept {
        if (was_woken_under(lock)) [[unlikely]] {
            woken_by.store(nullptr, std::memory_order_release);
            woken_under_ = nullptr;
            if (is_first(Name::of_nothing())) {
                forget_first();
            }
        }
    }

    /// Whether a name is as asked for. For any thread: it sees what is named all the time, also
    /// when that moves. A name moves from the first place to another one, and among these
    /// downwards.
    template <typename Is>
    [[nodiscard]] bool has_name(const Is& is) const noexcept {
        const auto is_there = [&](const std::atomic<Name>& name) {
            return is(name.load(std::memory_order_seq_cst));
        };
        return is_there(names.front()) || std::any_of(names.rbegin(), names.rend(), is_there);
    }

    /// How often the word is named.
    [[nodiscard]] std::size_t count(Name name) const noexcept {
        std::size_t found = 0;
        for (std::size_t place = 0; place < named_; ++place) {
            found += static_cast<std::size_t>(names[place].load(std::memory_order_relaxed) == name);
        }
        return found;
    }

  private:
    void forget_at(std::size_t place) noexcept {
        if (place == 0) {
            forget_first();
            return;
        }
        --named_;
        if (place != named_) {  // a death in between leaves a name twice, or one with another part
            parts[place].store(parts[named_].load(std::memory_order_relaxed),
                               std::memory_order_release);
            names[place].store(names[named_].load(std::memory_order_relaxed),
                               std::memory_order_release);
        }
        names[named_].store(Name(), std::memory_order_release);
    }
};

static_assert(std::atomic<Seat::Life>::is_always_lock_free, "a lock would die with its holder");
static_assert(std::atomic<Name>::is_always_lock_free, "a lock would die with its holder");

}  // namespace pinfold::shm::detail
