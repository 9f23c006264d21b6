// Everything that can stand at an entry's name without being the entry: each is a miss, and the next store heals it.
#include "CacheTest.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace attn::cache {

/// A change to the bytes of a good entry, by name.
struct Damage {
  const char *name;
  void (*apply)(Bytes &file);
};

static void putAll(Bytes &file, size_t at, size_t count, uint8_t value) {
  for (size_t i = 0; i < count; ++i)
    file[at + i] = value;
}

static const Damage damages[] = {
    {"TruncatedTo0", [](Bytes &f) { f.resize(0); }},
    {"TruncatedTo1", [](Bytes &f) { f.resize(1); }},
    {"TruncatedBeforeTheHeaderEnds", [](Bytes &f) { f.resize(95); }},
    {"TruncatedToTheHeader", [](Bytes &f) { f.resize(96); }},
    {"TruncatedByOne", [](Bytes &f) { f.pop_back(); }},
    {"GrownByOne", [](Bytes &f) { f.push_back(0); }},
    {"FlippedMagic", [](Bytes &f) { f[0] ^= 1; }},
    {"OlderVersion", [](Bytes &f) { f[8] = 0; }},
    {"NewerVersion", [](Bytes &f) { f[8] = 2; }},
    {"FlippedHeaderSize", [](Bytes &f) { f[12] ^= 4; }},
    {"FlippedPayloadSize", [](Bytes &f) { f[16] ^= 1; }},
    {"PayloadSizeOf2To63", [](Bytes &f) { f[23] = 0x80; }},
    {"PayloadSizeOfMinus1", [](Bytes &f) { putAll(f, 16, 8, 0xff); }},
    {"FlippedKey", [](Bytes &f) { f[40] ^= 16; }},
    {"FlippedPayloadHash", [](Bytes &f) { f[56] ^= 1; }},
    {"FlippedReserved", [](Bytes &f) { f[75] ^= 1; }},
    {"FlippedHeaderHash", [](Bytes &f) { f[95] ^= 128; }},
    {"FlippedFirstPayloadByte", [](Bytes &f) { f[96] ^= 1; }},
    {"FlippedMiddlePayloadByte", [](Bytes &f) { f[96 + 2500] ^= 8; }},
    {"FlippedLateBit", [](Bytes &f) { f[f.size() - 2] ^= 64; }},
    {"FlippedLastBit", [](Bytes &f) { f.back() ^= 128; }},
    {"AllZero", [](Bytes &f) { f.assign(1 << 20, 0); }},
    {"ForeignText", [](Bytes &f) { f.assign(200, 'x'); }},
};

class DamagedFileTest : public CacheTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamagedFileTest, IsAMissAndHeals) {
  open().store(key, payload);
  Bytes file = readFile();
  ASSERT_EQ(file.size(), payload.size() + 96);
  GetParam().apply(file);
  writeFile(file);
  expectMissThenRecovery();
}

INSTANTIATE_TEST_SUITE_P(Entry, DamagedFileTest, testing::ValuesIn(damages),
                         [](const auto &info) { return info.param.name; });

TEST_F(CacheTest, EveryFlippedBitOfTheHeaderIsAMiss) {
  open().store(key, payload);
  Bytes good = readFile();
  for (size_t bit = 0; bit < 96 * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= uint8_t(1 << bit % 8);
    writeFile(bad);
    ASSERT_FALSE(open().find(key)) << "bit " << bit;
  }
}

TEST_F(CacheTest, SwappedEntriesAreMisses) {
  Key other = makeKey(2);
  DiskCache cache = open();
  cache.store(key, payload);
  cache.store(other, makeBytes(payload.size(), 7));
  ASSERT_EQ(::rename(entryPath().c_str(), (base + "/aside").c_str()), 0);
  ASSERT_EQ(::rename(entryPath(other).c_str(), entryPath().c_str()), 0);
  ASSERT_EQ(::rename((base + "/aside").c_str(), entryPath(other).c_str()), 0);
  EXPECT_FALSE(cache.find(key));
  EXPECT_FALSE(cache.find(other));
  EXPECT_EQ(cache.stats().damaged, 2u);
}

