#include "report/page.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <pinfold/shm/descriptor.hpp>
#include <string_view>
#include <system_error>

#include "report/conclusions.hpp"
#include "report/environment.hpp"
#include "report/html.hpp"
#include "report/look_up.hpp"
#include "report/points.hpp"
#include "report/style.hpp"
#include "report/summary.hpp"

namespace pinfold::apps {

namespace report {

namespace {

void write_head(Html& html, const Study& study) {
    const auto head = html.in("head");
    html.markup(
        "<meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        // Without it a browser asks the server of the page for an icon.
        "<link rel=\"icon\" href=\"data:,\">");
    html.element("title", "Scaling of " + shell_line(study.options.command));
    html.markup("<style>" + style_sheet() + "</style>");
}

void write_contents(Html& html) {
    const auto nav = html.in("nav", {{"aria-label", "contents"}});
    const auto list = html.in("ul");
    constexpr std::pair<std::string_view, std::string_view> sections[] = {
        {"summary", "Summary"},         {"points", "Speedup"},
        {"environment", "Environment"}, {"conclusions", "What to conclude"},
        {"reproduce", "Reproduce it"},
    };
    for (const auto& [id, name] : sections) {
        const auto item = html.in("li");
        html.element("a", name, {{"href", "#" + std::string(id)}});
    }
}

void write_scaling(Html& html, const Study& study, const Analysis& analysis) {
    const auto section = html.in("section", {{"id", "points"}});
    html.element("h2", "Speedup and efficiency");
    write_points(html, study, analysis);
    write_laws(html, study, analysis);
}

std::string page_of(const Study& study, const Analysis& analysis) {
    Html html;
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">");
    write_head(html, study);
    {
        const auto body = html.in("body");
        const auto main = html.in("main");
        write_title(html, study);
        write_contents(html);
        write_summary(html, study, analysis);
        write_scaling(html, study, analysis);
        write_environment(html, study);
        write_conclusions(html, study, analysis);
        write_reproduction(html, study);
    }
    html.markup("</html>\n");
    return html.take();
}

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
    report::replace_file(directory + "/index.html", report::page_of(study, analysis));
}

}  // namespace pinfold::apps
