#include "job/outcome.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <iterator>
#include <pinfold/shm/file_space.hpp>
#include <span>
#include <string>
#include <unordered_map>

#include "nodes/worker_nodes.hpp"
#include "report/how_it_ended.hpp"

namespace pinfold::detail {

namespace {

/// The chunk whose state has this index.
Chunk chunk_at(const Board& board, std::uint64_t state_index) {
    const auto holds = [&](const PhaseRun& run) {
        return run.first_state <= state_index && state_index < run.first_state + run.plan.size();
    };
    const auto run = std::find_if(board.runs.begin(), board.runs.end(), holds);
    return run->plan[state_index - run->first_state];
}

std::uint64_t state_count(const Board& board) {
    return board.first_main_state + board.main_chunks;
}

ChunkState state_at(const Board& board, std::uint64_t state_index) {
    return unpack(board.states[state_index].load(std::memory_order_acquire));
}

bool is_lost(const Board& board, std::uint64_t state_index) {
    const ChunkState state = state_at(board, state_index);
    return state.generation == board.generation && state.kind == ChunkKind::lost;
}

Death death_of(const WorkerEnd& end) {
    return {static_cast<int>(end.worker), end.death.pid, how_it_ended(end.death)};
}

std::vector<Death> deaths_of(const Board& board, std::uint64_t state_index) {
    std::vector<Death> deaths;
    for_each_death_at(board, state_index,
                      [&](const WorkerEnd& end) { deaths.push_back(death_of(end)); });
    return deaths;
}

std::vector<Death> latest_deaths(const Board& board) {
    std::vector<Death> deaths;
    for_each_death(board, [&](const DeathRecord& record) { deaths.push_back(death_of(record)); });
    return deaths;
}

/// A worker that read beyond the end of a file died of that. The host has the same files open.
void add_shrunk(ChunkFailure& failure, const WorkerEnd& end) {
    const int status = end.death.wait_status;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS && failure.shrunk_files.empty()) {
        failure.shrunk_files = shm::shrunk_files();
    }
}

/// All but what was thrown.
ChunkFailure failure_at(const Board& board, std::uint64_t state_index) {
    const ChunkState state = state_at(board, state_index);
    ChunkFailure failure;
    failure.chunk = chunk_at(board, state_index);
    failure.worker = static_cast<int>(state.worker);
    failure.attempts = static_cast<int>(state.attempts);
    failure.deaths = deaths_of(board, state_index);
    for_each_death_at(board, state_index, [&](const WorkerEnd& end) { add_shrunk(failure, end); });
    return failure;
}

void add_thrown(ChunkFailure& failure, const Thrown& thrown) {
    failure.exception_type = thrown.type.data();
    failure.exception_text = thrown.text.data();
    if (failure.exception_type == "pinfold::shm::FileShrank") {
        failure.shrunk_files = shm::shrunk_files();
    }
}

// All that was begun is published: a chunk that is over was published before it was counted, and
// one that died was by its worker's burial.
void add_tallies(const BoardTable& table, const Board& board, JobReport& report) {
    for (WorkerNumber w = 0; w < table.lines.size(); ++w) {
        const Tally& tally = board.tallies[w];
        // First: a worker that joins the board just now writes it last.
        if (tally.generation.load(std::memory_order_acquire) == board.generation) {
            report.attempts += tally.attempts.load(std::memory_order_relaxed);
            const std::int64_t busy_ns = tally.busy_ns.load(std::memory_order_relaxed);
            report.workers.push_back(
                {static_cast<int>(w), table.workers[w].pid.load(std::memory_order_relaxed),
                 table.workers[w].bound_cpu(), tally.chunks.load(std::memory_order_relaxed),
                 static_cast<double>(busy_ns) * 1e-9});
        }
    }
}

/// How much the chunks of a run take of the job's input and output. Of a phase nobody knows.
struct ChunkSizes {
    const PhaseRun& run;
    std::size_t element_bytes;

