#include "peers/child.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <pinfold/affinity/binding.hpp>
#include <system_error>

namespace bench {

Child::Child(int cpu, const std::function<void()>& body) {
    const pid_t host = getpid();
    pid_ = fork();
    if (pid_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid_ > 0) {
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == host) {
        pinfold::affinity::bind_this_thread(cpu);
        body();
    }
    _exit(0);
}

Child::~Child() {
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace bench
