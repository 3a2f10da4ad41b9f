// What an error of a start-up call says: the call, what stands in the way, and the system's own
// text once, in digits that no locale changes.
#include "process/why_refused.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <locale>
#include <pinfold/engine/map_reduce.hpp>
#include <string>
#include <thread>

#include "process_tree.hpp"

namespace pinfold::detail {
namespace {

std::string text_of(int error) {
    return refusal(error, "the call").what();
}

std::string own_text(int error) {
    return std::generic_category().message(error);
}

int times(const std::string& text, const std::string& part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

/// Whether `look` holds in a child whose soft limit of `resource` is `limit`.
bool holds_below(__rlimit_resource_t resource, rlim_t limit, const std::function<bool()>& look) {
    const pid_t child = fork();
    if (child == 0) {
        rlimit limits{};
        getrlimit(resource, &limits);
        limits.rlim_cur = limit;
        const bool set = setrlimit(resource, &limits) == 0;
        _exit(set && look() ? 0 : 1);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0;
}

TEST(Refusals, SayTheSystemsOwnTextOnce) {
    for (const int error :
         {EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSYS, EPERM, EACCES, EINVAL, ENOSPC}) {
        const std::string text = text_of(error);
        EXPECT_TRUE(text.starts_with("the call")) << text;
        EXPECT_TRUE(text.ends_with(": " + own_text(error))) << text;
        EXPECT_EQ(times(text, own_text(error)), 1) << text;
        EXPECT_EQ(refusal(error, "").code().value(), error);
    }
}

TEST(Refusals, NameTheLimitThatIsReached) {
    EXPECT_TRUE(holds_below(RLIMIT_NOFILE, 77, [] {
        return text_of(EMFILE).starts_with("the call (ulimit -n allows 77 open files): ");
    }));
    EXPECT_TRUE(holds_below(RLIMIT_AS, rlim_t{1} << 40, [] {
        return text_of(ENOMEM).starts_with(
            "the call (ulimit -v allows 1073741824 KiB of address space): ");
    }));
    EXPECT_TRUE(holds_below(RLIMIT_AS, rlim_t{1} << 40, [] {
        return text_of(EAGAIN).find("; ulimit -v allows 1073741824 KiB") != std::string::npos;
    }));
    EXPECT_NE(text_of(EAGAIN).find("processes"), std::string::npos) << text_of(EAGAIN);
    EXPECT_NE(text_of(ENFILE).find("fs.file-max"), std::string::npos);
}

TEST(Refusals, NameWhoMayForbidACall) {
    EXPECT_NE(text_of(ENOSYS).find("valgrind"), std::string::npos);
    EXPECT_NE(text_of(EPERM).find("seccomp"), std::string::npos);
    EXPECT_EQ(text_of(EINVAL), "the call: " + own_text(EINVAL));
}

/// Makes numbers look as in Germany, in C and in C++, for one test.
class GermanNumbers {
  public:
    GermanNumbers() {
        const auto folder =
            std::filesystem::temp_directory_path() / ("pinfold-locale-" + std::to_string(getpid()));
        std::filesystem::create_directory(folder);
        const std::string name = (folder / "de_DE.UTF-8").string();
        const std::string make = "localedef -i de_DE -f UTF-8 " + name + " >/dev/null 2>&1";
        static_cast<void>(std::system(make.c_str()));
        setenv("LOCPATH", folder.c_str(), 1);
        made_ = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
        if (made_) {
            before_ = std::locale::global(std::locale("de_DE.UTF-8"));
        }
        std::filesystem::remove_all(folder);
    }
    ~GermanNumbers() {
        std::locale::global(before_);
        std::setlocale(LC_ALL, "C");
        unsetenv("LOCPATH");
    }
    GermanNumbers(const GermanNumbers&) = delete;
    GermanNumbers& operator=(const GermanNumbers&) = delete;

    [[nodiscard]] bool are_there() const { return made_; }

  private:
    bool made_ = false;
    std::locale before_;
};

std::string timeout_text() {
    Pool pool({.crew = Crew::serial});
    try {
        map_reduce(pool, Range{0, 1'000'000}, 1,
                   [](const int&, const Chunk&) {
                       std::this_thread::sleep_for(std::chrono::milliseconds(1));
                       return 1;
                   },
                   std::plus<>{}, {.grain = 1, .deadline = std::chrono::microseconds(1500)});
    } catch (const Timeout& timeout) {
        return timeout.what();
    }
    return "no timeout";
}

TEST(Messages, WriteNumbersInTheSameDigitsInEveryLocale) {
    if (testing::under_asan) {
        GTEST_SKIP() << "the C library leaks the path of a locale";
    }
    const GermanNumbers german;
    if (!german.are_there()) {
        GTEST_SKIP() << "no German locale can be made here: it takes Debian's package locales";
    }
    ASSERT_EQ(std::to_string(1.5), "1,500000");
    const std::string timeout = timeout_text();
    EXPECT_NE(timeout.find("its deadline of 0.0015 s"), std::string::npos) << timeout;
    EXPECT_TRUE(holds_below(RLIMIT_NOFILE, 1077, [] {
        return text_of(EMFILE).find("allows 1077 open") != std::string::npos;
    }));
    try {
        map_reduce(*std::make_unique<Pool>(PoolOptions{.crew = Crew::serial}),
                   Range{0, 1'000'000'000}, 1, [](const int&, const Chunk&) { return 1; },
                   std::plus<>{}, {.grain = 1});
        ADD_FAILURE() << "so many chunks are refused";
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string(error.what()).find("4194304"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace pinfold::detail
