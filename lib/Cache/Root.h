// Which directory the cache lives in, and opening it safely.
#ifndef ATTN_LIB_CACHE_ROOT_H
#define ATTN_LIB_CACHE_ROOT_H

#include "attn/Cache/FileOps.h"

namespace attn::cache {

/// The directory by the environment, empty with a sentence in `problem` if there is none.
std::string defaultDirectory(std::string &problem);

/// Opens a directory, making it and its parents if need be, and checks that no one else can write to it. A descriptor,
/// or -1 with a sentence in `problem`.
int openRoot(FileOps &ops, const std::string &path, std::string &problem);

} // namespace attn::cache

#endif // ATTN_LIB_CACHE_ROOT_H
