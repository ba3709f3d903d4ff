# CTest tests that hold hardware.
#
#   lockable_add_test(NAME <name> COMMAND <command> [<argument>...]
#                     [REQUIREMENTS <text>...]          # each one more resource, all or none; default: any one
#                     [RESOURCES <file or URL>] [STORE <uri>] [LOCK_FOLDER <dir>] [ALLOCATION_TIMEOUT <seconds>]
#                     [PRIORITY <n>] [ON_MISSING skip|fail] [PROBE <shell command>] [QUARANTINE_AFTER <n>]
#                     [WORKING_DIRECTORY <dir>] [CONFIGURATIONS <config>...])
#
# Adds a test that runs its command under `lockable`. The command is a target, a program or a script, as for add_test(). Any text works as
# requirements. The test's property LOCKABLE_REQUIREMENTS replaces the argument, set before or after anything else. Defaults for
# a directory: the variables LOCKABLE_RESOURCES, LOCKABLE_STORE, LOCKABLE_LOCK_FOLDER, LOCKABLE_ALLOCATION_TIMEOUT, LOCKABLE_PRIORITY,
# LOCKABLE_ON_MISSING, LOCKABLE_PROBE, LOCKABLE_QUARANTINE_AFTER; what neither says comes from the environment of ctest.
#
# PROBE is run on the resource before the test: when it fails the resource is set aside and the next one is tried. QUARANTINE_AFTER sets
# a resource aside after so many failed tests in a row. (lockable --help; the library's Options::probe.) A probe belongs to the wait for
# hardware, ALLOCATION_TIMEOUT.
#
# Time spent waiting for hardware does not count against the test's TIMEOUT. A test that ends with 77 (or its SKIP_RETURN_CODE) is skipped.
# `ctest --timeout` does not apply to these tests: the variable LOCKABLE_RUN_TIMEOUT is the TIMEOUT of those in a directory that have
# none, else that of include(CTest).
#
#   lockable_discover_tests(<target> [the arguments of gtest_discover_tests()] [REQUIREMENTS <text>...]
#                           [the other arguments of lockable_add_test() from RESOURCES to QUARANTINE_AFTER])
#
# One test for each case of a GoogleTest program (lockable_discover_tests.cmake).
#
#   lockable_add_fixture(NAME <fixture> [REQUIREMENTS <text>...] [those other arguments] [CONFIGURATIONS <config>...])
#
# Hardware that all tests with FIXTURES_REQUIRED <fixture> use in turn (lockable_add_fixture.cmake).
#
# Every argument, property and variable by name: README.md beside this file.
#
# A plain `ctest -j<n>` then starts no more tests than there is hardware for (lockable_schedule.cmake).
#
# On a test of add_test() the property LOCKABLE_REQUIREMENTS becomes the environment variable of that name, which every program with
# lockable::gtest reads (lockable_plain_test.cmake); in each directory that includes this module, as find_package(lockable) does, or calls
# lockable_add_test().

# What is below must work whatever version of CMake the project asks for.
cmake_policy(PUSH)
cmake_policy(VERSION 3.22)

# Once per directory, when everything in it has been said.
function(_lockable_at_end_of_directory)
  cmake_language(DEFER GET_CALL_IDS known)
  if(NOT _lockable_finish IN_LIST known)
    cmake_language(EVAL CODE "cmake_language(DEFER ID _lockable_finish CALL _lockable_finish_directory)")
  endif()
endfunction()

function(lockable_add_test)
  _lockable_defaults()
  _lockable_take(lockable_add_test ${ARGC} ${_lockable_options} NAME WORKING_DIRECTORY COMMAND REQUIREMENTS CONFIGURATIONS)
  if(NOT DEFINED given_NAME OR command STREQUAL "")
    message(FATAL_ERROR "lockable_add_test: NAME and COMMAND are needed")
  endif()
  _lockable_check_options(lockable_add_test)

  string(MD5 hash "${given_NAME}")
  set(settings "${CMAKE_CURRENT_BINARY_DIR}/lockable/${hash}.json")
  set(options "")
  _lockable_options(_lockable_add_word options)
  set(name "")
  set(file "")
  _lockable_add_word(name "${given_NAME}")
  _lockable_add_word(file "${settings}")
  set(more "${configurations}")
  if(DEFINED given_WORKING_DIRECTORY)
    string(APPEND more " WORKING_DIRECTORY ")
    _lockable_add_word(more "${given_WORKING_DIRECTORY}")
  endif()
  # (The file, not the target, which would be started by what CMAKE_CROSSCOMPILING_EMULATOR and CMAKE_TEST_LAUNCHER say.)
  cmake_language(EVAL CODE "add_test(NAME ${name} ${more} COMMAND $<TARGET_FILE:lockable::command> --ctest ${file} --die-with-parent
                            ${options} -- ${command})")
  _lockable_note("${given_NAME}" "${settings}" "")
