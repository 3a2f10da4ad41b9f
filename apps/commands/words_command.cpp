#include <fmt/format.h>
#include <unistd.h>

#include <limits>
#include <memory>
#include <optional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/inputs/files.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.hpp"
#include "commands/input_files.hpp"
#include "commands/word_rows.hpp"
#include "jobs/words/word_counts.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"
#include "shell/run_options.hpp"

namespace pinfold::apps {

namespace {

constexpr const char* command_name = "words";

struct WordsOptions {
    std::vector<std::string> files;
    std::string top;
    RunOptions run;
};

/// The words, or an error for somebody who cannot say how much memory the pool may have.
JobResult<WordCounts> counted(Pool& pool, const InputFiles& files, const JobSettings& settings) {
    try {
        return count_words(pool, pool.files(files.paths()), settings);
    } catch (const TooManyKeys& error) {
        throw std::runtime_error(fmt::format(
            "there is no memory for so many different words: {} of them took {} MiB, and {} MiB of "
            "others wait",
            error.keys(), error.table_bytes() >> 20, error.waiting_bytes() >> 20));
    }
}

void run(const WordsOptions& options, const StopSignals& signals) {
    const std::size_t most = options.top.empty()
                                 ? std::numeric_limits<std::size_t>::max()
                                 : parse_uint64("--top", options.top, {1, two_to_64 - 1});
    const InputFiles files(options.files.empty() ? std::vector<std::string>{"-"} : options.files);
    const Range range{0, files.bytes()};
    JobSetup setup = set_up_job(options.run, {range, default_grain(range), ""}, signals);
    std::optional<std::uint64_t> grain = setup.settings.grain;
    if (options.run.grain.empty()) {
        setup.settings.grain = 0;  // that of a keyed job, which knows how large its tables are
        grain.reset();
    }
    Pool pool(setup.pool);
    const JobResult<WordCounts> counts = counted(pool, files, setup.settings);
    warn_of_losses(counts.report);
    Output output;
    print_words(
        output, setup.format, isatty(STDOUT_FILENO) == 1 ? Reader::terminal : Reader::program,
        {command_name,
         {{"distinct", counts.value.size()}, {"value", std::to_string(all_words(counts.value))}},
         report_members(setup.pool, counts.report, grain)},
        counts.value.top(most));
    finish(output, setup);
}

}  // namespace

Subcommand words_command(const StopSignals& signals) {
    const auto options = std::make_shared<WordsOptions>();
    std::vector<Argument> own{
        {.name = "FILE",
         .place = &options->files,
         .description = "files whose words are counted together; - is standard\n"
                        "input, and so is no FILE"},
        {.name = "--top",
         .place = &options->top,
         .description = "print only the N most frequent words [all of them]",
         .type = "N"}};
    return {
        command_name, "Count the words of files", with_run_arguments(std::move(own), options->run),
        "A word is what stands between blanks; no bytes but those of blanks are special, so that\n"
        "\"The\", \"the\" and \"the,\" are three words. The most frequent come first, and of "
        "equal\n"
        "counts the lower bytes: the lines are those of\n"
        "  tr -s ' \\t\\n\\v\\f\\r' '\\n' | grep . | LC_ALL=C sort | uniq -c | LC_ALL=C sort "
        "-k1,1nr -k2\n"
        "Words are written byte by byte as they stand in the files, but to a terminal control\n"
        "characters as \\x1b, and in JSON U+FFFD for each byte that is no UTF-8.\n"
        "\n"
        "Examples:\n"
        "  pinfold words book.txt --top 20\n"
        "  pinfold words *.txt --json\n"
        "  zcat log.gz | pinfold words --workers 8\n"
        "With --json, value is how many words there are, and distinct how many different ones.\n"
        "--grain counts bytes.",
        [options, &signals] { run(*options, signals); }};
}

}  // namespace pinfold::apps
