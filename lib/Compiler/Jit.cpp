// The JIT: a key, a look into the cache, a compilation. A failed compilation is not remembered, since its reason (a full
// disk, a missing ptxas) may pass.
#include "attn/Compiler/Jit.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

namespace attn::compiler {

struct Jit::State {
  explicit State(const cache::Options &options) : cache(cache::DiskCache::open(options)) {}

  cache::DiskCache cache;
  std::mutex mutex;
  std::condition_variable finished;
  std::set<cache::Key> running;
};

namespace {
/// Holds a key for one thread; others that want it wait, and then find the image in the cache.
class Turn {
public:
  Turn(std::mutex &mutex, std::condition_variable &finished, std::set<cache::Key> &running, const cache::Key &key)
      : mutex(mutex), finished(finished), running(running), key(key) {
    std::unique_lock<std::mutex> lock(mutex);
    finished.wait(lock, [&] { return running.count(key) == 0; });
    running.insert(key);
  }
  ~Turn() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      running.erase(key);
    }
    finished.notify_all();
  }

private:
  std::mutex &mutex;
  std::condition_variable &finished;
  std::set<cache::Key> &running;
  cache::Key key;
};
} // namespace

Jit::Jit(const cache::Options &options) : state(std::make_unique<State>(options)) {}
Jit::~Jit() = default;

Result<JitImage> Jit::get(std::string_view spec, const CompileOptions &asked) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  auto elapsed = [&] { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); };
  CompileOptions options = asked;
  options.emit = Emit::Image;
  options.stopAfter.clear();

  cache::Key key = keyOf(spec, options);
  if (std::optional<std::vector<uint8_t>> found = state->cache.find(key))
    return JitImage{std::move(*found), true, elapsed()};
  Turn turn(state->mutex, state->finished, state->running, key);
  if (std::optional<std::vector<uint8_t>> found = state->cache.find(key)) // another thread made it meanwhile
    return JitImage{std::move(*found), true, elapsed()};
  Result<CompileOutput> compiled = compile(spec, options);
  if (!compiled)
    return compiled.error();
  state->cache.store(key, compiled->bytes);
  return JitImage{std::move(compiled->bytes), false, elapsed()};
}

void Jit::forget(std::string_view spec, const CompileOptions &options) { state->cache.remove(keyOf(spec, options)); }

cache::Stats Jit::stats() const { return state->cache.stats(); }

std::string Jit::cacheProblem() const { return state->cache.problem(); }

} // namespace attn::compiler