endfunction()

# Of its caller's variables: keeps what the end of the directory will make settings of. `more` is added to them.
function(_lockable_note test settings more)
  set_property(TEST "${test}" PROPERTY _LOCKABLE_SETTINGS "${settings}")
  set_property(TEST "${test}" PROPERTY _LOCKABLE_MORE "${more}")
  set_property(TEST "${test}" PROPERTY _LOCKABLE_TEXTS "${requirements}")
  set_property(TEST "${test}" PROPERTY _LOCKABLE_ALLOCATION_TIMEOUT "${given_ALLOCATION_TIMEOUT}")
  _lockable_at_end_of_directory()
  _lockable_schedule()
endfunction()

# Takes the arguments of its caller one by one from ARGV<n>, since a list would split them at ';' and join them at '['; `keywords` are
# those that it knows. Sets given_<keyword>, and as CMake code or JSON strings: command, configurations, requirements.
macro(_lockable_take function count)
  set(keywords ${ARGN})
  set(keyword "")
  set(command "")
  set(configurations "")
  set(requirements "")
  set(index 0)
  while(index LESS ${count})
    set(argument "${ARGV${index}}")
    math(EXPR index "${index} + 1")
    if("${argument}" IN_LIST keywords)
      set(keyword "${argument}")
      if(keyword STREQUAL "CONFIGURATIONS")
        set(configurations " CONFIGURATIONS")
      endif()
    elseif(keyword STREQUAL "COMMAND")
      _lockable_add_word(command "${argument}")
    elseif(keyword STREQUAL "CONFIGURATIONS")
      _lockable_add_word(configurations "${argument}")
    elseif(keyword STREQUAL "REQUIREMENTS")
      _lockable_add_text(requirements "${argument}")
    elseif(keyword STREQUAL "")
      message(FATAL_ERROR "${function}: unexpected argument \"${argument}\"")
    else()
      set(given_${keyword} "${argument}")
      set(keyword "")
    endif()
  endwhile()
endmacro()

# What several functions take, and what becomes an option of the command: the following are about their caller's variables given_<option>.
# (No variable here: these functions are also called where the directory that included this file does not reach.)
macro(_lockable_defaults)
  set(_lockable_options RESOURCES STORE LOCK_FOLDER ALLOCATION_TIMEOUT PRIORITY ON_MISSING PROBE QUARANTINE_AFTER)
  foreach(option IN LISTS _lockable_options)
    if(NOT "${LOCKABLE_${option}}" STREQUAL "")
      set(given_${option} "${LOCKABLE_${option}}")
    endif()
  endforeach()
endmacro()

# Appends them, as words of the command line of `lockable`, by that function.
macro(_lockable_options add variable)
  foreach(option IN LISTS _lockable_options)
    if(DEFINED given_${option})
      string(TOLOWER "--${option}" flag)
      string(REPLACE "_" "-" flag "${flag}")
      string(REPLACE "--allocation-timeout" "--timeout" flag "${flag}")
      cmake_language(CALL ${add} ${variable} "${flag}")
      cmake_language(CALL ${add} ${variable} "${given_${option}}")
    endif()
  endforeach()
endmacro()

