#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "compare/measurements.hpp"
#include "json/json_reader.hpp"
#include "shell/mapped_file.hpp"
#include "study/study_json.hpp"

namespace pinfold::apps {

namespace {

bool is_google_benchmark(const std::string& path) {
    const MappedFile file(path);
    if (file.text().find_first_not_of(" \t\r\n") == std::string_view::npos) {
        throw std::invalid_argument(fmt::format("'{}' is empty", path));
    }
    return JsonReader::parse(file.text(), path).has("benchmarks");
}

Measurements read_google_benchmark(const std::string& path) {
    const MappedFile file(path);
    return parse_google_benchmark(file.text(), path);
}

}  // namespace

Measurements read_measurements(const std::string& directory_or_file) {
    std::error_code error;
    if (!std::filesystem::is_directory(directory_or_file, error) &&
        is_google_benchmark(directory_or_file)) {
        return read_google_benchmark(directory_or_file);
    }
    Measurements made = measurements_of(read_study(directory_or_file), directory_or_file);
    if (made.all.empty()) {
        throw std::invalid_argument(fmt::format("{} has no samples", directory_or_file));
    }
    return made;
}

}  // namespace pinfold::apps
