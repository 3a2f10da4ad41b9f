#include "trace/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <fstream>
#include <iterator>
#include <pinfold/shm/descriptor.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace pinfold::apps {

namespace {

constexpr std::string_view beginning =
    R"({"displayTimeUnit":"ns","otherData":{"format":"pinfold-timeline")";

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw std::invalid_argument(fmt::format("--trace '{}': {}", file, why));
}

[[noreturn]] void refuse(const std::string& file, int error) {
    refuse(file, std::generic_category().message(error));
}

bool begins_like_a_timeline(int descriptor) {
    std::array<char, beginning.size()> text{};
    const ssize_t got = pread(descriptor, text.data(), text.size(), 0);
    return got == static_cast<ssize_t>(text.size()) &&
           std::string_view(text.data(), text.size()) == beginning;
}

// Without waiting: a pipe that nobody reads would hold the command up.
void try_file(const std::string& file) {
    struct stat status {};
    const bool is_there = stat(file.c_str(), &status) == 0;
    if (is_there && !S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
        refuse(file, "is no regular file");
    }
    constexpr mode_t for_all = 0666;
    const bool has_bytes = is_there && status.st_size != 0;
    const int access = has_bytes ? O_RDWR : O_WRONLY | O_CREAT;
    const shm::Descriptor opened(
        open(file.c_str(), access | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, for_all));
    if (opened.number() < 0) {
        refuse(file, errno);
    }
    if (has_bytes && !begins_like_a_timeline(opened.number())) {
        refuse(file, "is there already, and is no timeline");
    }
}

/// What the user typed, which viewers show.
std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string words{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!words.empty()) {
        words.pop_back();
    }
    for (char& c : words) {
        c = c == '\0' ? ' ' : c;
    }
    return words;
}

}  // namespace

TraceFile::TraceFile(std::string file, std::function<void(std::string_view)> tell)
    : file_(std::move(file)), tell_(std::move(tell)), timeline_({.name = command_line()}) {
    try_file(file_);
}

TraceFile::~TraceFile() {
    if (!is_finished_) {
        try {
            timeline_.write(file_);
        } catch (const std::exception& error) {
            tell_(error.what());
        }
    }
}

void TraceFile::finish() {
    is_finished_ = true;
    timeline_.write(file_);
}

}  // namespace pinfold::apps
