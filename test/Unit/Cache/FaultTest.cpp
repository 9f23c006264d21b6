// System calls that fail, and roots that cannot be used: the cache goes on from memory and leaves nothing behind.
#include "CacheTest.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>

namespace attn::cache {

struct Fault {
  const char *name, *call;
  int error;
  int which; ///< the how-manieth call fails, 0 for all
};

static const Fault storeFaults[] = {
    {"NoSpaceAtTheFirstWrite", "write", ENOSPC, 1}, {"NoSpaceAtTheSecondWrite", "write", ENOSPC, 2},
    {"QuotaExceeded", "write", EDQUOT, 0},          {"WriteError", "write", EIO, 2},
    {"FileTooLarge", "write", EFBIG, 2},            {"CloseError", "close", EIO, 1},
    {"CloseNoSpace", "close", ENOSPC, 1},           {"RenameError", "rename", EIO, 0},
    {"RenameAcrossDevices", "rename", EXDEV, 0},    {"ReadOnlyFileSystem", "create", EROFS, 0},
    {"NoPermission", "create", EACCES, 0},          {"NoDescriptors", "create", EMFILE, 0},
    {"NoInodes", "create", ENOSPC, 0},              {"ModeRefused", "mode", EPERM, 0},
};

class StoreFaultTest : public CacheTest, public testing::WithParamInterface<Fault> {};

TEST_P(StoreFaultTest, ServesFromMemoryAndLeavesNothing) {
  DiskCache cache = open();
  ops.fail(GetParam().call, GetParam().error, GetParam().which);
  cache.store(key, payload);
  ops.heal();
  EXPECT_EQ(cache.find(key), payload);
  EXPECT_EQ(cache.stats().storeFailures, 1u);
  EXPECT_EQ(cache.stats().stores, 0u);
  EXPECT_NE(cache.problem().find("expects to write to"), std::string::npos) << cache.problem();
  EXPECT_EQ(filesWithPrefix(".tmp-"), 0u);
  EXPECT_FALSE(exists(entryPath()));
}

INSTANTIATE_TEST_SUITE_P(Disk, StoreFaultTest, testing::ValuesIn(storeFaults),
                         [](const auto &info) { return info.param.name; });

TEST_F(CacheTest, BacksOffAfterAFailureAndComesBack) {
  DiskCache cache = open();
  ops.fail("write", ENOSPC);
  cache.store(key, payload);
  ops.heal();
  EXPECT_FALSE(cache.onDisk());
  ops.writes = 0;
  cache.store(makeKey(2), payload);
  EXPECT_EQ(ops.writes, 0);
  ops.clockOffset = 601;
  cache.store(makeKey(2), payload);
  EXPECT_TRUE(cache.onDisk());
  EXPECT_EQ(cache.stats().stores, 1u);
  EXPECT_EQ(cache.problem(), "");
}

TEST_F(CacheTest, ClockSetBackEndsTheWait) {
  DiskCache cache = open();
  ops.fail("write", EIO);
  cache.store(key, payload);
  ops.heal();
  ops.clockOffset = -5000;
  cache.store(key, payload);
  EXPECT_EQ(cache.stats().stores, 1u);
}

TEST_F(CacheTest, OutOfDescriptorsDoesNotBackOff) {
  DiskCache cache = open();
  ops.fail("create", EMFILE, 1);
  cache.store(key, payload);
  EXPECT_TRUE(cache.onDisk());
  cache.store(key, payload);
  EXPECT_EQ(cache.stats().stores, 1u);
}

TEST_F(CacheTest, ShortAndInterruptedWritesGoOn) {
  DiskCache cache = open();
  ops.shortWrite = 333;
  ops.fail("write", EINTR, 3);
  cache.store(key, payload);
  EXPECT_EQ(cache.stats().stores, 1u);
  EXPECT_EQ(open().find(key), payload);
}

TEST_F(CacheTest, ReadErrorsAreMisses) {
  open().store(key, payload);
  for (const char *call : {"open", "status", "read"}) {
    DiskCache cache = open();
    ops.fail(call, call == std::string("open") ? EMFILE : EIO);
    EXPECT_FALSE(cache.find(key)) << call;
    ops.heal();
  }
}

TEST_F(CacheTest, InterruptedReadGoesOn) {
  open().store(key, payload);
  DiskCache cache = open();
  ops.fail("read", EINTR, 1);
  EXPECT_EQ(cache.find(key), payload);
}

TEST_F(CacheTest, DamageThatCannotBeRemovedIsStillAMiss) {
  open().store(key, payload);
  writeFile(makeBytes(300));
  DiskCache cache = open();
  ops.fail("remove", EACCES);
  EXPECT_FALSE(cache.find(key));
  EXPECT_TRUE(exists(entryPath()));
}

TEST_F(CacheTest, PruningErrorsAreIgnored) {
  options.pruneIntervalSeconds = 0;
  options.maxBytes = 0;
  for (const char *call : {"list", "remove", "touch"}) {
    ops.fail(call, EIO);
    DiskCache cache = open();
    cache.store(key, payload);
    EXPECT_EQ(cache.stats().stores, 1u) << call;
    ops.heal();
  }
}

TEST_F(CacheTest, MemoryIsBounded) {
  options.maxMemoryBytes = 2 * payload.size();
  DiskCache cache = open();
  ops.fail("create", EROFS);
  for (uint8_t i = 1; i <= 3; ++i)
    cache.store(makeKey(i), payload);
  EXPECT_FALSE(cache.find(makeKey(1)));
  EXPECT_TRUE(cache.find(makeKey(2)));
  EXPECT_TRUE(cache.find(makeKey(3)));
  cache.store(makeKey(4), makeBytes(3 * payload.size()));
  EXPECT_FALSE(cache.find(makeKey(4)));
}

TEST_F(CacheTest, FileSizeLimitDoesNotEndTheProcess) {
  pid_t child = ::fork();
  if (child == 0) {
    // SIGXFSZ has its default action here, which is to end the process.
    ::signal(SIGXFSZ, SIG_DFL);
    DiskCache cache = open();
    struct rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    cache.store(key, payload);
    bool fine = cache.find(key) == payload && cache.stats().storeFailures == 1;
    sigset_t pending;
    sigpending(&pending);
    ::_exit(fine && !sigismember(&pending, SIGXFSZ) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(filesWithPrefix(".tmp-"), 0u);
}

} // namespace attn::cache
