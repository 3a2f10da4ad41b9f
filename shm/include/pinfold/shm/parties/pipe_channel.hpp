#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/biased_turn.hpp>
#include <pinfold/shm/parties/pipe_ends.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <pinfold/shm/party.hpp>

namespace pinfold::shm {

class Heap;
class PipeChannel;

namespace detail {
class Name;
struct Seat;

/// Those who write into a channel, or those who read: which threads of them are in it, one at a
/// time, and how they sleep. Seats name it.
struct alignas(cache_line) PipeUsers {
    BiasedTurn turn;
    Doorbell change;  // there is a message, or room for one
    Doorbell turn_is_free;
    PipeChannel* channel = nullptr;
};
}  // namespace detail

/// One direction of a pipe: a bounded ring of messages from the threads of one end to those of the
/// other, which may die at any step. A message that is being written then never was, and one that
/// is being read is the next again.
///
///     using pinfold::shm::PipeWord;
///     pinfold::shm::Arena arena({.bytes = std::size_t{1} << 20});
///     void* const seats = arena.allocate(pinfold::shm::Roster::bytes_for(4));
///     pinfold::shm::Roster& roster = pinfold::shm::Roster::make(seats, 4);
///     const PipeWord::Shape shape{.capacity = 8, .message_bytes = sizeof(int)};
///     auto& pipe = *new (arena.allocate(PipeWord::bytes_for(shape, {}))) PipeWord;
///     pipe.prepare(roster, shape, {});
///     pinfold::shm::PipeChannel& channel = pipe.from(pinfold::shm::PipeSide::first);
///     const auto out = channel.claim_to_write(roster, pinfold::shm::for_ever);
///     *reinterpret_cast<int*>(out.message) = 42;
///     channel.publish(roster, out);
///     const auto in = channel.claim_to_read(roster, pinfold::shm::for_ever);
///     assert(*reinterpret_cast<int*>(in.message) == 42);
///     channel.settle(roster, in);
///     pipe.end();
///     roster.close();
///
/// Writers come one at a time, and so do readers. So all that there is to publish is how many
/// messages were written, and how many were read.
///
/// A channel of zeros has no slots; prepare() makes some.
///
/// Thread-safety: all members but prepare() and free_blocks(). Fork: see Roster.
class PINFOLD_API alignas(cache_line) PipeChannel {
  public:
    enum class Answer : std::uint8_t {
        yes,
        no_time,    ///< the time is over
        no_turn,    ///< for itself: another thread of this end is in
        no_closed,  ///< this end is closed; for a reader: or the other has gone, and nothing is
                    ///< left
        no_reader,  ///< the other end has gone
        no_broken,  ///< nobody buries any more
        no_own,     ///< the calling thread is in the middle of another message
        no_room,    ///< it is at as many words as a seat can name
        no_more,    ///< the pipe has ended
    };

    /// A message that the calling thread alone is at, if the answer is yes.
    struct Claim {
        Answer answer = Answer::no_time;
        detail::Seat* seat = nullptr;
        std::byte* message = nullptr;  ///< its bytes; a RingMessage, if messages may be long
    };

    static constexpr std::size_t most_messages = std::size_t{1} << 23;

    struct Shape {
        std::size_t capacity = 0;  ///< in messages, up to most_messages
        std::size_t message_bytes = 0;
        bool may_be_long = false;
    };

    /// How much memory its slots take.
    [[nodiscard]] static std::size_t bytes_for(const Shape& shape);

    /// Makes slots there, in memory of zeros; `writers` is the end whose threads write.
    void prepare(std::byte* slots, const Shape& shape, PipeEnds& ends, PipeSide writers) noexcept;

    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    /// Takes room for a message, before `until`. The caller writes it, and ends with publish() or
    /// undo(). All of these throw what Roster::seat() throws.
    [[nodiscard]] Claim claim_to_write(Roster& roster, Until until);

    /// A block for a message of so many bytes, in place of the slot. Throws HeapFull; then the room
    /// is still the caller's.
    [[nodiscard]] std::byte* take_block(Roster& roster, const Claim& claim, std::size_t bytes);

    void publish(Roster& roster, const Claim& claim) noexcept;
    void undo(Roster& roster, const Claim& claim);

    /// Takes the next message, before `until`. Ends with settle(), after which nobody gets it, or
    /// with put_back().
    [[nodiscard]] Claim claim_to_read(Roster& roster, Until until);

