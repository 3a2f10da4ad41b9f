#include "report/page.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <pinfold/shm/descriptor.hpp>
#include <string_view>
#include <system_error>

#include "report/page_text.hpp"

namespace pinfold::apps {

namespace report {

namespace {

[[noreturn]] void throw_errno(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), "cannot write '" + path + "'");
}

void write_all(const shm::Descriptor& file, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = write(file.number(), text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            throw_errno(path);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// The file is the old one or the whole new one, whatever ends this process.
void replace_file(const std::string& path, std::string_view text) {
    const std::string fresh = path + ".new";
    constexpr mode_t mode = 0666;
    const shm::Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.number() < 0) {
        throw_errno(path);
    }
    try {
        write_all(file, text, path);
        if (fsync(file.number()) != 0 || rename(fresh.c_str(), path.c_str()) != 0) {
            throw_errno(path);
        }
    } catch (...) {
        unlink(fresh.c_str());
        throw;
    }
}

}  // namespace

}  // namespace report

void write_page(const Study& study, const Analysis& analysis, const std::string& directory) {
    report::replace_file(directory + "/index.html", report::page_text(study, analysis, {}));
}

}  // namespace pinfold::apps
