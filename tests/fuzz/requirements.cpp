// Texts of requirements: read or refused, and what was read says the same when read again.
#include <lockable/error.h>
#include <lockable/requirements.h>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lockable::Requirements;
  const std::string text(data, data + size);
  try {
    const Requirements once(text);
    const Requirements complete = once.with_defaults("host");
    const Requirements again(once.json());
    if (again.json() != once.json() || again.size() != once.size() || complete.size() != once.size())
      std::abort();
    for (const Requirements::Part& part : complete.parts())
      part.query.matches({{"hostname", "host"}, {"online", true}});
  } catch (const lockable::InvalidRequirements& error) {
    if (std::string(error.what()).empty()) std::abort();
  }
  return 0;
}
