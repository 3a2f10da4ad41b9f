#include "simulator/cpus.hpp"

#include <algorithm>
#include <utility>

namespace pinfold::apps {

namespace {

constexpr double nothing = 1e-13;  // seconds: what is left over by rounding

}  // namespace

Cpus::Cpus(Events& events, std::vector<Group> groups, std::vector<int> group_of, double slice)
    : events_(events), groups_(std::move(groups)), parties_(group_of.size()), slice_(slice) {
    std::vector<int> sizes(groups_.size(), 0);
    for (std::size_t i = 0; i < group_of.size(); ++i) {
        parties_[i].group = group_of[i];
        ++sizes[static_cast<std::size_t>(group_of[i])];
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        groups_[i].is_shared = sizes[i] > groups_[i].free;
    }
}

void Cpus::want(int number, double seconds, double now) {
    Party& party = parties_[static_cast<std::size_t>(number)];
    Group& group = groups_[static_cast<std::size_t>(party.group)];
    party.remaining = seconds;
    party.used = 0;
    group.waiting.push_back(number);
    if (group.free > 0) {
        start_next(group, now);
    }
}

void Cpus::start_next(Group& group, double now) {
    if (group.waiting.empty()) {
        return;
    }
    const int number = group.waiting.front();
    group.waiting.pop_front();
    --group.free;
    Party& party = parties_[static_cast<std::size_t>(number)];
    party.used = 0;
    start(party, number, now);
}

void Cpus::start(Party& party, int number, double now) {
    const bool is_shared = groups_[static_cast<std::size_t>(party.group)].is_shared;
    party.runs = true;
    party.began = now;
    party.length = is_shared ? std::min(party.remaining, slice_ - party.used) : party.remaining;
    events_.push(now + party.length, Event::Kind::ran, number, ++party.version);
}

bool Cpus::has_all(const Event& event) {
    Party& party = parties_[static_cast<std::size_t>(event.party)];
    if (event.version != party.version) {
        return false;
    }
    party.remaining -= party.length;
    party.used += party.length;
    if (party.remaining <= nothing) {
        party.remaining = 0;
        return true;
    }
    go_on(event.party, party.remaining, event.at);
    return false;
}

void Cpus::go_on(int number, double seconds, double now) {
    Party& party = parties_[static_cast<std::size_t>(number)];
    Group& group = groups_[static_cast<std::size_t>(party.group)];
    party.remaining = seconds;
    if (party.used < slice_ - nothing) {
        start(party, number, now);
    } else if (group.waiting.empty()) {
        party.used = 0;
        start(party, number, now);
    } else {
        party.runs = false;
        group.waiting.push_back(number);
        ++group.free;
        start_next(group, now);
    }
}

void Cpus::leave(int number, double now) {
    Party& party = parties_[static_cast<std::size_t>(number)];
    Group& group = groups_[static_cast<std::size_t>(party.group)];
    party.runs = false;
    ++group.free;
    start_next(group, now);
}

double Cpus::remaining(int number, double now) const noexcept {
    const Party& party = parties_[static_cast<std::size_t>(number)];
    return party.remaining - (party.runs ? now - party.began : 0);
}

void Cpus::shorten(int number, double seconds, double now) {
    Party& party = parties_[static_cast<std::size_t>(number)];
    if (!party.runs) {
        party.remaining = std::max(0.0, party.remaining - seconds);
        return;
    }
    const double ran = now - party.began;
    party.remaining = std::max(0.0, party.remaining - ran - seconds);
    party.used += ran;
    start(party, number, now);
}

}  // namespace pinfold::apps
