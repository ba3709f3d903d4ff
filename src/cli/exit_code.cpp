#include "cli/exit_code.h"

#include <lockable/error.h>

#include <exception>

#include "cli/say.h"

namespace lockable::cli {
namespace {

int report(const char* program, const std::exception& error, ExitCode code) {
  say("{}: {}\n", program, error.what());
  return code;
}

}  // namespace

int report_exception(const char* program) noexcept try { throw; } catch (const InvalidRequirements& error) {
  return report(program, error, kInvalidData);
} catch (const InvalidInventory& error) {
  return report(program, error, kInvalidData);
} catch (const ResourceNotFound& error) {
  return report(program, error, kNoSuchResource);
} catch (const AllocationTimeout& error) {
  return report(program, error, kTimeout);
} catch (const Deadlock& error) {
  return report(program, error, kDeadlock);
} catch (const AllSetAside& error) {
  return report(program, error, kSetAside);
} catch (const LockLost& error) {
  return report(program, error, kLockLost);
} catch (const LockFolderError& error) {
  return report(program, error, kLockFolder);
} catch (const std::exception& error) {
  return report(program, error, kUnreachable);
}

}  // namespace lockable::cli
