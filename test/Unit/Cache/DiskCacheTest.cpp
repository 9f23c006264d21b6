// The cache as a user meets it when nothing is wrong, and its bounds.
#include "CacheTest.h"

#include <sys/time.h>

namespace attn::cache {

TEST_F(CacheTest, ServesWhatWasStoredToAnotherOpening) {
  open().store(key, payload);
  DiskCache cache = open();
  EXPECT_EQ(cache.find(key), payload);
  EXPECT_EQ(cache.stats().hits, 1u);
  EXPECT_TRUE(cache.onDisk());
  EXPECT_EQ(cache.directory(), options.directory);
  EXPECT_EQ(cache.problem(), "");
}

TEST_F(CacheTest, MissesWhatWasNotStored) {
  DiskCache cache = open();
  EXPECT_FALSE(cache.find(key));
  EXPECT_EQ(cache.stats().misses, 1u);
  EXPECT_EQ(cache.stats().damaged, 0u);
}

TEST_F(CacheTest, KeepsEmptyAndLargeEntries) {
  DiskCache cache = open();
  cache.store(key, Bytes{});
  EXPECT_EQ(cache.find(key), Bytes{});
  Bytes large = makeBytes(3 << 20);
  cache.store(key, large);
  EXPECT_EQ(cache.find(key), large);
}

TEST_F(CacheTest, IgnoresEntriesBeyondTheLimit) {
  DiskCache cache = open();
  Bytes small(1);
  cache.store(key, small.data(), DiskCache::maxEntryBytes + 1); // refused before a byte is read
  EXPECT_FALSE(cache.find(key));
}

TEST_F(CacheTest, ReplacesAnEntry) {
  DiskCache cache = open();
  cache.store(key, payload);
  Bytes other = makeBytes(70, 9);
  cache.store(key, other);
  EXPECT_EQ(cache.find(key), other);
  EXPECT_EQ(filesWithPrefix(""), 2u); // the entry and the pruning stamp
}

TEST_F(CacheTest, RemovesAnEntry) {
  DiskCache cache = open();
  cache.store(key, payload);
  cache.remove(key);
  EXPECT_FALSE(cache.find(key));
  EXPECT_FALSE(exists(entryPath()));
}

TEST_F(CacheTest, MakesFilesForTheOwnerAlone) {
  mode_t before = ::umask(0);
  open().store(key, payload);
  ::umask(before);
  struct stat status;
  ASSERT_EQ(::stat(options.directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat(entryPath().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(CacheTest, WorksUnderAUmaskThatTakesEverything) {
  mode_t before = ::umask(0777);
  options.directory = base + "/deep/er/root";
  open().store(key, payload);
  ::umask(before);
  EXPECT_EQ(open().find(key), payload);
  struct stat status;
  ASSERT_EQ(::stat((base + "/deep/er").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat(entryPath().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(CacheTest, MovesBetweenVariables) {
  DiskCache first = open();
  first.store(key, payload);
  DiskCache second = std::move(first);
  EXPECT_EQ(second.find(key), payload);
}

class PruneTest : public CacheTest {
protected:
  void age(const std::string &path, int64_t seconds) {
    int64_t then = FileOps::system().now() - seconds;
    struct timeval times[2] = {{then, 0}, {then, 0}};
    ASSERT_EQ(::utimes(path.c_str(), times), 0);
  }
};

TEST_F(PruneTest, DropsTheLeastRecentlyUsedBeyondTheSize) {
  options.pruneIntervalSeconds = 0;
  options.maxBytes = 3 * (payload.size() + 96);
  DiskCache cache = open();
  for (uint8_t i = 1; i <= 3; ++i) {
    cache.store(makeKey(i), payload);
    age(entryPath(makeKey(i)), 40000 - i * 10000);
  }
  EXPECT_TRUE(cache.find(makeKey(1))); // now the most recently used
  cache.store(makeKey(4), payload);
  EXPECT_TRUE(exists(entryPath(makeKey(1))));
  EXPECT_FALSE(exists(entryPath(makeKey(2))));
  EXPECT_TRUE(exists(entryPath(makeKey(3))));
  EXPECT_TRUE(exists(entryPath(makeKey(4))));
  EXPECT_EQ(cache.stats().pruned, 1u);
}

TEST_F(PruneTest, DropsExpiredEntriesAndAbandonedTemporaries) {
  options.pruneIntervalSeconds = 0;
  DiskCache cache = open();
  cache.store(makeKey(1), payload);
  age(entryPath(makeKey(1)), 31 * 24 * 3600);
  std::string old = options.directory + "/.tmp-1-1-old", fresh = options.directory + "/.tmp-1-1-fresh";
  std::ofstream(old) << "x";
  std::ofstream(fresh) << "x";
  age(old, 7200);
  cache.store(makeKey(2), payload);
  EXPECT_FALSE(exists(entryPath(makeKey(1))));
  EXPECT_FALSE(exists(old));
  EXPECT_TRUE(exists(fresh));
  EXPECT_TRUE(exists(entryPath(makeKey(2))));
}

TEST_F(PruneTest, LeavesForeignFilesAlone) {
  options.pruneIntervalSeconds = 0;
  options.maxBytes = 0;
  DiskCache cache = open();
  std::string foreign = options.directory + "/notes.txt";
  std::ofstream(foreign) << "mine";
  age(foreign, 400 * 24 * 3600);
  cache.store(key, payload);
  EXPECT_TRUE(exists(foreign));
  EXPECT_FALSE(exists(entryPath()));
}

TEST_F(PruneTest, WaitsForTheIntervalOverAllProcesses) {
  options.maxBytes = 0;
  open().store(makeKey(1), payload); // prunes, itself included
  EXPECT_FALSE(exists(entryPath(makeKey(1))));
  open().store(makeKey(2), payload);
  EXPECT_TRUE(exists(entryPath(makeKey(2))));
}

TEST_F(PruneTest, PrunesAgainWhenTheClockWasSetBack) {
  options.maxBytes = 0;
  open().store(makeKey(1), payload);
  ops.clockOffset = -100000;
  open().store(makeKey(2), payload);
  EXPECT_FALSE(exists(entryPath(makeKey(2))));
}

} // namespace attn::cache
