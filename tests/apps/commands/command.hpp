#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace pinfold::apps {

/// What a run of the pinfold command left behind.
struct Outcome {
    int status = -1;              ///< its exit status, or -1 when a signal ended it
    std::string output;           ///< standard output
    std::string error;            ///< standard error
    bool processes_left = false;  ///< descendants that did not end within the test's patience
};

/// Where a command's standard output goes.
enum class Stdout { captured, closed, full_disk, closed_pipe };

/// A pinfold command that runs beside the test, which adopts the processes that it leaves behind.
/// One at a time: finish() reaps whatever child the test has.
class Command {
  public:
    using Arguments = std::vector<std::string>;

    /// `environment` holds additions such as "NAME=value".
    explicit Command(const Arguments& arguments, Stdout where = Stdout::captured,
                     const Arguments& environment = {});
    ~Command();
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    /// Waits until the command has written something to standard error; false if it ends before.
    bool wait_for_error_text();

    /// Waits until the command holds back a signal, so that it is ready to handle it; false if it
    /// never does.
    bool wait_until_it_blocks(int signal);

    void signal(int number) const;

    /// The same to its process group, as a terminal's Ctrl-C does.
    void signal_group(int number) const;

    /// Waits for its end.
    Outcome finish();

  private:
    void read_some(int timeout_ms);
    [[nodiscard]] bool open() const { return output_ != -1 || error_ != -1; }

    pid_t pid_ = -1;
    int output_ = -1;
    int error_ = -1;
    Outcome outcome_;
};

/// Runs a command to its end.
Outcome run_command(const Command::Arguments& arguments, Stdout where = Stdout::captured,
                    const Command::Arguments& environment = {});

/// What a command prints that must succeed, say nothing on standard error and leave nothing behind.
std::string output_of(const Command::Arguments& arguments);

}  // namespace pinfold::apps
