// Lines of many files are gathered as views of them.
// error: this returns a std::string_view of a file's text, which is gone when the map returns
#include <pinfold/pinfold.hpp>
#include <string>
#include <string_view>
#include <vector>

int main() {
    pinfold::Pool pool;
    const auto files = pool.files(std::vector<std::string>{"one.txt", "two.txt"});
    const auto lines = pinfold::gather<std::string_view>(
        pool, pinfold::Lines(files), [](const pinfold::ChunkLines& chunk, auto& out) {
            for (const std::string_view line : chunk) {
                out.push_back(line);
            }
        });
    return int(lines.value.size());
}