    void settle(Roster& roster, const Claim& claim);
    void put_back(Roster& roster, const Claim& claim) noexcept;

    /// How many messages were there, at some moment.
    [[nodiscard]] std::size_t size_hint() const noexcept;

    /// All who wait are told, and all who come. For whoever is about to free it.
    void end() noexcept;

    /// Frees the blocks of messages that nobody got. For the process that made the roster, after
    /// end(), when no thread is at the channel any more.
    void free_blocks(Heap& heap) noexcept;

    /// Those whom a close or a burial is to wake.
    [[nodiscard]] std::array<Doorbell*, 4> bells() noexcept;

    /// For burials: in the dead one's place, its party holds nothing that a slot names.
    void return_block(Heap& heap, PartyNumber party) noexcept;

    /// For burials: what the dead one was at is as if it had not come. `heap` may be nullptr where
    /// no process died.
    void bury(detail::PipeUsers& users, detail::Token dead, Heap* heap, PartyNumber party) noexcept;

    /// For burials, when all threads of the process are buried.
    void forget_process(ProcessNumber process) noexcept;

  private:
    // Whoever changes one would else take its line from who looks at another.
    template <typename T>
    struct Apart {
        alignas(cache_line) T value{};
        std::byte rest[cache_line];
    };

    template <typename Look>
    [[nodiscard]] Claim claim(Roster& roster, Until until, detail::PipeUsers& users, Look look);
    template <typename Look>
    [[nodiscard]] Answer come(Roster& roster, detail::Seat& seat, detail::PipeUsers& users,
                              Look look);
    template <typename Look>
    [[nodiscard]] Answer come_again(Roster& roster, detail::Seat& seat, detail::PipeUsers& users,
                                    Look look);
    template <typename Look>
    [[nodiscard]] Answer wait_and_come(Roster& roster, detail::Seat& seat, detail::PipeUsers& users,
                                       Until until, Answer answer, Look look);
    template <typename Look>
    [[nodiscard]] Answer wait(Roster& roster, detail::Seat& seat, detail::PipeUsers& users,
                              Until until, Answer answer, Look look);
    [[nodiscard]] Answer take_turn(Roster& roster, detail::Seat& seat, detail::PipeUsers& users,
                                   const detail::Name& name);
    void step_back(const Roster& roster, detail::Seat& seat, detail::PipeUsers& users) noexcept;
    void leave(const Roster& roster, detail::Seat& seat, detail::PipeUsers& users) noexcept;

    [[nodiscard]] Answer look_to_write() noexcept;
    [[nodiscard]] Answer look_to_read() noexcept;
    [[nodiscard]] Answer look_at_ends() noexcept;
    [[nodiscard]] std::byte* slot_at(std::uint64_t position) const noexcept {
        return slots_ + (position & mask_) * slot_bytes_;
    }
    [[nodiscard]] std::byte* block_to_read() const noexcept;
    [[nodiscard]] std::byte* block_being_written() const noexcept;
    void bury_block(Heap& heap, PartyNumber party) noexcept;

    // Written before the first message.
    std::byte* slots_ = nullptr;
    std::uint64_t capacity_ = 0;
    std::uint64_t mask_ = 0;
    std::uint64_t slot_bytes_ = 0;
    std::uint64_t ahead_ = 0;  // so many messages before its own, a writer asks for the line
    PipeEnds* ends_ = nullptr;
    PipeSide writers_side_ = PipeSide::first;
    bool may_be_long_ = false;

    // For the writer alone: how many messages were written, so that it need not look at what the
    // readers look at; how many were read, when it last looked; and what was seen of the ends.
    struct WriterSaw {
        std::uint64_t written = 0;
        std::uint64_t read = 0;
        std::uint64_t ends = 0;
        // The block of a message that is not published yet, and which one that is to be.
        std::atomic<std::byte*> block{nullptr};
        std::atomic<std::uint64_t> block_of{0};
    };

    Apart<detail::PipeUsers> writers_;
    Apart<detail::PipeUsers> readers_;
    Apart<WriterSaw> writer_saw_;
    Apart<std::atomic<std::uint64_t>> written_;  // messages, published
    Apart<std::uint64_t> reader_saw_;            // of them, for the reader alone
    Apart<std::atomic<std::uint64_t>> read_;     // messages, settled
};

}  // namespace pinfold::shm
