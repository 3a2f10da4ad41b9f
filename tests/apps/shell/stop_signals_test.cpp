#include "shell/stop_signals.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <string>
#include <system_error>

namespace pinfold::apps {
namespace {

/// Makes every new thread ask for a stack of 128 TiB, which is all that a process can address.
void let_no_thread_start() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{1} << 47), 0);
    ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
}

std::string refusal() {
    try {
        const StopSignals signals;
        return "";
    } catch (const std::system_error& error) {
        return error.what();
    }
}

TEST(StopSignals, SayWhatFailedWhereNoThreadStarts) {
    let_no_thread_start();
    EXPECT_EQ(refusal(),
              "cannot start a thread (is ulimit -v or -u too low?): Resource temporarily "
              "unavailable");
}

}  // namespace
}  // namespace pinfold::apps
