#include <iostream>
#include <map>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <string_view>
#include <vector>

struct Job {
    std::vector<std::string> prefixes;
};

using Counts = std::map<std::string, int>;

Counts count(const Job& job, const pinfold::ChunkWords& words) {
    Counts counts;
    for (const std::string_view word : words) {
        for (const std::string& prefix : job.prefixes) {
            if (word.starts_with(prefix)) {
                ++counts[std::string(word)];
            }
        }
    }
    return counts;
}

int main(int, char** argv) {
    pinfold::Pool pool;
    const auto file = pool.file(argv[1]);
    const Job job{{"patent", "trademark"}};
    const auto fold = [](Counts all, const Counts& part) {
        for (const auto& [word, times] : part) {
            all[word] += times;
        }
        return all;
    };
    const auto map = [](const Job& j, const pinfold::ChunkWords& words) { return count(j, words); };
    for (const auto& [word, times] :
         pinfold::map_reduce(pool, pinfold::Words(file), job, map, fold).value) {
        std::cout << word << ' ' << times << '\n';
    }
}
