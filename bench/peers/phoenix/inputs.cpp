#include "peers/phoenix/inputs.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/array.hpp>

#include "peers/keyed/digest.hpp"
#include "peers/keyed/inputs.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

/// In the same kind of memory as a pool's arrays.
template <typename T, typename F>
[[nodiscard]] pinfold::shm::Array<T> made(std::uint64_t size, F f) {
    static const auto arena = std::make_shared<pinfold::shm::Arena>();
    const pinfold::shm::Array<T> all(arena, size);
    for (std::uint64_t k = 0; k < size; ++k) {
        all[k] = f(mixed(k + 1), k);
    }
    return all;
}

[[nodiscard]] std::vector<Place> places(std::uint64_t size, std::uint64_t seed) {
    std::vector<Place> all(size);
    for (Place& place : all) {
        for (int& x : place) {
            x = static_cast<int>(mixed(++seed) % 1000);
        }
    }
    return all;
}

[[nodiscard]] pinfold::shm::Array<char> made_lines() {
    const std::string_view text = zipf_text();
    const auto lines = made<char>(text.size(), [text](std::uint64_t, std::uint64_t k) {
        return text[k] == ' ' ? '\n' : text[k];
    });
    const std::string_view all(lines.data(), lines.size());
    constexpr std::size_t distance = 100'000;
    for (std::size_t k = 0; k + distance < all.size(); k += distance) {
        const std::string_view word = four_words[k / distance % four_words.size()];
        char* const at = lines.data() + all.find('\n', k);
        *std::copy(word.begin(), word.end(), at + 1) = '\n';
    }
    return lines;
}

}  // namespace

std::span<const Pixel> pixels() {
    static const auto all = made<Pixel>(share_of(66'000'000), [](std::uint64_t r, std::uint64_t) {
        return Pixel{std::uint8_t(r), std::uint8_t(r >> 8U), std::uint8_t(r >> 16U)};
    });
    return all.span();
}

std::span<const BytePoint> byte_points() {
    static const auto all =
        made<BytePoint>(share_of(100'000'000), [](std::uint64_t r, std::uint64_t) {
            return BytePoint{static_cast<std::int8_t>(r % 100),
                             static_cast<std::int8_t>((r >> 20U) % 100)};
        });
    return all.span();
}

std::vector<Place> cluster_points() {
    return places(share_of(400'000), 1);
}

std::vector<Place> first_means() {
    return places(cluster_count, 1U << 30U);
}

std::vector<int> square_matrix(std::uint64_t seed, int bound) {
    std::vector<int> all(matrix_side * matrix_side);
    for (int& x : all) {
        x = static_cast<int>(mixed(++seed) % static_cast<std::uint64_t>(bound));
    }
    return all;
}

std::string_view word_lines() {
    static const auto lines = made_lines();
    return {lines.data(), lines.size()};
}

void require_same(Phoenix workload, const std::vector<std::uint64_t>& found) {
    static std::map<Phoenix, std::vector<std::uint64_t>> first;
    const auto [known, is_new] = first.try_emplace(workload, found);
    require(is_new || known->second == found, "a workload of Phoenix++'s");
}

}  // namespace bench
