#include <fmt/format.h>

#include <memory>
#include <pinfold/engine/journal.hpp>
#include <string>

#include "commands/commands.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

namespace {

struct JournalCommandOptions {
    std::string file;
    bool json = false;
};

/// The commands that go on from such a journal.
std::string commands_of(const JournalInfo& info) {
    return info.kernel == prime_totals_journal ? "prime-sum or prime-count" : info.kernel;
}

std::string as_text(const JournalInfo& info) {
    // An empty job is done.
    const double share =
        info.chunks == 0 ? 1.0
                         : static_cast<double>(info.chunks_done) / static_cast<double>(info.chunks);
    return fmt::format(
        "job     {}, version {}\n"
        "range   [{}, {})\n"
        "grain   {}\n"
        "done    {} of {} chunks, {:.0f} %\n",
        commands_of(info), info.version, info.range.begin, to_decimal(info.range.end), info.grain,
        info.chunks_done, info.chunks, 100 * share);
}

std::string as_json(const JournalInfo& info) {
    const Json object = Json::object({{"command", "journal"},
                                      {"kernel", info.kernel},
                                      {"version", info.version},
                                      {"begin", to_decimal(info.range.begin)},
                                      {"end", to_decimal(info.range.end)},
                                      {"grain", info.grain},
                                      {"chunks", info.chunks},
                                      {"chunks_done", info.chunks_done}});
    return object.dump() + "\n";
}

void run(const JournalCommandOptions& options) {
    const JournalInfo info = read_journal(options.file);
    Output output;
    output.write(options.json ? as_json(info) : as_text(info));
    output.finish();
}

}  // namespace

Subcommand journal_command() {
    const auto options = std::make_shared<JournalCommandOptions>();
    return {
        "journal",
        "Tell what a journal holds and how far it is",
        {{.name = "FILE",
          .place = &options->file,
          .description = "a file that --journal made",
          .required = true},
         {.name = "--json", .place = &options->json, .description = "one object"}},
        "Examples:\n"
        "  pinfold prime-sum 1e18 +1e11 --journal sum.journal\n"
        "  pinfold journal sum.journal       how far it is, also while it runs\n"
        "The journal of prime-sum is that of prime-count too: each chunk's count is kept with its "
        "sum.",
        [options] { run(*options); }};
}

}  // namespace pinfold::apps
