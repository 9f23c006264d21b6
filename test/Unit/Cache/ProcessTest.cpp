// Many processes and threads on one directory, some of them killed at any point: no reader ever gets torn bytes.
#include "CacheTest.h"

#include <csignal>
#include <sys/wait.h>
#include <thread>

namespace attn::cache {

/// Entry `index` of writer `writer`: any writer's version of a key is good, a mixture is not.
static Bytes version(uint8_t index, uint8_t writer) {
  Bytes bytes = makeBytes(20000 + index * 7919u, static_cast<uint8_t>(index + writer * 16));
  bytes[0] = index;
  bytes[1] = writer;
  return bytes;
}

static bool isSomeVersion(uint8_t index, const Bytes &bytes) {
  return bytes.size() > 1 && bytes[0] == index && bytes == version(index, bytes[1]);
}

/// Writes and reads until it is killed or `rounds` are over. The number of wrong reads.
static int churn(DiskCache cache, uint8_t writer, int rounds) {
  int wrong = 0;
  for (int round = 0; round < rounds; ++round)
    for (uint8_t index = 0; index < 4; ++index) {
      cache.store(makeKey(index), version(index, writer));
      auto found = cache.find(makeKey((index + 1) % 4));
      wrong += found && !isSomeVersion((index + 1) % 4, *found);
    }
  return wrong;
}

class ProcessTest : public CacheTest {
protected:
  void SetUp() override {
    CacheTest::SetUp();
    options.ops = nullptr;
    options.maxMemoryBytes = 0; // so that every hit comes from disk
  }
};

TEST_F(ProcessTest, WritersKilledAtAnyPointLeaveNoTornEntry) {
  for (int victim = 0; victim < 60; ++victim) {
    pid_t child = ::fork();
    if (child == 0) {
      churn(open(), static_cast<uint8_t>(victim), 1 << 20);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(500 + victim * 97 % 4000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    DiskCache reader = open();
    for (uint8_t index = 0; index < 4; ++index)
      if (auto found = reader.find(makeKey(index)))
        ASSERT_TRUE(isSomeVersion(index, *found));
    ASSERT_EQ(reader.stats().damaged, 0u);
  }
}

TEST_F(ProcessTest, ProcessesOnTheSameKeysReadWholeEntries) {
  std::vector<pid_t> children;
  for (uint8_t writer = 0; writer < 8; ++writer) {
    pid_t child = ::fork();
    if (child == 0)
      ::_exit(churn(open(), writer, 25) == 0 ? 0 : 1);
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(filesWithPrefix(".tmp-"), 0u);
  DiskCache reader = open();
  for (uint8_t index = 0; index < 4; ++index)
    EXPECT_TRUE(reader.find(makeKey(index)));
}

TEST_F(ProcessTest, PrunerInALoopHarmsNoReader) {
  options.maxBytes = 60000;
  options.pruneIntervalSeconds = 0;
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(churn(open(), 1, 60) == 0 ? 0 : 1);
  EXPECT_EQ(churn(open(), 2, 60), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(ProcessTest, ThreadsShareOneCache) {
  DiskCache cache = open();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint8_t writer = 0; writer < 6; ++writer)
    threads.emplace_back([&, writer] {
      for (int round = 0; round < 40; ++round) {
        uint8_t index = static_cast<uint8_t>(round % 4);
        cache.store(makeKey(index), version(index, writer));
        auto found = cache.find(makeKey(index));
        wrong += !found || !isSomeVersion(index, *found);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(cache.stats().stores, 240u);
}

} // namespace attn::cache