macro(_lockable_check_options function)
  if(DEFINED given_RESOURCES AND NOT given_RESOURCES MATCHES "^https?://")
    get_filename_component(given_RESOURCES "${given_RESOURCES}" ABSOLUTE)
  endif()
  if(DEFINED given_LOCK_FOLDER)
    get_filename_component(given_LOCK_FOLDER "${given_LOCK_FOLDER}" ABSOLUTE)
  endif()
  if(DEFINED given_LOCK_FOLDER AND "${given_STORE}" MATCHES "^file:")
    message(FATAL_ERROR "${function}: LOCK_FOLDER and a STORE of files exclude each other")
  endif()
  if(NOT DEFINED given_ALLOCATION_TIMEOUT)
    set(given_ALLOCATION_TIMEOUT 1000)
  endif()
  if(NOT given_ALLOCATION_TIMEOUT MATCHES "^[0-9]+$")
    message(FATAL_ERROR "${function}: ALLOCATION_TIMEOUT takes whole seconds, not \"${given_ALLOCATION_TIMEOUT}\"")
  endif()
  if(DEFINED given_PRIORITY AND NOT given_PRIORITY MATCHES "^-?[0-9]+$")
    message(FATAL_ERROR "${function}: PRIORITY takes a whole number, not \"${given_PRIORITY}\"")
  endif()
  if(DEFINED given_QUARANTINE_AFTER AND NOT given_QUARANTINE_AFTER MATCHES "^[0-9]+$")
    message(FATAL_ERROR "${function}: QUARANTINE_AFTER takes a whole number, not \"${given_QUARANTINE_AFTER}\"")
  endif()
  if(DEFINED given_ON_MISSING AND NOT given_ON_MISSING MATCHES "^(skip|fail)$")
    message(FATAL_ERROR "${function}: ON_MISSING takes skip or fail, not \"${given_ON_MISSING}\"")
  endif()
endmacro()

# Appends one word of CMake code that stands for exactly that text (a bracket argument loses its first line end). The first word of a
# command may be a target.
function(_lockable_add_word variable text)
  set(code "${${variable}}")
  if(variable STREQUAL "command" AND code STREQUAL "" AND text MATCHES "^[A-Za-z0-9_.+:-]+$")
    if(TARGET "${text}")
      foreach(property IN ITEMS TEST_LAUNCHER CROSSCOMPILING_EMULATOR)  # the first one means something from CMake 3.29 on
        get_target_property(launcher "${text}" ${property})
        if(launcher AND (property STREQUAL "CROSSCOMPILING_EMULATOR" OR NOT CMAKE_VERSION VERSION_LESS 3.29))
          foreach(part IN LISTS launcher)
            string(APPEND code " [=======[\n${part}]=======]")
          endforeach()
        endif()
      endforeach()
    endif()
    # Known for sure only when all directories have been read. What is not chosen is not looked at.
    set(there "$<TARGET_EXISTS:${text}>")
    set(program "$<STREQUAL:$<TARGET_PROPERTY:${text},TYPE>,EXECUTABLE>")
    set(file "$<${program}:$<TARGET_FILE:${text}>>$<$<NOT:${program}>:${text}>")
    set(text "$<${there}:${file}>$<$<NOT:${there}>:${text}>")
  endif()
  set(${variable} "${code} [=======[\n${text}]=======]" PARENT_SCOPE)
endfunction()

