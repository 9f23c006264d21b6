// A C++17 program on an installed AttnMLIR that links the runtime alone: loads the image in the file that its argument names
// and prints its arguments, or says why it cannot, as for GPU code without a GPU.
#include <attn/attn.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

int main(int argc, char **argv) {
  if (argc != 2)
    return std::fputs("usage: load-image IMAGE\n", stderr), 2;
  std::ifstream file(argv[1], std::ios::binary);
  std::vector<uint8_t> image{std::istreambuf_iterator<char>(file), {}};
  attn::Result<attn::Kernel> kernel = attn::Kernel::load(image);
  if (!kernel) {
    std::printf("load-image: %s: %s\n", attnStatusName(attnStatus(kernel.error().status)), kernel.error().message.c_str());
    return kernel.error().status == attn::Status::NoDevice ? 0 : 1;
  }
  std::printf("load-image: %s with %zu arguments\n", kernel->info().symbol, kernel->arguments().size());
  return 0;
}
