// The result is a view of a file's line, of which the worker has had a copy.
// error: gone when the map returns
// error: return a std::string
#include <pinfold/pinfold.hpp>
#include <string_view>

int main() {
    pinfold::Pool pool;
    const auto files = pool.files({"a", "b"});
    const auto last = pinfold::map_reduce(
        pool, pinfold::Lines(files),
        [](const pinfold::ChunkLines& lines) {
            return lines.empty() ? std::string_view() : *lines.begin();
        },
        [](std::string_view, std::string_view b) { return b; });
    return int(last.value.size());
}
