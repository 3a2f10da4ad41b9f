// All ways to put eight queens on a board so that none attacks another. Nobody knows before how
// many a chunk finds: gather() joins them.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <pinfold/pinfold.hpp>

constexpr int size = 8;

struct Board {
    std::array<std::int8_t, size> column{};  // of the queen in each row

    bool is_free(int row, int at) const {
        for (int above = 0; above < row; ++above) {
            if (column[above] == at || std::abs(column[above] - at) == row - above) {
                return false;
            }
        }
        return true;
    }
};

void place_from(int row, Board& board, pinfold::Appender<Board>& out) {
    if (row == size) {
        out.push_back(board);
        return;
    }
    for (int at = 0; at < size; ++at) {
        if (board.is_free(row, at)) {
            board.column[row] = static_cast<std::int8_t>(at);
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
                                       board.column[0] = static_cast<std::int8_t>(k / size);
                                       board.column[1] = static_cast<std::int8_t>(k % size);
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
