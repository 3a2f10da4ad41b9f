#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace chaos {

/// What a party is at.
enum class Act : std::uint8_t {
    none,
    put_note,
    put_parcel,
    get_parcel,
    lease_parcel,
    put_pipe,
    get_pipe,
    add_hit,
    update_pair,
    lock,
    lock_again,
    write,
    read,
    lock_array,
    release,
    acquire,
    hold_permit,
    arrive,
    set_event,
    wait_event,
    add_item,
    take_item,
    end
};
inline constexpr auto acts = static_cast<std::size_t>(Act::end);
inline constexpr std::array<const char*, acts> act_names{"nothing",
                                                         "put",
                                                         "put (long)",
                                                         "get",
                                                         "lease",
                                                         "put (pipe)",
                                                         "get (pipe)",
                                                         "add",
                                                         "update",
                                                         "lock",
                                                         "lock (recursive)",
                                                         "lock (writer)",
                                                         "lock (reader)",
                                                         "lock (array)",
                                                         "release",
                                                         "acquire",
                                                         "hold a permit",
                                                         "arrive",
                                                         "set",
                                                         "wait (event)",
                                                         "notify",
                                                         "wait (condition)"};

/// How far a party is with its act: in the call; with a lock, permit, lease, message or half a
/// change in its hands; in the call that lets go of it.
enum class Stage : std::uint8_t { outside, taking, mending, holding, releasing };

/// Where a party is killed, as far as can be seen.
enum class Moment : std::uint8_t { in_the_call, asleep_in_it, holding, letting_go, end };
inline constexpr auto moments = static_cast<std::size_t>(Moment::end);
inline constexpr std::array<const char*, moments> moment_names{"in the call", "asleep in it",
                                                               "holding", "letting go"};
using Kills = std::array<std::array<std::uint64_t, moments>, acts>;

/// What one life of a party has begun and done. It alone writes it; when it was killed, the line
/// tells amid what.
struct Line {
    std::atomic<int> pid{0};
    std::atomic<Act> act{Act::none};
    std::atomic<Stage> stage{Stage::outside};
    std::atomic<bool> waits{false};       // for as long as it takes
    std::atomic<bool> was_asleep{false};  // when it was killed
    std::array<std::atomic<std::uint32_t>, acts> begun{};
    std::array<std::atomic<std::uint32_t>, acts> done{};
};

inline constexpr std::uint32_t most_lines = 1U << 15;  // lives a round
inline constexpr std::uint32_t most_parcels = 128;     // of one life
inline constexpr std::uint32_t most_told = 1U << 16;   // through the pipe, by the host
inline constexpr std::uint32_t permits = 2;
inline constexpr std::size_t words_of_a_note = 6;

/// A message in a slot. Its words tell whether it is whole.
struct Note {
    std::uint32_t line = 0;
    std::uint32_t number = 0;  // from 1, by who put it
    std::array<std::uint64_t, words_of_a_note> words{};
};

/// A message of any length.
struct Parcel {
    std::uint32_t line = 0;
    std::uint32_t number = 0;
    std::vector<std::uint64_t> words;
};

/// What became of a parcel.
struct Marks {
    std::atomic<std::uint8_t> got{0};     // by get()
    std::atomic<std::uint8_t> ending{0};  // the lease is about to say that it is done
    std::atomic<std::uint8_t> done{0};    // and has said so
};

/// What only one may change at a time, and what tells whether it did.
struct Guarded {
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> ended{0};
    std::atomic<std::uint32_t> inside{0};
    std::atomic<std::uint32_t> mended{0};  // how often one was told, and mended it
};

/// As large as no word is.
struct Pair {
    std::array<std::uint64_t, 5> numbers{};
};

[[nodiscard]] constexpr std::uint32_t bit_of(Act act) noexcept {
    return 1U << static_cast<unsigned>(act);
}
static_assert(acts <= 32);

struct Accounts {
    std::atomic<std::uint32_t> lines{0};  // that were taken
    std::atomic<bool> is_over{false};
    std::atomic<bool> lets_go{false};       // also those who wait
    std::atomic<std::uint32_t> avoided{0};  // a bit for each act that nobody is to begin
    std::atomic<int> broken{0};             // how many were told that the pool is broken
    std::atomic<bool> has_fault{false};
    std::array<char, 200> fault{};
    std::atomic<std::uint64_t> items{0};
    std::atomic<std::uint64_t> last_arrivals{0};
    std::array<std::atomic<std::uint32_t>, permits> cells{};  // who has which permit
    Guarded by_lock;
    Guarded by_lock_again;
    Guarded by_write;
    Guarded by_lock_array;
};

/// The words of a message, which tell whose it is.
[[nodiscard]] std::uint64_t word_of(std::uint32_t line, std::uint32_t number, std::size_t i);

}  // namespace chaos
