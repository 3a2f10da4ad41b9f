// A keyed job in the host. Who owns what, and what a death does:
//
//     worker's own memory   the table of a chunk, or of a merge: lost with the worker, whose chunk
//                           starts again
//     block, not committed  the worker holds it: its burial frees it
//     part, committed       the board's, then `parts_`: freed when its round is merged
//     table, committed      the board's, then `tables_`: it takes the old one's place, which is
//                           freed. A merge that starts again reads the old one, which nobody
//                           changes
//
// The host alone frees what is committed. When the job throws, it frees all of both.

#include <algorithm>
#include <cstring>
#include <iterator>
#include <pinfold/engine/detail/keyed/rounds.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/arena.hpp>
#include <random>
#include <stdexcept>
#include <string>

#include "keyed/keyed_turn.hpp"

namespace pinfold::detail {

namespace {

// A merge copies the tables, so a round is to be large beside them; parts and tables are in memory
// together, so it is not to be too large (keyed_bench).
constexpr std::size_t round_bytes = std::size_t{32} << 20;

// So much, about, lies in parts that have not come to the host.
constexpr std::size_t ahead_bytes = std::size_t{16} << 20;

// Of an arena that was made small on purpose, a round takes no more than this part: so as many jobs
// as go on at a time take half of it.
constexpr std::size_t rounds_of_arena = 64;
static_assert(2 * most_keyed_jobs <= rounds_of_arena);

// So many new tables wait for the host beside the old ones, at most.
constexpr std::uint64_t merge_look_ahead = 16;

// A merge may take longer than the chunks for which a deadline was given.
constexpr std::chrono::nanoseconds least_merge_deadline = std::chrono::seconds(10);

[[nodiscard]] bool is_heap_full(const JobFailed& failure) {
    return failure.details().exception_type == "pinfold::shm::HeapFull";
}

[[nodiscard]] std::uint64_t keys_of(const KeyedBlocks& tables) noexcept {
    std::uint64_t keys = 0;
    for (std::size_t p = 0; p < tables.size(); ++p) {
        if (tables[p].data != nullptr) {
            keys += reinterpret_cast<const TableHead*>(tables[p].data)->rows;
        }
    }
    return keys;
}

}  // namespace

HashSeed random_seed() {
    std::random_device device;
    const auto word = [&device] { return std::uint64_t{device()} << 32U | device(); };
    const std::uint64_t a = word();
    return {a, word() | 1U};
}

void refuse_more_rows() {
    throw std::length_error("a chunk of a keyed job emits more than " + std::to_string(most_rows) +
                            " rows: take a smaller grain");
}

std::uint64_t keyed_grain(std::uint64_t size, std::uint64_t least, std::uint64_t most) {
    constexpr std::uint64_t chunks = 64;
    return std::clamp(size / chunks + 1, least, most);
}

std::uint64_t keyed_look_ahead(const Pool& pool, std::uint64_t chunk_bytes) {
    constexpr std::uint64_t most_chunks = 256;
    const std::uint64_t bytes =
        std::min(ahead_bytes, pool.arena()->reserved_bytes() / rounds_of_arena);
    const auto workers = static_cast<std::uint64_t>(std::max(pool.workers(), 1));
    return std::clamp(bytes / std::max<std::uint64_t>(chunk_bytes, 1), workers + 1,
                      std::max(most_chunks, workers + 1));
}

KeyedRounds::KeyedRounds(Pool& pool, const MergeSpec& merge, const JobSettings& settings)
    : pool_(pool),
      merge_(merge),
      settings_(settings),
      least_round_bytes_(std::min(round_bytes, pool.arena()->reserved_bytes() / rounds_of_arena)),
      parts_(pool.arena()),
      tables_(pool.arena(), partitions) {}

JobReport KeyedRounds::run(JobSpec& maps) {
    const KeyedTurn turn(keyed_turns_of(pool_), settings_.stop, settings_.deadline);
    JobSettings settings = settings_;
    settings.deadline = deadline_left();
    maps.settings = &settings;
    try {
        JobReport report = run_stream(pool_, maps, [this](std::byte* result, const Chunk&) {
            tell_maps_ended();
            take(*reinterpret_cast<ResultSlot*>(result));
        });
        merge();
        report.deaths += merge_deaths_;
        std::ranges::move(latest_merge_deaths_, std::back_inserter(report.latest_deaths));
        return report;
    } catch (const JobFailed& failure) {
        if (is_heap_full(failure)) {
            throw TooManyKeys(keys_of(tables_), tables_.bytes(), parts_.bytes(),
                              failure.details().exception_text);
        }
        throw;
    }
}

void KeyedRounds::take(ResultSlot& slot) {
    if (slot.bytes == 0) {
        return;
    }
    parts_.add({slot.block, static_cast<std::size_t>(slot.bytes)});
    part_bytes_ += slot.bytes;
    slot.bytes = 0;  // so that the stream does not free it
    if (part_bytes_ >= std::max(least_round_bytes_, table_bytes_ / 2 * 3)) {
        merge();
    }
}

std::vector<std::byte> KeyedRounds::merge_job() const {
    constexpr std::size_t word = alignof(const PartHead*);
    const std::size_t parts_at = (merge_.frame.size() + word - 1) / word * word;
    std::vector<std::byte> job(parts_at + parts_.size() * sizeof(const PartHead*));
    std::ranges::copy(merge_.frame, job.begin());
    MergeHead head;
    std::memcpy(&head, job.data(), sizeof(head));
    for (std::size_t p = 0; p < partitions; ++p) {
        head.tables[p] = reinterpret_cast<const TableHead*>(tables_[p].data);
    }
    head.parts = parts_.size();
    head.parts_at = parts_at;
    std::memcpy(job.data(), &head, sizeof(head));
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const std::byte* const part = parts_[i].data;
        std::memcpy(job.data() + parts_at + i * sizeof(part), &part, sizeof(part));
    }
    return job;
}