    [[nodiscard]] std::uint64_t of(std::uint64_t index) const {
        if (run.kind == PhaseRun::Kind::phase || element_bytes == 0) {
            return 0;
        }
        return static_cast<std::uint64_t>(run.plan[index].size()) * element_bytes;
    }
};

/// Counts the chunks of a run that lie in the part of the node at `place`.
void add_part(const WorkerNodes& nodes, const Board& board, const ChunkSizes& sizes,
              std::size_t place, JobReport& report) {
    const PhaseRun& run = sizes.run;
    const Share& share = nodes.nodes[place].share;
    const std::uint64_t last = share.last_of(run.plan.size());
    for (std::uint64_t i = share.first_of(run.plan.size()); i < last; ++i) {
        const ChunkState state = state_at(board, run.first_state + i);
        if (state.generation != board.generation || state.kind != ChunkKind::committed ||
            state.worker == no_worker) {
            continue;
        }
        const std::size_t of_worker = nodes.of_workers[state.worker];
        NodeReport& node = report.nodes[of_worker];
        (of_worker == place ? node.local_chunks : node.remote_chunks) += 1;
        (of_worker == place ? node.local_bytes : node.remote_bytes) += sizes.of(i);
    }
}

// Who committed a chunk is in its state, so nothing is counted while the job runs. On one node all
// is local, and nobody pays for it.
void add_nodes(const BoardTable& table, const Board& board, std::size_t element_bytes,
               JobReport& report) {
    if (table.worker_nodes == nullptr || table.worker_nodes->nodes.size() == 1) {
        return;
    }
    const WorkerNodes& nodes = *table.worker_nodes;
    for (const WorkerNode& node : nodes.nodes) {
        report.nodes.push_back({.node = node.node, .workers = static_cast<int>(node.share.own)});
    }
    for (const PhaseRun& run : board.runs) {
        for (std::size_t place = 0; place < nodes.nodes.size(); ++place) {
            add_part(nodes, board, {run, element_bytes}, place, report);
        }
    }
}

/// The records of chunks, the newest of each, by the places of their states.
std::unordered_map<std::uint64_t, const SkipRecord*> skip_records(const Board& board) {
    std::unordered_map<std::uint64_t, const SkipRecord*> newest;
    const SkipLog& log = board.skip_log;
    const std::uint64_t taken = std::min(log.taken.load(std::memory_order_relaxed), log.size);
    for (std::uint64_t i = 0; i < taken; ++i) {
        const SkipRecord& record = log.records[i];
        // Who took it may have died before it was written.
        if (record.thrown.generation.load(std::memory_order_acquire) == board.generation) {
            newest[record.thrown.state_index] = &record;
        }
    }
    return newest;
}

ChunkFailure skipped_at(const Board& board, std::uint64_t state_index, const SkipRecord* record) {
    ChunkFailure failure = failure_at(board, state_index);
    if (record == nullptr) {
        failure.exception_text = "not kept";
        return failure;
    }
    add_thrown(failure, record->thrown);
    if (record->deaths != 0) {
        const std::span ends = std::span(record->ends).first(record->deaths);
        failure.deaths.clear();
        std::ranges::transform(ends, std::back_inserter(failure.deaths), death_of);
        std::ranges::for_each(ends, [&](const WorkerEnd& end) { add_shrunk(failure, end); });
    }
    return failure;
}

// A tally counts what is over; its worker committed the rest.
void add_skipped(const Board& board, JobReport& report) {
    const auto records = skip_records(board);
    for (std::uint64_t i = board.first_main_state; i < state_count(board); ++i) {
        if (is_lost(board, i)) {
            const auto found = records.find(i);
            report.skipped.push_back(
                skipped_at(board, i, found == records.end() ? nullptr : found->second));
            const int loser = report.skipped.back().worker;
            --std::ranges::find(report.workers, loser, &WorkerReport::worker)->chunks;
        }
    }
}

/// What the worker's map threw for the chunk that failed the job, or nullptr.
const Thrown* thrown_by(const Board& board, WorkerNumber worker) {
    const Thrown& thrown = board.thrown[worker];
    const bool counts = thrown.generation.load(std::memory_order_acquire) == board.generation &&
                        is_lost(board, thrown.state_index);
    return counts ? &thrown : nullptr;
}

// The lowest of those that were lost before all workers had stopped. One that is skipped is none.
std::uint64_t chunk_to_blame(const BoardTable& table, const Board& board) {
    std::uint64_t lowest = board.poison.load(std::memory_order_acquire);
    for (WorkerNumber worker = 0; worker < table.lines.size(); ++worker) {
        if (const Thrown* const thrown = thrown_by(board, worker)) {
            lowest = std::min(lowest, thrown->state_index);
        }
    }
    return lowest;
}

std::vector<double> phase_seconds(const Board& board, std::int64_t began_ns) {
    std::vector<double> seconds;
    double own_chunks = 0;
    for (const PhaseRun& run : board.runs) {
        const std::int64_t ended = run.ended_at_ns.load(std::memory_order_relaxed);
        const double took = static_cast<double>(ended - began_ns) * 1e-9;
        if (run.kind == PhaseRun::Kind::stretch) {
            own_chunks += took;
        } else {
            seconds.push_back(took);
        }
        began_ns = ended;
    }
    seconds.push_back(own_chunks);
    return seconds;
}

}  // namespace

JobReport report_of(const BoardTable& table, const Board& board, std::int64_t began_ns,
                    std::size_t element_bytes) {
    JobReport report;
    report.chunks = state_count(board);
    report.restored = board.restored;
    report.deaths = board.deaths.load(std::memory_order_acquire);
    report.latest_deaths = latest_deaths(board);
    add_tallies(table, board, report);
    report.phase_seconds = phase_seconds(board, began_ns);
    add_nodes(table, board, element_bytes, report);
    if (board.skip_poison) {
        add_skipped(board, report);
    }
    std::erase_if(report.workers, [](const WorkerReport& worker) { return worker.chunks == 0; });
    return report;
}

JobFailed failure_of(const BoardTable& table, const Board& board) {
    const std::uint64_t lost = chunk_to_blame(table, board);
    ChunkFailure failure = failure_at(board, lost);
    const Thrown* const thrown = thrown_by(board, state_at(board, lost).worker);
    if (thrown != nullptr && thrown->state_index == lost) {
        add_thrown(failure, *thrown);
    }
    return JobFailed(std::move(failure));
}

}  // namespace pinfold::detail
