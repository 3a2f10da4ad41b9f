#include <pinfold/engine/errors.hpp>

namespace pinfold {

namespace {

std::string end_of(const Chunk& chunk) {
    return chunk.end == two_to_64 ? "2^64" : std::to_string(static_cast<std::uint64_t>(chunk.end));
}

std::string describe(const JobFailed::Details& details) {
    const std::string range =
        "[" + std::to_string(details.chunk.begin) + ", " + end_of(details.chunk) + ")";
    std::string text = "chunk " + std::to_string(details.chunk.index) + " " + range +
                       " failed on worker " + std::to_string(details.worker) + " after " +
                       std::to_string(details.attempts) +
                       (details.attempts == 1 ? " attempt" : " attempts");
    if (!details.exception_type.empty()) {
        text += ": " + details.exception_type + ": " + details.exception_text;
    }
    for (const Death& death : details.deaths) {
        text += "; worker " + std::to_string(death.worker) + " (pid " + std::to_string(death.pid) +
                "): " + death.how;
    }
    for (const shm::ShrunkFile& file : details.shrunk_files) {
        text += "; file " + file.path + " shrank from " + std::to_string(file.bytes_opened) +
                " bytes to " + std::to_string(file.bytes_now);
    }
    text += "; to run it alone under a debugger: Crew::serial, Range{" +
            std::to_string(details.chunk.begin) + "u, " + end_of(details.chunk) + "}, grain " +
            std::to_string(details.chunk.size());
    return text;
}

}  // namespace

JobFailed::JobFailed(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

}  // namespace pinfold
