#include "commands/input_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "shell/mapped_file.hpp"

namespace pinfold::apps {

InputFiles::InputFiles(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        add(name);
    }
}

void InputFiles::add(const std::string& name) {
    WholeFile file = open_whole_file(name);
    if (file.bytes == 0) {
        return;
    }
    bytes_ += file.bytes;
    if (!file.is_copy && name != "-") {
        paths_.push_back(name);
        return;
    }
    paths_.push_back(fmt::format("/proc/{}/fd/{}", getpid(), file.descriptor.number()));
    kept_.push_back(std::move(file.descriptor));
}

}  // namespace pinfold::apps
