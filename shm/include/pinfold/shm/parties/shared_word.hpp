#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/owner_word.hpp>

namespace pinfold::shm {

// What a SharedWord consists of:
//
//     OwnerWord   the writer, or who is about to be: readers stay out, or step back
//     drained     rung when a reader leaves, for the writer who waits for that
//     readers     a bit for each seat of the roster

/// A word in shared memory that one thread writes under, or any number read under.
///
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const place = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(place, 4);
///     void* const memory = arena.allocate(pinfold::shm::SharedWord::bytes_for(4));
///     auto& word = pinfold::shm::SharedWord::make(memory, 4);
///     assert(word.take_shared(roster, pinfold::shm::for_ever, false) == pinfold::shm::Taken::yes);
///     assert(!word.let_go(roster) && word.let_go_shared(roster));
///     roster.close();
///
/// A writer takes the OwnerWord, then waits until no bit is set. A reader sets its bit, then looks
/// at the OwnerWord: where somebody has it, it takes the bit back and waits. So one of the two sees
/// the other. Writers come first.
///
/// Deaths. A reader's burial clears its bit. A writer's leaves the word abandoned, for readers too;
/// that of one who still waited for readers does not, since it changed nothing.
///
/// It is made in zeros of bytes_for() a roster's seats. Thread-safety: all members. Fork: see
/// Roster.
class PINFOLD_API alignas(8) SharedWord {
  public:
    SharedWord(const SharedWord&) = delete;
    SharedWord& operator=(const SharedWord&) = delete;

    [[nodiscard]] static std::size_t bytes_for(std::uint32_t seats) noexcept;

    /// In zeros that nobody else knows yet.
    static SharedWord& make(void* memory, std::uint32_t seats);

    /// Makes the calling thread the writer, before `until`. Returns no_own also to a reader.
    [[nodiscard]] Taken take(Roster& roster, Until until, bool accepts_abandoned);

    /// Returns false where the caller is not the writer.
    [[nodiscard]] bool let_go(Roster& roster);

    /// Makes the calling thread a reader, before `until`. Returns no_own also to the writer.
    [[nodiscard]] Taken take_shared(Roster& roster, Until until, bool accepts_abandoned);

    /// Returns false where the caller is not a reader.
    [[nodiscard]] bool let_go_shared(Roster& roster);

    /// The writer, or a reader, says that what it protects is whole. Returns false where the caller
    /// is neither.
    [[nodiscard]] bool make_consistent(Roster& roster);

    [[nodiscard]] bool is_reader(Roster& roster) const;
    [[nodiscard]] const OwnerWord& writer() const noexcept { return writer_; }

    /// Nobody has it any more, nor will; all who wait are told.
    void end() noexcept;

    /// For burials: a dead reader reads no more.
    void release_reader(detail::Token dead) noexcept;

  private:
    explicit SharedWord(std::uint32_t seats) noexcept;

    using Bits = std::atomic<std::uint64_t>;

    [[nodiscard]] Bits& bits_of(std::uint32_t seat) const noexcept;
    [[nodiscard]] bool has_readers() const noexcept;
    [[nodiscard]] Taken wait_for_readers(Roster& roster, detail::Seat& seat, Until until);
    [[nodiscard]] Taken may_read(const detail::Seat& seat, bool accepts_abandoned) const noexcept;
    [[nodiscard]] Taken try_to_read(Roster& roster, const detail::Seat& seat,
                                    bool accepts_abandoned) noexcept;
    [[nodiscard]] Taken wait_to_read(Roster& roster, detail::Seat& seat, Until until,
                                     bool accepts_abandoned);
    void clear_bit(Roster& roster, std::uint32_t seat) noexcept;

    OwnerWord writer_;
    Doorbell drained_;
    const std::uint32_t words_;  // of bits, behind the object
};

}  // namespace pinfold::shm
