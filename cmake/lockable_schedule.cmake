# A plain `ctest -j<n>` that starts no more tests at once than there is hardware for. Included by Lockable.cmake.
#
# When ctest starts, `lockablectl ctest-spec` reads its list of tests and their inventories as they are then, and makes a resource
# specification (ctest(1), "Resource Allocation") and a RESOURCE_GROUPS for each test of lockable_add_test() and lockable_discover_tests().
# The locks still decide who gets what: other ctest runs and other people are there too. It also writes down what all these
# tests are going to ask for, so that a test which could use any board leaves the scarce ones to those that need them.
#
# Nothing of that happens, and tests wait for hardware within their job slots, when an inventory cannot be read, when ctest was given
# a resource specification or a test has RESOURCE_GROUPS of its own (ctest says so then), when ctest is started below the top of the build
# tree, with the environment variable LOCKABLE_CTEST_SPEC=off, and where the variable LOCKABLE_CTEST_SPEC was OFF when CMake ran.

# Where the demand of the whole run will be, as a JSON string.
function(_lockable_demand variable)
  set(quoted "")
  _lockable_add_text(quoted "${CMAKE_BINARY_DIR}/lockable-schedule/demand.json")
  set(${variable} "${quoted}" PARENT_SCOPE)
endfunction()

# Once per directory that has tests of ours. In the file that ctest reads for a directory its include files come before its tests and its
# subdirectories after them, and only what comes after can set properties of a test: hence a subdirectory in each. The last one asks.
function(_lockable_schedule)
  get_property(known DIRECTORY PROPERTY _LOCKABLE_SCHEDULED)
  if(known OR NOT TARGET lockable::lockablectl OR (DEFINED LOCKABLE_CTEST_SPEC AND NOT LOCKABLE_CTEST_SPEC))
    return()
  endif()
  set_property(DIRECTORY PROPERTY _LOCKABLE_SCHEDULED ON)
  get_property(count GLOBAL PROPERTY _LOCKABLE_SCHEDULED)
  if("${count}" STREQUAL "")
    set(count 0)
    file(WRITE "${CMAKE_BINARY_DIR}/lockable-schedule/directory/CMakeLists.txt"
         "set_property(DIRECTORY PROPERTY TEST_INCLUDE_FILES [==[${CMAKE_BINARY_DIR}/lockable-schedule/include.cmake]==])\n")
    cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [==[${CMAKE_SOURCE_DIR}]==] CALL _lockable_write_schedule)")
  endif()
  math(EXPR count "${count} + 1")
  set_property(GLOBAL PROPERTY _LOCKABLE_SCHEDULED ${count})
  add_subdirectory("${CMAKE_BINARY_DIR}/lockable-schedule/directory" "${CMAKE_CURRENT_BINARY_DIR}/lockable/schedule")
endfunction()

# What each of them includes when ctest reads it, once their number is known.
function(_lockable_write_schedule)
  get_property(count GLOBAL PROPERTY _LOCKABLE_SCHEDULED)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(suffix "")
  set(included "")
  set(configuration "")
  if(multi_config)
    set(suffix "-$<CONFIG>")
    set(included "-\${CTEST_CONFIGURATION_TYPE}")
    set(configuration "-C $<CONFIG>")
  endif()
  file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/lockable-schedule/ask${suffix}.cmake" CONTENT "
if(NOT \"\$ENV{LOCKABLE_CTEST_SPEC}\" MATCHES \"^(off|no|false|0)$\" AND NOT DEFINED CTEST_RESOURCE_SPEC_FILE
   AND EXISTS [==[$<TARGET_FILE:lockable::lockablectl>]==])
  set(_lockable_before \"\$ENV{LOCKABLE_CTEST_SPEC}\")
  set(ENV{LOCKABLE_CTEST_SPEC} off)
  execute_process(COMMAND [==[${CMAKE_CTEST_COMMAND}]==] --show-only=json-v1 ${configuration}
                  COMMAND [==[$<TARGET_FILE:lockable::lockablectl>]==] ctest-spec --output [==[${CMAKE_BINARY_DIR}/lockable-schedule]==]
                  WORKING_DIRECTORY [==[${CMAKE_BINARY_DIR}]==] OUTPUT_VARIABLE _lockable_groups TIMEOUT 60)
  set(ENV{LOCKABLE_CTEST_SPEC} \"\${_lockable_before}\")
  if(EXISTS \"\${_lockable_groups}\")
    include(\"\${_lockable_groups}\")
  endif()
endif()
")
  file(WRITE "${CMAKE_BINARY_DIR}/lockable-schedule/include.cmake" "
math(EXPR _lockable_directories \"0\${_lockable_directories} + 1\")
if(_lockable_directories EQUAL ${count})
  include(\"\${CMAKE_CURRENT_LIST_DIR}/ask${included}.cmake\" OPTIONAL)
endif()
")
endfunction()