TEST_F(CacheTest, SymbolicLinkIsNotFollowed) {
  DiskCache(open()).store(key, payload);
  std::string elsewhere = base + "/elsewhere";
  ASSERT_EQ(::rename(entryPath().c_str(), elsewhere.c_str()), 0);
  ASSERT_EQ(::symlink(elsewhere.c_str(), entryPath().c_str()), 0);
  expectMissThenRecovery();
  EXPECT_TRUE(exists(elsewhere));
}

TEST_F(CacheTest, DanglingSymbolicLinkIsAMiss) {
  open();
  ASSERT_EQ(::symlink((base + "/nowhere").c_str(), entryPath().c_str()), 0);
  expectMissThenRecovery();
  EXPECT_FALSE(exists(base + "/nowhere"));
}

TEST_F(CacheTest, HardLinkIsAMissAndTheOtherNameStays) {
  DiskCache(open()).store(key, payload);
  std::string elsewhere = base + "/elsewhere";
  ASSERT_EQ(::link(entryPath().c_str(), elsewhere.c_str()), 0);
  expectMissThenRecovery();
  EXPECT_TRUE(exists(elsewhere));
}

TEST_F(CacheTest, FifoDoesNotBlock) {
  open();
  ASSERT_EQ(::mkfifo(entryPath().c_str(), 0600), 0);
  expectMissThenRecovery();
}

TEST_F(CacheTest, SocketIsAMiss) {
  open();
  int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // The name is longer than a socket's may be, so it is bound under a short one and moved.
  std::string shortName = base + "/s";
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", shortName.c_str());
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
  ASSERT_EQ(::rename(shortName.c_str(), entryPath().c_str()), 0);
  expectMissThenRecovery();
  ::close(socket);
}

TEST_F(CacheTest, EmptyDirectoryIsReplaced) {
  open();
  ASSERT_EQ(::mkdir(entryPath().c_str(), 0700), 0);
  expectMissThenRecovery();
}

TEST_F(CacheTest, FullDirectoryStaysAndTheEntryIsKeptInMemory) {
  DiskCache cache = open();
  ASSERT_EQ(::mkdir(entryPath().c_str(), 0700), 0);
  std::ofstream(entryPath() + "/inside") << "x";
  EXPECT_FALSE(cache.find(key));
  cache.store(key, payload);
  EXPECT_EQ(cache.find(key), payload);
  EXPECT_EQ(cache.stats().storeFailures, 1u);
  EXPECT_TRUE(exists(entryPath() + "/inside"));
  EXPECT_EQ(filesWithPrefix(".tmp-"), 0u);
}

TEST_F(CacheTest, FileOfAnotherUserIsAMiss) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs the right to give files away";
  open().store(key, payload);
  ASSERT_EQ(::chown(entryPath().c_str(), 65534, 65534), 0);
  expectMissThenRecovery();
}

TEST_F(CacheTest, GiantFileIsNotRead) {
  open();
  int file = ::open(entryPath().c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_EQ(::ftruncate(file, off_t(1) << 40), 0);
  ::close(file);
  expectMissThenRecovery();
}

TEST_F(CacheTest, FileThatAnotherProcessReplacedMeanwhileStays) {
  // The reader opened a damaged file; before it removes the name, a writer put a good entry there.
  struct RacingOps : FileOps {
    std::string path, good;
    int status(int file, struct stat &status) override {
      int result = FileOps::status(file, status);
      if (!good.empty())
        ::rename(good.c_str(), path.c_str());
      good.clear();
      return result;
    }
  } racing;
  open().store(key, payload);
  Bytes file = readFile();
  file.back() ^= 1;
  std::string good = base + "/good";
  ASSERT_EQ(::rename(entryPath().c_str(), good.c_str()), 0);
  writeFile(file);
  options.ops = &racing;
  DiskCache reader = open();
  racing.path = entryPath();
  racing.good = good;
  EXPECT_FALSE(reader.find(key));
  EXPECT_EQ(reader.stats().damaged, 1u);
  EXPECT_EQ(reader.find(key), payload);
}

} // namespace attn::cache
