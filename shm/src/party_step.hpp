#pragma once

namespace pinfold::shm::detail {

/// The points of what a party does with shared words at which a test ends a process; each is passed
/// to reached().
enum class PartyStep {
    named,
    took,
    let_go,
    rang,
    forgot,
    arrived,
    passed,
    named_bell,
    prepared,
    woke,
    forgot_bell,
    buried_name,
    buried_bell,
};

}  // namespace pinfold::shm::detail
