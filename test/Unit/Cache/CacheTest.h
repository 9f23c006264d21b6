// What the cache tests share: a private directory, a fixed key, raw access to the entry's file, and system calls that
// fail on demand.
#ifndef ATTN_TEST_UNIT_CACHE_CACHETEST_H
#define ATTN_TEST_UNIT_CACHE_CACHETEST_H

#include "attn/Cache/DiskCache.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <string>
#include <unistd.h>

namespace attn::cache {

using Bytes = std::vector<uint8_t>;

inline Key makeKey(uint8_t seed) {
  Key key;
  for (size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<uint8_t>(seed * 31 + i * 7);
  return key;
}

inline Bytes makeBytes(size_t size, uint8_t seed = 1) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<uint8_t>(seed + i * 13 + (i >> 8));
  return bytes;
}

inline std::string fileName(const Key &key) {
  std::string name;
  char digits[3];
  for (uint8_t byte : key) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    name += digits;
  }
  return name + ".attn";
}

/// System calls of which the n-th of a kind fails, or every one.
class FaultyOps : public FileOps {
public:
  /// `which` counts from 1; 0 fails all.
  void fail(const std::string &call, int error, int which = 0) { faults[call] = {error, which, 0}; }
  void heal() { faults.clear(); }
  int64_t clockOffset = 0;
  int writes = 0;
  size_t shortWrite = 0; ///< at most so many bytes a write, if not 0

  int openAt(int directory, const char *name, int flags, mode_t mode) override {
    return hit(flags & 0100 /*O_CREAT*/ ? "create" : "open") ? -1 : FileOps::openAt(directory, name, flags, mode);
  }
  int status(int file, struct stat &status) override { return hit("status") ? -1 : FileOps::status(file, status); }
  int changeMode(int file, mode_t mode) override { return hit("mode") ? -1 : FileOps::changeMode(file, mode); }
  ssize_t read(int file, void *bytes, size_t size) override {
    return hit("read") ? -1 : FileOps::read(file, bytes, size);
  }
  ssize_t write(int file, const void *bytes, size_t size) override {
    ++writes;
    if (shortWrite && size > shortWrite)
      size = shortWrite;
    return hit("write") ? -1 : FileOps::write(file, bytes, size);
  }
  int close(int file) override {
    int result = FileOps::close(file);
    return hit("close") ? -1 : result;
  }
  int renameAt(int directory, const char *from, const char *to) override {
    return hit("rename") ? -1 : FileOps::renameAt(directory, from, to);
  }
  int removeAt(int directory, const char *name) override {
    return hit("remove") ? -1 : FileOps::removeAt(directory, name);
  }
  int touch(int file) override { return hit("touch") ? -1 : FileOps::touch(file); }
  int list(int directory, std::vector<std::string> &names) override {
    return hit("list") ? -1 : FileOps::list(directory, names);
  }
  int64_t now() override { return FileOps::now() + clockOffset; }

private:
  struct Fault {
    int error, which, seen;
  };
  bool hit(const std::string &call) {
    auto found = faults.find(call);
    if (found == faults.end())
      return false;
    Fault &fault = found->second;
    if (++fault.seen != fault.which && fault.which != 0)
      return false;
    errno = fault.error;
    return true;
  }
  std::map<std::string, Fault> faults;
};

class CacheTest : public testing::Test {
protected:
  void SetUp() override {
    char pattern[] = "/tmp/attn-cache-test-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    base = pattern;
    options.directory = base + "/root";
    options.ops = &ops;
  }
  void TearDown() override {
    ::chmod(options.directory.c_str(), 0700);
    if (std::system(("rm -rf '" + base + "'").c_str()) != 0)
      std::fprintf(stderr, "%s stays\n", base.c_str());
  }

  DiskCache open() { return DiskCache::open(options); }
  std::string entryPath(const Key &which) const { return options.directory + "/" + fileName(which); }
  std::string entryPath() const { return entryPath(key); }

  Bytes readFile() const {
    std::ifstream in(entryPath(), std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }
  void writeFile(const Bytes &bytes) const {
    std::ofstream out(entryPath(), std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  bool exists(const std::string &path) const {
    struct stat status;
    return ::lstat(path.c_str(), &status) == 0;
  }
  size_t filesWithPrefix(const std::string &prefix) const {
    std::vector<std::string> names;
    int root = FileOps::system().open(options.directory.c_str(), 0);
    FileOps::system().list(root, names);
    ::close(root);
    size_t count = 0;
    for (const std::string &name : names)
      count += name.rfind(prefix, 0) == 0;
    return count;
  }

  /// What is at the entry's name must be a counted miss; after a store the entry is whole again.
  void expectMissThenRecovery() {
    DiskCache cache = open();
    EXPECT_FALSE(cache.find(key));
    EXPECT_EQ(cache.stats().damaged, 1u);
    EXPECT_EQ(cache.stats().misses, 1u);
    cache.store(key, payload);
    EXPECT_EQ(cache.stats().stores, 1u) << cache.problem();
    EXPECT_EQ(open().find(key), payload);
  }

  std::string base;
  FaultyOps ops;
  Options options;
  Key key = makeKey(1);
  Bytes payload = makeBytes(5000);
};

} // namespace attn::cache

#endif // ATTN_TEST_UNIT_CACHE_CACHETEST_H
