#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/lifeline.hpp>
#include <thread>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

/// A lifeline and a bell in memory that children share.
struct Shared {
    Lifeline life;
    Doorbell bell;

    void hold_and_tell() {
        life.hold();
        bell.ring();
    }
    void wait_for_tell() { (void)bell.wait(0, std::chrono::seconds(60)); }
};

class LifelineOfAnother : public testing::Test {
  protected:
    LifelineOfAnother()
        : shared_(*new (mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared) {}
    ~LifelineOfAnother() override { munmap(&shared_, sizeof(Shared)); }

    [[nodiscard]] bool becomes_cut() {
        for (int i = 0; i < 30'000; ++i) {
            if (shared_.life.is_cut()) {
                return true;
            }
            usleep(1000);
        }
        return false;
    }

    Shared& shared_;
};

TEST_F(LifelineOfAnother, IsWholeBeforeAnybodyHoldsIt) {
    EXPECT_FALSE(shared_.life.is_cut());
    EXPECT_FALSE(shared_.life.is_cut());
}

TEST_F(LifelineOfAnother, IsCutByTheEndOfItsThread) {
    std::thread([this] {
        shared_.life.hold();
        EXPECT_FALSE(shared_.life.is_cut()) << "of the thread itself";
    }).join();
    EXPECT_TRUE(shared_.life.is_cut());
    EXPECT_TRUE(shared_.life.is_cut()) << "and stays so";
}

TEST_F(LifelineOfAnother, IsCutBySigkill) {
    ChildProcess holder([this] {
        shared_.hold_and_tell();
        pause();
        return 0;
    });
    shared_.wait_for_tell();
    EXPECT_FALSE(shared_.life.is_cut());
    holder.kill(SIGSTOP);
    EXPECT_FALSE(shared_.life.is_cut());
    holder.kill(SIGKILL);
    EXPECT_TRUE(becomes_cut());
}

TEST_F(LifelineOfAnother, IsCutByExec) {
    ChildProcess holder([this] {
        shared_.hold_and_tell();
        execl("/bin/sleep", "sleep", "60", nullptr);
        return 1;
    });
    shared_.wait_for_tell();
    EXPECT_TRUE(becomes_cut());
}

TEST_F(LifelineOfAnother, IsNotHeldByAChildOfItsHolder) {
    ChildProcess holder([this] {
        shared_.life.hold();
        if (fork() == 0) {
            shared_.bell.ring();
            while (!shared_.life.is_cut()) {
                usleep(1000);
            }
            _exit(0);
        }
        pause();
        return 0;
    });
    shared_.wait_for_tell();
    holder.kill(SIGKILL);
    EXPECT_TRUE(becomes_cut());
}

}  // namespace
}  // namespace pinfold::shm
