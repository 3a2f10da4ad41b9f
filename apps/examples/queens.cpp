// All ways to put eight queens on a board so that none attacks another. Nobody knows before how
// many a chunk finds: gather() joins them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <pinfold/pinfold.hpp>

constexpr std::size_t size = 8;

struct Board {
    std::array<std::uint8_t, size> column{};  // of the queen in each row

    bool is_free(std::size_t row, std::size_t at) const {
        for (std::size_t above = 0; above < row; ++above) {
            const std::size_t there = column[above];
            if (there == at || there + row == at + above || there + above == at + row) {
                return false;
            }
        }
        return true;
    }
};

void place_from(std::size_t row, Board& board, pinfold::Appender<Board>& out) {
    if (row == size) {
        out.push_back(board);
        return;
    }
    for (std::size_t at = 0; at < size; ++at) {
        if (board.is_free(row, at)) {
            board.column[row] = static_cast<std::uint8_t>(at);
            place_from(row + 1, board, out);
        }
    }
}

int main() {
    pinfold::Pool pool;
    const auto boards =
        pinfold::gather<Board>(pool, pinfold::Range{0, size * size},  // the first two queens
                               [](const pinfold::Chunk& chunk, auto& out) {
                                   for (const auto k : chunk) {
                                       Board board;
                                       board.column[0] = static_cast<std::uint8_t>(k / size);
                                       board.column[1] = static_cast<std::uint8_t>(k % size);
                                       if (board.is_free(1, board.column[1])) {
                                           place_from(2, board, out);
                                       }
                                   }
                               });
    std::cout << boards.value.size() << " boards; the first has its queens in columns";
    for (const int at : boards.value[0].column) {
        std::cout << ' ' << at;
    }
    std::cout << '\n';
}
