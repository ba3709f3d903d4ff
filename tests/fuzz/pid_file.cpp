// Contents of pid files: any text says something, whose parts hold what PidFile promises.
#include "stores/file/pid_file.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockable::file_store;
  const std::string text(data, data + size);
  const PidFile file = parse_pid_file(text);
  if (!file.record.is_null() && !file.record.is_object()) std::abort();
  if (file.empty && (file.pid != 0 || !file.record.is_null())) std::abort();
  taken_without_flock(file, {});
  return 0;
}
