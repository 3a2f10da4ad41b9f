#include "scale/traced_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "json/json_reader.hpp"

namespace pinfold::apps {

namespace {

/// Tracks are numbered from 0, and the first is that of the job.
constexpr int track_of_worker_0 = 1;

TracedChunk chunk_of(std::string_view line, const std::string& place) {
    constexpr double seconds_of_a_us = 1e-6;
    line = line.substr(0, line.find_last_of('}') + 1);  // the comma between two events
    const JsonReader event = JsonReader::parse(line, place);
    return {event["tid"].integer() - track_of_worker_0, seconds_of_a_us * event["ts"].number(),
            seconds_of_a_us * event["dur"].number()};
}

void thin(std::vector<TracedChunk>& chunks, std::size_t most) {
    while (chunks.size() > most) {
        std::size_t index = 0;
        std::erase_if(chunks, [&](const TracedChunk&) { return index++ % 2 == 1; });
    }
}

}  // namespace

std::string trace_file_name(const std::string& series) {
    std::string name = "trace";
    bool apart = true;
    for (const char c : series) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            name += apart ? "-" : "";
            name += c;
        }
        apart = std::isalnum(static_cast<unsigned char>(c)) == 0;
    }
    return name + ".json";
}

std::vector<TracedChunk> read_traced_chunks(const std::string& file, std::size_t most) {
    std::ifstream lines(file);
    if (!lines) {
        throw std::invalid_argument(fmt::format("cannot read '{}': {}", file, strerror(errno)));
    }
    std::vector<TracedChunk> chunks;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.find(R"("cat":"chunk")") != std::string::npos) {
            chunks.push_back(chunk_of(line, fmt::format("line {} of {}", number, file)));
        }
    }
    std::ranges::stable_sort(chunks, {}, &TracedChunk::begin_seconds);
    thin(chunks, most);
    const double first = chunks.empty() ? 0 : chunks.front().begin_seconds;
    for (TracedChunk& chunk : chunks) {
        chunk.begin_seconds -= first;
    }
    return chunks;
}

}  // namespace pinfold::apps
