// Returns 0 when the oven that the test holds is hot enough for it.
#include <cstdlib>
#include <iostream>

int main() {
  const char* id = std::getenv("LOCKABLE_RESOURCE_ID");
  const char* limit = std::getenv("LOCKABLE_RESOURCE_MAX_CELSIUS");
  if (id == nullptr || limit == nullptr) {
    std::cerr << "to be run under lockable\n";
    return 1;
  }
  std::cout << "heating " << id << " to 250 of " << limit << " degrees\n";
  return std::atoi(limit) >= 250 ? 0 : 1;
}
