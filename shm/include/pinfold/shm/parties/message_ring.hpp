#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::shm {

class Heap;

namespace detail {
struct RingPosition;
struct RingSlot;
struct Seat;
struct SlotWord;
}  // namespace detail

/// What a slot of a MessageRing holds whose messages have any length. A short one lies in it, a
/// long one in a block of the space's heap.
struct RingMessage {
    static constexpr std::size_t room = 112;

    std::uint64_t bytes;
    union {
        std::byte here[room];
        std::byte* block;
    };

    [[nodiscard]] bool has_block() const noexcept { return bytes > room; }
    [[nodiscard]] const std::byte* content() const noexcept { return has_block() ? block : here; }
};

// The states of a slot:
//
//     free ──claim──► writing ──publish──► full ──claim──► reading ──settle──► free, next lap
//                      │   └─block─► handing ──publish──┘     └──put back, death──► full
//                      └──undo, death──► free, next lap
//
// The block of a long message: at each step one alone names it, the slot, or the party of the heap
// that holds it.
//
//     writing    the writer's party holds it; a death frees it
//     handing    the slot names it; a death has the burial hold it, and free it
//     full       the slot
//     reading    the slot; a reader that has read it has its party hold it, and frees the slot
//     first

/// A bounded ring of messages in shared memory, from any threads to any threads of all processes
/// of a space, whose threads may die at any step: a message that is being written then never was,
/// and one that is being read is there again.
///
///     using pinfold::shm::MessageRing;
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const seats = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(seats, 4);
///     void* const place = arena.allocate(MessageRing::bytes_for(8, sizeof(int)));
///     auto& ring = *new (place) MessageRing;
///     ring.prepare(8, sizeof(int), false);
///     const auto out = ring.claim_to_write(roster, pinfold::shm::for_ever);
///     *reinterpret_cast<int*>(out.message) = 42;
///     ring.publish(roster, out);
///     const auto in = ring.claim_to_read(roster, pinfold::shm::for_ever);
///     assert(*reinterpret_cast<int*>(in.message) == 42);
///     ring.settle(roster, in);
///     roster.close();
///
/// The truth is one word a slot: what goes on there, of which lap, and while a thread has the slot,
/// who. Where writers and readers are about to look is a hint beside it. Writers take the slots in
/// their order, without a gap; readers pass over a slot that is in somebody's hands. So a writer or
/// reader that stands still holds up whoever comes to its slot a lap later, and nobody before.
///
/// A ring of zeros has no slots; prepare() makes some.
///
/// Thread-safety: all members but prepare() and free_blocks(). Fork: see Roster.
class PINFOLD_API alignas(cache_line) MessageRing {
  public:
    enum class Answer : std::uint8_t {
        yes,
        no_time,    ///< the time is over
        no_closed,  ///< it is closed; for a reader also: nothing is left that it could get
        no_broken,  ///< nobody buries any more
        no_own,     ///< it waits for what the caller itself has in its hands
        no_room,    ///< the caller is at as many words as a seat can name
        no_more,    ///< the ring has ended
    };

    /// A slot that the calling thread has in its hands, if the answer is yes.
    struct Claim {
        Answer answer = Answer::no_time;
        std::uint32_t slot = 0;
        detail::Token owner = detail::no_token;
        detail::Seat* seat = nullptr;  ///< the thread's
        std::byte* message = nullptr;  ///< its bytes; a RingMessage, if messages may be long
        std::uint64_t head = 0;        ///< see settle()
    };

    static constexpr std::size_t most_slots = std::size_t{1} << 23;

    /// How much memory one takes that has so many slots of so many bytes.
    [[nodiscard]] static std::size_t bytes_for(std::size_t slots, std::size_t message_bytes);

    /// Makes slots, up to `most_slots`, in the memory behind it.
    void prepare(std::size_t slots, std::size_t message_bytes, bool may_be_long) noexcept;

    [[nodiscard]] std::size_t slots() const noexcept { return slots_; }

    /// Takes a slot to write a message into, before `until`. The caller writes it, and ends with
    /// publish() or undo(). All of these throw what Roster::seat() throws.
    [[nodiscard]] Claim claim_to_write(Roster& roster, Until until);

    /// A block for a message of so many bytes, in place of the slot. Throws HeapFull; then the slot
    /// is still the caller's.
    [[nodiscard]] std::byte* take_block(Roster& roster, const Claim& claim, std::size_t bytes);

