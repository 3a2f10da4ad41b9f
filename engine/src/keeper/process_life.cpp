#include "keeper/process_life.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "caught.hpp"
#include "keeper/fault_note.hpp"
#include "keeper/host_watch.hpp"
#include "process/fork.hpp"

namespace pinfold::detail {

int ProcessLife::run() const {
    if (!start_up()) {
        leave_mute_child(child_failed);
    }
    const int code = call();
    record_.leave(code);
    return code;
}

bool ProcessLife::start_up() const noexcept {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // of the keeper's thread, which lasts as long as the host
    if (getppid() != host_) {
        return false;  // it died before the signal was armed
    }
    birth_.stack.keep();
    roster_.enter(number_);
    prctl(PR_SET_NAME, birth_.name.c_str());
    if (birth_.has_cpus) {
        sched_setaffinity(0, sizeof birth_.cpus, &birth_.cpus);
    }
    note_missed_memory(record_.missed);
    record_.wait_to_begin();
    return true;
}

int ProcessLife::call() const {
    try {
        if (birth_.is_detached) {
            watch_host(roster_, host_);
            prctl(PR_SET_PDEATHSIG, 0);
        }
        record_.tell_of_birth();  // the keeper's thread may end now if this one is detached
        birth_.function();
        return EXIT_SUCCESS;
    } catch (...) {
        tell_of_exception();
        return EXIT_FAILURE;
    }
}

void ProcessLife::tell_of_exception() const {
    const Caught caught;
    CutText text(record_.text);
    text.add(caught.type());
    text.add(": ");
    text.add(caught.text());

    std::array<char, 1200> line{};
    CutText told(line);
    told.add("pinfold: the Process '");
    told.add(std::string_view(birth_.name));
    told.add("' ends by an exception: ");
    told.add(record_.text.data());
    told.add("\n");
    const std::string_view all(line.data());
    [[maybe_unused]] const auto written = write(STDERR_FILENO, all.data(), all.size());
}

}  // namespace pinfold::detail
