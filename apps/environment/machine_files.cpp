#include "environment/machine_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace pinfold::apps {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_text = std::size_t{1} << 20U;
constexpr std::string_view blanks(" \t\r\n\0", 5);  // device-tree texts end with a 0

}  // namespace

bool MachineFiles::has(std::string_view file) const {
    std::error_code cannot_tell;
    return fs::exists(path(file), cannot_tell);
}

std::optional<std::string> MachineFiles::text(std::string_view file) const {
    std::ifstream in(path(file), std::ios::binary);
    std::string text(largest_text, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto size = static_cast<std::size_t>(in.gcount());
    text.resize(size);
    text.shrink_to_fit();
    return size == 0 ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> MachineFiles::line(std::string_view file) const {
    std::ifstream in(path(file), std::ios::binary);
    std::string line;
    std::getline(in, line);
    const std::string_view found = trimmed(line);
    return found.empty() ? std::nullopt : std::optional<std::string>(found);
}

std::optional<double> MachineFiles::number(std::string_view file) const {
    const auto first = line(file);
    return first ? leading_number(*first) : std::nullopt;
}

std::optional<std::string> MachineFiles::entry(std::string_view file, std::string_view key,
                                               char separator) const {
    const auto all = text(file);
    return all ? entry_of(*all, key, separator) : std::nullopt;
}

std::vector<std::string> MachineFiles::names_in(std::string_view folder) const {
    std::vector<std::string> names;
    std::error_code none;
    for (fs::directory_iterator at(path(folder), none), end; !none && at != end;
         at.increment(none)) {
        names.push_back(at->path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

std::optional<double> leading_number(std::string_view text) {
    text = trimmed(text);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const std::size_t end = std::min(text.find_first_of(blanks), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

std::optional<std::string> entry_of(std::string_view text, std::string_view key, char separator) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with(key)) {
            line = trimmed(line.substr(key.size()));
            if (line.starts_with(separator)) {
                return std::string(trimmed(line.substr(1)));
            }
        }
    }
    return std::nullopt;
}

}  // namespace pinfold::apps
