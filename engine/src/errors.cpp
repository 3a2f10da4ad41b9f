#include <pinfold/engine/errors.hpp>

namespace pinfold {

namespace {

std::string end_of(const Chunk& chunk) {
    return chunk.end == two_to_64 ? "2^64" : std::to_string(static_cast<std::uint64_t>(chunk.end));
}

void add_death(std::string& text, const Death& death) {
    text += "; worker " + std::to_string(death.worker) + " (pid " + std::to_string(death.pid) +
            "): " + death.how;
}

std::string attempts_of(int attempts) {
    return std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts");
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
        add_death(text, death);
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

std::string describe(const TaskFailed::Details& details) {
    std::string text = "task " + std::to_string(details.number);
    if (!details.name.empty()) {
        text += " (" + details.name + ")";
    }
    text += " failed after " + attempts_of(details.attempts);
    if (!details.exception_type.empty()) {
        text += ": " + details.exception_type + ": " + details.exception_text;
    }
    for (const Death& death : details.deaths) {
        add_death(text, death);
    }
    text +=
        "; to run it under a debugger, in the calling thread: make the pool with Crew::serial, and "
        "submit the same";
    return text;
}

}  // namespace

TaskFailed::TaskFailed(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

JobFailed::JobFailed(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

}  // namespace pinfold
