#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "shared_lines.hpp"

namespace chaos {

struct Site;

/// A life of a party: a thread of a process that may be killed at any moment. It checks whatever it
/// sees, and notes in its line what it does.
class Life {
  public:
    Life(Site& site, std::uint64_t seed);

    /// Uses objects at random until the round is over, or so often.
    void live(int most_acts);

    /// Does what lets others go, so that nobody waits for long, and waits for nothing itself.
    void feed();

    /// What those sleep for who are at that act.
    void give_one(Act to);

    /// Of a dead one that had perhaps not notified.
    void tell_of_items();

    /// Tells whoever waits that the round is over. May be called again.
    void let_all_go();

    /// Takes what is left of the parcels, and each lock once, as the last one.
    void clear_up();

    [[nodiscard]] const Line& line() const noexcept { return line_; }

    /// How many signals let_all_go() has released.
    [[nodiscard]] std::uint64_t flooded() const noexcept { return flooded_; }

  private:
    class Doing;

    [[nodiscard]] Act any_act();
    void act_once();
    void add_or_release(Act act);
    [[nodiscard]] Note note_of(Act act) const;
    void put_note();
    void put_pipe();
    void get_pipe(bool may_wait);
    void tell_by_pipe();
    [[nodiscard]] bool may_put() const;
    void put_parcel(bool may_wait);
    void get_parcel(bool may_wait);
    void lease_parcel();
    void check_parcel(const Parcel& parcel) const;
    void update_pair();
    void take_turn_with(Act lock);
    template <typename Lock>
    void take_turn(Act act, const Lock& lock, Guarded& guarded);
    template <typename Lock>
    [[nodiscard]] std::optional<bool> take(const Lock& lock);
    void change(Guarded& guarded);
    void read();
    void acquire();
    void hold_permit();
    [[nodiscard]] std::size_t take_cell() const;
    void arrive();
    void use_event();
    void enter_items() const;
    void add_item();
    void take_item();
    [[nodiscard]] bool wait_for_item();

    void set(Stage stage) const { line_.stage.store(stage, std::memory_order_relaxed); }
    void pause();
    [[nodiscard]] bool chance(unsigned one_in) { return random_() % one_in == 0; }
    [[nodiscard]] bool is_avoided(Act act) const;
    [[nodiscard]] bool is_over() const;

    Site& site_;
    std::minstd_rand random_;
    const std::uint32_t number_;
    Line& line_;
    std::uint64_t flooded_ = 0;
    std::uint32_t told_ = 0;  // the last that came from the pipe
};

}  // namespace chaos
