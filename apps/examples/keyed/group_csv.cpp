// The median of a column of numbers for each value of another column of a CSV file. A median needs
// all numbers of its group, so they are collected, and not combined.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <string>
#include <string_view>
#include <vector>

std::string_view cell(std::string_view line, std::size_t column) {
    for (; column > 0; --column) {
        const std::size_t comma = line.find(',');
        line = comma == line.npos ? "" : line.substr(comma + 1);
    }
    return line.substr(0, line.find(','));
}

double median(std::vector<double> numbers) {
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
    std::nth_element(numbers.begin(), middle, numbers.end());
    return *middle;
}

void print_medians(const char* path, std::size_t keys, std::size_t numbers) {
    pinfold::Pool pool;
    const auto groups = pinfold::group_by<std::string, double>(
        pool, pinfold::Lines(pool.file(path)), [=](const pinfold::ChunkLines& lines, auto& emit) {
            for (const std::string_view line : lines) {
                const std::string_view text = cell(line, numbers);
                double number = 0;
                if (std::from_chars(text.begin(), text.end(), number).ec == std::errc()) {
                    emit(cell(line, keys), number);  // no heading, and no empty cell
                }
            }
        });
    for (const auto& [key, values] : groups.value.sorted()) {
        std::cout << key << ' ' << median({values.begin(), values.end()}) << '\n';
    }
}

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: group_csv FILE COLUMN_OF_KEYS COLUMN_OF_NUMBERS, from 0 on\n";
        return EXIT_FAILURE;
    }
    try {
        print_medians(argv[1], std::stoul(argv[2]), std::stoul(argv[3]));
    } catch (const std::exception& e) {
        std::cerr << "group_csv: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
