// Writes the page of each kind of synthetic study to DIRECTORY/KIND.html, for browser_test.py and
// for whoever wants to look at them.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "report/page_text.hpp"
#include "synthetic.hpp"

namespace pinfold::apps {
namespace {

void write(const std::string& path, const Synthetic& synthetic, const report::Tools& tools) {
    std::ofstream file(path, std::ios::binary);
    file << report::page_text(synthetic.study, synthetic.analysis, tools);
    if (!file.flush()) {
        throw std::runtime_error("cannot write " + path);
    }
}

void write_all(const std::string& directory) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".html") {
            std::filesystem::remove(entry.path());  // of a kind that is no longer made
        }
    }
    for (const Kind& kind : all_kinds()) {
        if (kind.name == "huge") {
            continue;  // like many_series, but slower to look at
        }
        write(directory + "/" + kind.name + ".html", kind.make(), {});
    }
    write(directory + "/no_tools.html", synthetic_study({}),
          {.gnuplot = "no-such-gnuplot", .lstopo = "no-such-lstopo", .other_lstopo = ""});
}

}  // namespace
}  // namespace pinfold::apps

int main(int count, char** words) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s DIRECTORY\n", words[0]);
        return 2;
    }
    try {
        pinfold::apps::write_all(words[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
