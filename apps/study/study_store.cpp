#include "study/study_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "json/json.hpp"
#include "json/json_reader.hpp"
#include "study/study_json.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* study_file = "study.json";
constexpr const char* samples_file = "samples.jsonl";
constexpr std::string_view samples_format = "pinfold-samples";

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void refuse_directory(const std::string& directory, std::string_view what) {
    throw std::invalid_argument(fmt::format("'{}' {}", directory, what));
}

/// The whole text of a file that is there.
std::string text_of(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    // A directory can be opened, but not read.
    if (!file.is_open() || file.bad() || std::filesystem::is_directory(path)) {
        throw std::invalid_argument(
            fmt::format("cannot read '{}': {}", path, strerror(errno == 0 ? EISDIR : errno)));
    }
    return text;
}

void write_all(const shm::Descriptor& file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            throw_errno("cannot write '" + path + "'");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void flush_to_disk(const shm::Descriptor& file, const std::string& path) {
    if (fsync(file.number()) != 0) {
        throw_errno("cannot write '" + path + "'");
    }
}

/// The bytes up to and with the last line's end: a kill leaves what is behind it.
std::size_t whole_lines(std::string_view text) {
    return text.rfind('\n') + 1;  // none: npos + 1 is 0
}

/// Which study the samples belong to.
Json::Members identity(const Study& study) {
    return {{"format", samples_format},
            {"version", study_version},
            {"started", study.started},
            {"seed", study.options.seed}};
}

/// The samples in a text of samples.jsonl, whose header must be the study's.
std::vector<Sample> samples_in(std::string_view text, const Study& study, const std::string& path) {
    std::vector<Sample> samples;
    std::size_t number = 0;
    text = text.substr(0, whole_lines(text));
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const std::string place = fmt::format("line {} of {}", ++number, path);
        if (number == 1) {
            if (line != samples_header(study)) {
                throw std::invalid_argument(
                    fmt::format("{} names another study than the {} beside it", place, study_file));
            }
            continue;
        }
        samples.push_back(parse_sample(line, place));
        if (samples.back().configuration >= study.configurations.size()) {
            throw std::invalid_argument(fmt::format("{}: configuration {} is not in {}", place,
                                                    samples.back().configuration, study_file));
        }
    }
    return samples;
}

/// A new file that other users may read, as far as the umask allows. It is to become `name`.
shm::Descriptor create(const std::string& path, int flags, const std::string& name) {
    constexpr mode_t mode = 0666;
    shm::Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode));
    if (file.number() < 0) {
        throw_errno("cannot write '" + name + "'");
    }
    return file;
}

/// A directory that can be written to, with the lock of its study.
shm::Descriptor take_directory(const std::string& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
        refuse_directory(directory, "cannot be made: " + error.message());
    }
    shm::Descriptor lock(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.number() < 0) {
        refuse_directory(directory, fmt::format("cannot be opened: {}", strerror(errno)));
    }
    if (faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        refuse_directory(directory, fmt::format("cannot be written to: {}", strerror(errno)));
    }
    // A file system without locks is used without: two studies at once are then the user's affair.
    if (flock(lock.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        refuse_directory(directory, "is in use: another pinfold scale takes a study in it");
    }
    return lock;
}

}  // namespace

std::string samples_header(const Study& study) {
    return Json::object(identity(study)).dump();
}

Study read_study(const std::string& directory_or_file) {
    std::filesystem::path path(directory_or_file);
    if (std::filesystem::is_directory(path)) {
        path /= study_file;
    }
    Study study = parse_study(text_of(path), path.string());
    const std::filesystem::path samples = path.parent_path() / samples_file;
    if (!study.complete && std::filesystem::exists(samples)) {
        study.samples = samples_in(text_of(samples), study, samples.string());
    }
    return study;
}

StudyStore::StudyStore(const std::string& directory)
    : directory_(directory), lock_(take_directory(directory)) {}

std::string StudyStore::path_of(const std::string& name) const {
    return (std::filesystem::path(directory_) / name).string();
}

std::optional<Study> StudyStore::kept() const {
    if (!std::filesystem::exists(path_of(study_file))) {
        return std::nullopt;
    }
    return read_study(directory_);
}

void StudyStore::begin(const Study& study) {
    // In this order: samples of another study are never beside this one's study.json.
    std::error_code ignored;
    std::filesystem::remove(path_of(samples_file), ignored);
    replace(study_file, to_json(study));
    go_on(study);
}

void StudyStore::go_on(const Study& study) {
    if (!std::filesystem::exists(path_of(samples_file))) {
        replace(samples_file, samples_header(study) + "\n");
    }
    const std::string path = path_of(samples_file);
    const std::size_t whole = whole_lines(text_of(path));
    samples_ = create(path, O_APPEND, path);
    if (ftruncate(samples_.number(), static_cast<off_t>(whole)) != 0) {
        throw_errno("cannot write '" + path + "'");
    }
}

void StudyStore::add(const Sample& sample) {
    const std::string path = path_of(samples_file);
    const off_t before = lseek(samples_.number(), 0, SEEK_END);
    try {
        write_all(samples_, to_json(sample) + "\n", path);
        flush_to_disk(samples_, path);
    } catch (const std::system_error&) {
        // Part of a line would spoil the next one; where this fails too, go_on() cuts it off.
        [[maybe_unused]] const int ignored = ftruncate(samples_.number(), before);
        throw;
    }
}

void StudyStore::replace(const std::string& name, std::string_view text) const {
    replace_file(path_of(name), text);
    fsync(lock_.number());  // the name; where a file system refuses that, it needs no such call
}

void replace_file(const std::string& path, std::string_view text) {
    const std::size_t name = path.rfind('/') + 1;  // none: npos + 1 is 0
    const std::string fresh = path.substr(0, name) + "." + path.substr(name) + ".new";
    try {
        const shm::Descriptor file = create(fresh, O_TRUNC, path);
        write_all(file, text, path);
        flush_to_disk(file, path);
        if (rename(fresh.c_str(), path.c_str()) != 0) {
            throw_errno("cannot write '" + path + "'");
        }
    } catch (const std::system_error&) {
        unlink(fresh.c_str());
        throw;
    }
}

std::string difference(const StudyOptions& there, const StudyOptions& here) {
    const auto members = [](StudyOptions options) {
        options.command_line.clear();
        options.directory.clear();
        options.seed = 0;
        return Json::members_of(to_json(options));
    };
    const Json::Members of_there = members(there);
    const Json::Members of_here = members(here);
    for (std::size_t i = 0; i < of_there.size(); ++i) {
        const std::string kept = of_there[i].second.dump();
        const std::string asked = of_here[i].second.dump();
        if (kept != asked) {
            return fmt::format("{} is {} there and {} here", of_there[i].first, kept, asked);
        }
    }
    return "";
}

}  // namespace pinfold::apps