// With what is left of the job's time. No chunk of a merge is skipped, since that would lose its
// keys.
JobSettings KeyedRounds::merge_settings() const {
    JobSettings settings;
    settings.grain = 1;
    settings.max_attempts = settings_.max_attempts;
    settings.stop = settings_.stop;
    settings.kill = settings_.kill;
    settings.look_ahead = merge_look_ahead;
    if (settings_.chunk_deadline.count() != 0) {
        settings.chunk_deadline = std::max(settings_.chunk_deadline, least_merge_deadline);
    }
    settings.deadline = deadline_left();
    return settings;
}

// Zero of none.
std::chrono::nanoseconds KeyedRounds::deadline_left() const {
    if (settings_.deadline.count() <= 0) {
        return settings_.deadline;  // which a job refuses where it is negative
    }
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - began_;
    return std::max(settings_.deadline - took, std::chrono::nanoseconds(1));
}

void KeyedRounds::merge() {
    if (parts_.size() == 0) {
        return;
    }
    const std::vector<std::byte> job = merge_job();
    const JobSettings settings = merge_settings();
    JobSpec spec = spec_of_slots(ChunkPlan(Range{0, partitions}, 1), settings, nullptr);
    spec.job = job;
    spec.job_alignment = merge_.alignment;
    spec.call = merge_.call;
    const JobReport report =
        run_stream(pool_, spec, [this](std::byte* result, const Chunk& partition) {
            auto& slot = *reinterpret_cast<ResultSlot*>(result);
            if (slot.bytes != 0) {
                tables_.replace(partition.index, {slot.block, std::size_t{slot.bytes}});
                slot.bytes = 0;
            }
        });
    merge_deaths_ += report.deaths;
    std::ranges::copy(report.latest_deaths, std::back_inserter(latest_merge_deaths_));
    table_bytes_ = tables_.bytes();
    parts_.clear();
    part_bytes_ = 0;
}

}  // namespace pinfold::detail
