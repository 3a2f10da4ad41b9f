#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <new>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/lifeline.hpp>
#include <thread>
#include <vector>

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

    Shared& shared_;
};

TEST_F(LifelineOfAnother, IsWholeBeforeAnybodyHoldsIt) {
    EXPECT_FALSE(shared_.life.is_cut());
    shared_.life.wait_until_cut();
    EXPECT_FALSE(shared_.life.is_cut());
}

TEST_F(LifelineOfAnother, IsCutByTheEndOfItsThread) {
    std::thread([this] {
        shared_.life.hold();
        EXPECT_FALSE(shared_.life.is_cut()) << "of the thread itself";
    }).join();
    EXPECT_TRUE(shared_.life.is_cut());
    EXPECT_TRUE(shared_.life.is_cut()) << "and stays so";
    shared_.life.wait_until_cut();
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
    shared_.life.wait_until_cut();
    EXPECT_TRUE(shared_.life.is_cut());
}

TEST_F(LifelineOfAnother, IsCutByExec) {
    ChildProcess holder([this] {
        shared_.hold_and_tell();
        execl("/bin/sleep", "sleep", "60", nullptr);
        return 1;
    });
    shared_.wait_for_tell();
    shared_.life.wait_until_cut();
    EXPECT_TRUE(shared_.life.is_cut());
}

TEST_F(LifelineOfAnother, WakesAllWhoWait) {
    ChildProcess holder([this] {
        shared_.hold_and_tell();
        pause();
        return 0;
    });
    shared_.wait_for_tell();
    std::vector<std::unique_ptr<ChildProcess>> waiters;
    for (int i = 0; i < 8; ++i) {
        waiters.push_back(std::make_unique<ChildProcess>([this] {
            shared_.life.wait_until_cut();
            return 5;
        }));
    }
    waiters.front()->kill(SIGKILL);  // one that does not pass it on
    holder.kill(SIGKILL);
    for (std::size_t i = 1; i < waiters.size(); ++i) {
        EXPECT_EQ(waiters[i]->exit_code(), 5);
    }
}

TEST_F(LifelineOfAnother, IsNotHeldByAChildOfItsHolder) {
    ChildProcess holder([this] {
        shared_.life.hold();
        if (fork() == 0) {
            shared_.bell.ring();
            shared_.life.wait_until_cut();
            _exit(0);
        }
        pause();
        return 0;
    });
    shared_.wait_for_tell();
    holder.kill(SIGKILL);
    shared_.life.wait_until_cut();
    EXPECT_TRUE(shared_.life.is_cut());
}

}  // namespace
}  // namespace pinfold::shm
