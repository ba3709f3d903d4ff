#include "cli/exit_code.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <cstdio>
#include <exception>

namespace lockable::cli {
namespace {

int say(const char* program, const std::exception& error, ExitCode code) {
  fmt::print(stderr, "{}: {}\n", program, error.what());
  return code;
}

}  // namespace

int report_exception(const char* program) noexcept try { throw; } catch (const InvalidRequirements& error) {
  return say(program, error, kInvalidData);
} catch (const InvalidInventory& error) {
  return say(program, error, kInvalidData);
} catch (const ResourceNotFound& error) {
  return say(program, error, kNoSuchResource);
} catch (const AllocationTimeout& error) {
  return say(program, error, kTimeout);
} catch (const Deadlock& error) {
  return say(program, error, kDeadlock);
} catch (const LockLost& error) {
  return say(program, error, kLockLost);
} catch (const LockFolderError& error) {
  return say(program, error, kLockFolder);
} catch (const std::exception& error) {
  return say(program, error, kUnreachable);
}

}  // namespace lockable::cli
