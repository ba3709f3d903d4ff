/// \file
/// A shared library loaded when it is first needed (dlopen(3)), for what few programs need.
#pragma once

namespace lockable::platform {

/// Never unloaded: libraries like libcurl leave things behind that outlive any owner. Any thread.
class SharedLibrary {
 public:
  /// Throws Error with the loader's own words when there is none of that name.
  explicit SharedLibrary(const char* name);
  /// The address of a function in it. Throws Error when it has none.
  template <typename Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(address(name));
  }

 private:
  void* address(const char* name) const;
  void* handle_;
};

}  // namespace lockable::platform
