#pragma once

#include <array>
#include <cstddef>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/party.hpp>

#include "board/board.hpp"

namespace pinfold::testing {

/// The boards of a pool whose workers a test plays itself.
template <std::size_t worker_count, std::size_t board_count>
struct PlayedTable {
    explicit PlayedTable(bool may_lease) {
        table.boards = boards;
        table.lines = lines;
        table.workers = parties;
        table.work = &work;
        table.may_lease = may_lease;
    }

    shm::Doorbell work;
    std::array<shm::Party, worker_count> parties;
    std::array<detail::ClaimLine, worker_count> lines;
    std::array<detail::Board, board_count> boards;
    detail::BoardTable table;
};

}  // namespace pinfold::testing
