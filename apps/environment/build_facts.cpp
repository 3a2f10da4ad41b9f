// How this program was built. The commit alone changes from build to build, so only this source
// depends on it.

#include <fmt/format.h>

#include "environment/commit.hpp"  // made by cmake/pinfold_commit.cmake
#include "environment/facts.hpp"

namespace pinfold::apps {

namespace {

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

std::optional<std::string> if_any(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace

std::vector<Fact> build_facts() {
    Facts facts("build");
    facts.add("version", PINFOLD_VERSION);
    facts.add("commit", if_any(PINFOLD_COMMIT));
    facts.add("compiler", compiler());
    facts.add("type", if_any(PINFOLD_BUILD_TYPE));
    facts.add("flags", if_any(std::string(trimmed(PINFOLD_BUILD_FLAGS))));
    facts.add("sanitizers", *PINFOLD_BUILD_SANITIZERS == '\0' ? "none" : PINFOLD_BUILD_SANITIZERS);
    return facts.take();
}

}  // namespace pinfold::apps