# Appends the text as a JSON string.
function(_lockable_add_text variable text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  foreach(code RANGE 1 31)
    string(ASCII ${code} control)
    math(EXPR hex "${code}" OUTPUT_FORMAT HEXADECIMAL)
    string(REGEX REPLACE "0x(.?.)$" "000\\1" hex "${hex}")
    string(REGEX REPLACE ".*(....)$" "\\1" hex "${hex}")
    string(REPLACE "${control}" "\\u${hex}" text "${text}")
  endforeach()
  set(separator "")
  if(NOT "${${variable}}" STREQUAL "")
    set(separator ",")
  endif()
  set(${variable} "${${variable}}${separator}\"${text}\"" PARENT_SCOPE)
endfunction()

# Reads the properties as they are at last, and writes down what follows from them.
function(_lockable_finish_directory)
  # A list that does not protect what names may hold: `;` `[` `]` `\`. It is in order: "a" comes before "a;b".
  get_property(tests DIRECTORY PROPERTY TESTS)
  string(ASCII 1 open)
  string(ASCII 2 close)
  string(ASCII 3 backslash)
  string(REPLACE "[" "${open}" tests "${tests}")
  string(REPLACE "]" "${close}" tests "${tests}")
  string(REPLACE "\\" "${backslash}" tests "${tests}")
  set(test "")
  foreach(part IN LISTS tests)
    string(APPEND test "${part}")
    string(REPLACE "${open}" "[" test "${test}")
    string(REPLACE "${close}" "]" test "${test}")
    string(REPLACE "${backslash}" "\\" test "${test}")
    string(MD5 hash "${test}")
    if(TEST "${test}" AND NOT DEFINED finished_${hash})
      _lockable_finish("${test}")
      set(finished_${hash} ON)
      set(test "")
    else()
      string(APPEND test ";")
    endif()
  endforeach()
endfunction()

function(_lockable_finish test)
  get_property(settings TEST "${test}" PROPERTY _LOCKABLE_SETTINGS)
  get_property(stated TEST "${test}" PROPERTY LOCKABLE_REQUIREMENTS SET)
  get_property(text TEST "${test}" PROPERTY LOCKABLE_REQUIREMENTS)
  get_property(fixtures TEST "${test}" PROPERTY FIXTURES_REQUIRED)
  if(NOT "${fixtures}" STREQUAL "")
    _lockable_fixtures(folders "${fixtures}")
    set_property(TEST "${test}" APPEND PROPERTY ENVIRONMENT "LOCKABLE_FIXTURES=${folders}")
  endif()
  if(NOT "${settings}" STREQUAL "")
    _lockable_finish_test("${test}" "${settings}" "${stated}" "${text}")
  elseif(stated)
    _lockable_finish_plain_test("${test}" "${text}")
  endif()
endfunction()

# CTest starts its clock anew when TIMEOUT_AFTER_MATCH matches, but in the first run of --repeat only: TIMEOUT must allow for both the
# wait and the run, and lockable ends a later run that hangs.
function(_lockable_finish_test test settings stated text)
  get_property(texts TEST "${test}" PROPERTY _LOCKABLE_TEXTS)
  get_property(more TEST "${test}" PROPERTY _LOCKABLE_MORE)
  get_property(wait TEST "${test}" PROPERTY _LOCKABLE_ALLOCATION_TIMEOUT)
  get_property(timeout TEST "${test}" PROPERTY TIMEOUT)
  get_property(skip TEST "${test}" PROPERTY SKIP_RETURN_CODE SET)
  get_property(skip_code TEST "${test}" PROPERTY SKIP_RETURN_CODE)
  if(stated)
    set(texts "")
    _lockable_add_text(texts "${text}")
  endif()
  _lockable_clocks("${timeout}" "${wait}")
  if(NOT clock_TIMEOUT STREQUAL "")
    set_property(TEST "${test}" PROPERTY TIMEOUT "${clock_TIMEOUT}")
    set_property(TEST "${test}" PROPERTY TIMEOUT_AFTER_MATCH "${clock_AFTER_MATCH}")
  endif()
  if(NOT skip)
    set_property(TEST "${test}" PROPERTY SKIP_RETURN_CODE 77)
  elseif(skip_code MATCHES "^[0-9]+$")
    string(APPEND clock_settings ", \"skip_return_code\": ${skip_code}")
  endif()
  _lockable_demand(demand)
  file(WRITE "${settings}" "{\"requirements\": [${texts}]${more}${clock_settings}, \"demand\": ${demand}}\n")
endfunction()

# For a test that may run for `timeout` seconds (may be empty) once it has what it waited `wait` seconds for at most: the values of the
# properties TIMEOUT and TIMEOUT_AFTER_MATCH as clock_TIMEOUT (empty: none) and clock_AFTER_MATCH, and clock_settings for the settings' file.
function(_lockable_clocks timeout wait)
  if("${timeout}" STREQUAL "" AND NOT "${LOCKABLE_RUN_TIMEOUT}" STREQUAL "")
    set(timeout "${LOCKABLE_RUN_TIMEOUT}")
  endif()
  if("${timeout}" STREQUAL "" AND DEFINED DART_TESTING_TIMEOUT)
    set(timeout "${DART_TESTING_TIMEOUT}")
  endif()
  set(clock_TIMEOUT "" PARENT_SCOPE)
  set(clock_AFTER_MATCH "" PARENT_SCOPE)
  set(clock_settings "" PARENT_SCOPE)
  if(timeout GREATER 0)
    string(REGEX REPLACE "\\..*" "" whole "${timeout}")
    math(EXPR both "${wait} + ${whole} + 1")
    math(EXPR backstop "${whole} + 2")
    set(clock_TIMEOUT "${both}" PARENT_SCOPE)
    set(clock_AFTER_MATCH "${timeout};lockable: allocated " PARENT_SCOPE)
    set(clock_settings ", \"run_timeout\": ${backstop}" PARENT_SCOPE)
  endif()
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/lockable_schedule.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/lockable_discover_tests.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/lockable_add_fixture.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/lockable_plain_test.cmake")

_lockable_at_end_of_directory()

cmake_policy(POP)
