// The directory itself: which one is chosen, and which are refused.
#include "CacheTest.h"

#include <sys/wait.h>

namespace attn::cache {

class RootTest : public CacheTest {
protected:
  /// The root is refused with a sentence, and the cache works from memory.
  void expectMemoryOnly(const std::string &words) {
    DiskCache cache = open();
    EXPECT_FALSE(cache.onDisk());
    EXPECT_EQ(cache.directory(), "");
    EXPECT_NE(cache.problem().find(words), std::string::npos) << cache.problem();
    EXPECT_FALSE(cache.find(key));
    cache.store(key, payload);
    EXPECT_EQ(cache.find(key), payload);
    cache.remove(key);
    EXPECT_FALSE(cache.find(key));
    EXPECT_EQ(cache.stats().storeFailures, 0u);
  }

  void chooseByEnvironment(const char *chosen, const char *xdg, const char *home) {
    options.directory.clear();
    set("ATTN_CACHE_DIR", chosen);
    set("XDG_CACHE_HOME", xdg);
    set("HOME", home);
  }

  void TearDown() override {
    for (const auto &[name, value] : saved)
      value.first ? ::setenv(name.c_str(), value.second.c_str(), 1) : ::unsetenv(name.c_str());
    CacheTest::TearDown();
  }

private:
  void set(const char *name, const char *value) {
    const char *old = std::getenv(name);
    saved.emplace(name, std::make_pair(old != nullptr, std::string(old ? old : "")));
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  std::map<std::string, std::pair<bool, std::string>> saved;
};

TEST_F(RootTest, SymbolicLinkIsRefused) {
  ASSERT_EQ(::mkdir((base + "/real").c_str(), 0700), 0);
  ASSERT_EQ(::symlink((base + "/real").c_str(), options.directory.c_str()), 0);
  expectMemoryOnly("to be a directory that can be opened");
}

TEST_F(RootTest, WorldWritableIsRefused) {
  ASSERT_EQ(::mkdir(options.directory.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(options.directory.c_str(), 0777), 0);
  expectMemoryOnly("run chmod 700");
}

TEST_F(RootTest, GroupWritableIsRefused) {
  ASSERT_EQ(::mkdir(options.directory.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(options.directory.c_str(), 0770), 0);
  expectMemoryOnly("run chmod 700");
}

TEST_F(RootTest, AnotherUsersIsRefused) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs the right to give files away";
  ASSERT_EQ(::mkdir(options.directory.c_str(), 0700), 0);
  ASSERT_EQ(::chown(options.directory.c_str(), 65534, 65534), 0);
  expectMemoryOnly("of this user, got one of user 65534");
}

TEST_F(RootTest, FileIsRefused) {
  std::ofstream(options.directory) << "x";
  expectMemoryOnly("to be a directory that can be opened");
}

TEST_F(RootTest, FolderBelowAFileIsRefused) {
  std::ofstream(base + "/file") << "x";
  options.directory = base + "/file/root";
  expectMemoryOnly("Not a directory");
}

TEST_F(RootTest, PathOf5000BytesIsRefused) {
  options.directory = base + "/" + std::string(5000, 'x');
  expectMemoryOnly("a path of 1 to 4095 bytes");
}

TEST_F(RootTest, NameOf1000BytesIsRefused) {
  options.directory = base + "/" + std::string(1000, 'x');
  expectMemoryOnly("File name too long");
}

TEST_F(RootTest, PathWithAZeroByteIsRefused) {
  options.directory = base + std::string("/a\0b", 4);
  expectMemoryOnly("a path of 1 to 4095 bytes");
}

TEST_F(RootTest, PathThatIsNotUtf8Works) {
  options.directory = base + "/\xff\xfe\x80";
  open().store(key, payload);
  EXPECT_EQ(open().find(key), payload);
}

TEST_F(RootTest, RootRemovedMeanwhileIsNoError) {
  DiskCache cache = open();
  cache.store(key, payload);
  ASSERT_EQ(std::system(("rm -rf '" + options.directory + "'").c_str()), 0);
  EXPECT_FALSE(cache.find(key));
  cache.store(key, payload);
  EXPECT_EQ(cache.find(key), payload);
}

TEST_F(RootTest, RootReplacedByALinkMeanwhileIsNotFollowed) {
  DiskCache cache = open();
  std::string aside = base + "/aside", trap = base + "/trap";
  ASSERT_EQ(::rename(options.directory.c_str(), aside.c_str()), 0);
  ASSERT_EQ(::mkdir(trap.c_str(), 0777), 0);
  ASSERT_EQ(::symlink(trap.c_str(), options.directory.c_str()), 0);
  cache.store(key, payload);
  EXPECT_TRUE(exists(aside + "/" + fileName(key)));
  EXPECT_FALSE(exists(trap + "/" + fileName(key)));
}

TEST_F(RootTest, EnvironmentVariableNamesTheDirectory) {
  std::string chosen = base + "/chosen";
  chooseByEnvironment(chosen.c_str(), (base + "/xdg").c_str(), base.c_str());
  EXPECT_EQ(open().directory(), chosen);
}

TEST_F(RootTest, XdgCacheHomeComesSecond) {
  chooseByEnvironment(nullptr, (base + "/xdg").c_str(), base.c_str());
  EXPECT_EQ(open().directory(), base + "/xdg/attn");
}

TEST_F(RootTest, RelativeXdgCacheHomeIsIgnored) {
  chooseByEnvironment("", "relative", base.c_str());
  EXPECT_EQ(open().directory(), base + "/.cache/attn");
}

TEST_F(RootTest, NoHomeMeansMemoryOnly) {
  chooseByEnvironment(nullptr, nullptr, nullptr);
  expectMemoryOnly("expects HOME, XDG_CACHE_HOME or ATTN_CACHE_DIR");
}

} // namespace attn::cache
