#include "process/proc_text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <pinfold/shm/descriptor.hpp>

namespace pinfold::detail {

namespace {

/// A path with a number in it.
struct Path {
    Path(const char* before, int number, const char* behind) noexcept {
        std::snprintf(text.data(), text.size(), "%s%d%s", before, number, behind);
    }
    std::array<char, 64> text;
};

}  // namespace

ProcText::ProcText(const char* path) noexcept {
    const shm::Descriptor file(open(path, O_RDONLY | O_CLOEXEC));
    const ssize_t got = read(file.number(), text_.data(), text_.size() - 1);
    length_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    text_[length_] = '\0';
}

ProcText::ProcText(const char* before, int number, const char* behind) noexcept
    : ProcText(Path(before, number, behind).text.data()) {}

std::optional<long long> ProcText::field(std::string_view name) const noexcept {
    for (std::size_t at = text().find(name); at != std::string_view::npos;
         at = text().find(name, at + 1)) {
        if (at > 0 && text_[at - 1] == '\n') {
            return std::strtoll(text_.data() + at + name.size(), nullptr, 10);
        }
    }
    return std::nullopt;
}

}  // namespace pinfold::detail
