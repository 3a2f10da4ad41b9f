#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

namespace pinfold::apps {

/// What happens at a moment of the simulated time.
struct Event {
    enum class Kind : std::uint8_t {
        called,  ///< a party is woken: it wants a CPU
        slept,   ///< its chunk's sleep is over: it wants a CPU
        ran,     ///< it has run on its CPU for a while
    };

    double at = 0;
    std::uint64_t order = 0;  ///< among events of the same time, the one that was announced first
    Kind kind = Kind::called;
    int party = 0;
    std::uint32_t version = 0;  ///< of Kind::ran: one of an older version is void
};

/// The future, in order.
class Events {
  public:
    void push(double at, Event::Kind kind, int party, std::uint32_t version = 0) {
        events_.push({at, ++pushed_, kind, party, version});
    }
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    Event pop() {
        const Event first = events_.top();
        events_.pop();
        return first;
    }

  private:
    struct Later {
        bool operator()(const Event& a, const Event& b) const noexcept {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    std::priority_queue<Event, std::vector<Event>, Later> events_;
    std::uint64_t pushed_ = 0;
};

/// Who runs where. Parties that share CPUs run in the order in which they asked; one that has run
/// for a slice while others wait goes behind them.
class Cpus {
  public:
    /// Parties that may run on any of so many CPUs.
    struct Group {
        int free = 1;
        bool is_shared = false;  ///< by more parties than it has CPUs
        std::deque<int> waiting;
    };

    /// `group_of` says for each party in which group of CPUs it runs.
    Cpus(Events& events, std::vector<Group> groups, std::vector<int> group_of, double slice);

    /// A party that has no CPU wants one for so long.
    void want(int party, double seconds, double now);

    /// Of an event Kind::ran: returns whether the party has had all that it wanted. It still has
    /// its CPU then, and calls go_on() or leave().
    [[nodiscard]] bool has_all(const Event& event);
    void go_on(int party, double seconds, double now);
    void leave(int party, double now);

    /// Takes `seconds` off what a party still wants.
    void shorten(int party, double seconds, double now);

    /// How much of what it wanted a party has not had yet.
    [[nodiscard]] double remaining(int party, double now) const noexcept;

  private:
    struct Party {
        int group = 0;
        std::uint32_t version = 0;
        bool runs = false;
        double remaining = 0;  ///< at `began`, where it runs
        double began = 0;
        double length = 0;  ///< of what it runs now
        double used = 0;    ///< of its slice
    };

    void start(Party& party, int number, double now);
    void start_next(Group& group, double now);

    Events& events_;
    std::vector<Group> groups_;
    std::vector<Party> parties_;
    const double slice_;
};

}  // namespace pinfold::apps
