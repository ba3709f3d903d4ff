# lockable's CMake module