    void publish(Roster& roster, const Claim& claim);
    void undo(Roster& roster, const Claim& claim);

    /// Takes a message, before `until`. Ends with settle(), after which nobody gets the message, or
    /// with put_back().
    [[nodiscard]] Claim claim_to_read(Roster& roster, Until until);

    void settle(Roster& roster, const Claim& claim);
    void put_back(Roster& roster, const Claim& claim);

    /// Whether the calling thread is the one that made the claim, and has the slot in its hands.
    [[nodiscard]] bool is_own(Roster& roster, const Claim& claim) const;

    /// No message comes any more: writers are refused, readers get what is there.
    void close(Roster& roster);
    [[nodiscard]] bool is_closed() const noexcept;

    /// Waits until all that was written so far is settled.
    [[nodiscard]] Answer wait_until_settled(Roster& roster, Until until);

    /// How many messages were there, at some moment, if nobody wrote or read meanwhile.
    [[nodiscard]] std::size_t size_hint() const noexcept;

    /// All who wait are told, and all who come. For whoever is about to free it.
    void end() noexcept;

    /// Frees the blocks of messages that nobody got. For the process that made the roster, after
    /// end(), when no thread is at the ring any more.
    void free_blocks(Heap& heap) noexcept;

    /// For burials: in the dead one's place, its party holds nothing that the slot names.
    void return_block(std::uint32_t slot, detail::Token dead, Heap& heap,
                      PartyNumber party) noexcept;

    /// For burials: what the dead one had in its hands is as if it had not come. `heap` may be
    /// nullptr where no process died.
    void bury(std::uint32_t slot, detail::Token dead, Heap* heap, PartyNumber party) noexcept;

  private:
    enum class State : std::uint32_t { open, closed, ended };

    // Whoever changes one would else take its line from who looks at another.
    template <typename T>
    struct Apart {
        alignas(cache_line) T value{};
        std::byte rest[cache_line];
    };

    [[nodiscard]] detail::RingSlot& slot_at(std::uint32_t index) const noexcept;
    [[nodiscard]] detail::RingPosition next(detail::RingPosition position) const noexcept;
    [[nodiscard]] detail::RingPosition next_to_write(detail::RingPosition position,
                                                     const detail::SlotWord& word) const noexcept;
    [[nodiscard]] detail::RingPosition next_to_read(detail::RingPosition position,
                                                    const detail::SlotWord& word) const noexcept;
    [[nodiscard]] detail::RingPosition first_free() const noexcept;
    [[nodiscard]] detail::RingPosition first_full(detail::RingPosition from,
                                                  detail::RingPosition to) const noexcept;
    void fill(Claim& claim, detail::Seat& seat, detail::RingPosition position,
              std::uint64_t head) const noexcept;
    [[nodiscard]] Answer refusal(State state) const noexcept;

    // A claim is filled where it is: a copy of what was just written takes as long as all else.
    [[nodiscard]] Answer try_to_write(detail::Seat& seat, Claim& claim);
    [[nodiscard]] Answer try_to_read(detail::Seat& seat, Claim& claim);
    template <typename Look>
    [[nodiscard]] Answer look_and_wait(Roster& roster, Until until, Doorbell& bell, Look look);
    template <typename Look>
    [[nodiscard]] Answer wait_for(Roster& roster, detail::Seat& seat, Until until, Doorbell& bell,
                                  Look look);
    void wake_next_writer(const Claim& claim) noexcept;
    [[nodiscard]] Answer try_to_pass(const detail::Seat& seat, detail::RingPosition& from,
                                     detail::RingPosition to) const noexcept;

    [[nodiscard]] std::byte* block_of(detail::RingSlot& slot) const noexcept;
    void free_slot(Roster& roster, const detail::Seat& seat, detail::RingSlot& slot) noexcept;
    void ring_all() noexcept;

    std::uint32_t slots_ = 0;
    bool may_be_long_ = false;
    std::uint64_t slot_bytes_ = 0;
    std::atomic<State> state_{State::open};
    Doorbell settled_;
    Apart<Doorbell> not_empty_;
    Apart<Doorbell> not_full_;
    Apart<std::atomic<std::uint64_t>> tail_;  // behind one that was claimed to write
    Apart<std::atomic<std::uint64_t>> head_;  // all before it are settled
};

}  // namespace pinfold::shm
