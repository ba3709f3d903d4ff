# Hardware that is held over several tests, as a fixture of CTest. Included by Lockable.cmake.
#
#   lockable_add_fixture(NAME <fixture> [REQUIREMENTS <text>...]
#                        [RESOURCES <file or URL>] [STORE <uri>] [LOCK_FOLDER <dir>] [ALLOCATION_TIMEOUT <seconds>]
#                        [PRIORITY <n>] [ON_MISSING skip|fail] [PROBE <shell command>] [QUARANTINE_AFTER <n>]
#                        [CONFIGURATIONS <config>...])
#
# Adds two tests, <fixture>_setup and <fixture>_cleanup, that ctest runs before and after all tests whose property FIXTURES_REQUIRED has
# <fixture>, whichever of them are selected. What the first one allocates is held until the second one, or until ctest ends.
# The arguments are those of lockable_add_test(); properties may be set on the two tests: TIMEOUT, LABELS, LOCKABLE_REQUIREMENTS and so on.
#
# A test that requires the fixture uses that hardware instead of allocating its own, one test at a time, when it serves what the test asks
# for: a test of lockable_add_test(), a case of lockable_discover_tests() with FIXTURES_REQUIRED among its PROPERTIES, or any program with
# lockable::gtest, in each directory that includes Lockable.cmake. A test of lockable_add_test() without REQUIREMENTS uses all that its
# fixtures hold. What a fixture does not serve is allocated as ever.
#
# When nothing matches, ON_MISSING skip skips the setup and every test that requires the fixture. When the setup fails ctest does not run
# them. When the holder is killed on the way they fail: they do not go on with other hardware than the tests before them.

function(lockable_add_fixture)
  _lockable_defaults()
  _lockable_take(lockable_add_fixture ${ARGC} ${_lockable_options} NAME REQUIREMENTS CONFIGURATIONS)
  if(NOT DEFINED given_NAME)
    message(FATAL_ERROR "lockable_add_fixture: NAME is needed")
  endif()
  _lockable_check_options(lockable_add_fixture)
  _lockable_fixture_folder(folder "${given_NAME}")
  string(MD5 hash "${given_NAME}")
  set(files "${CMAKE_CURRENT_BINARY_DIR}/lockable/fixture-${hash}")
  set(name "")
  set(in "")
  _lockable_add_text(name "${given_NAME}")
  _lockable_add_text(in "${folder}")
  set(task ", \"fixture\": ${name}, \"folder\": ${in}")
  set(options "")
  _lockable_options(_lockable_add_word options)
  _lockable_fixture_test("${given_NAME}_setup" "${files}-setup.json" "${options}" "${configurations}")
  _lockable_fixture_test("${given_NAME}_cleanup" "${files}-cleanup.json" "" "${configurations}")
  set_property(TEST "${given_NAME}_setup" APPEND PROPERTY FIXTURES_SETUP "${given_NAME}")
  set_property(TEST "${given_NAME}_cleanup" APPEND PROPERTY FIXTURES_CLEANUP "${given_NAME}")
  # Before the tests of no fixture, and with it all that it waits for: a test that waits in the only job slot for hardware which a fixture
  # holds would keep the fixture's own tests from running.
  set_property(TEST "${given_NAME}_cleanup" PROPERTY COST 1000000)
  set_property(TEST "${given_NAME}_cleanup" PROPERTY SKIP_RETURN_CODE 77)
  _lockable_note("${given_NAME}_setup" "${files}-setup.json" "${task}")
  file(WRITE "${files}-cleanup.json" "{\"requirements\": []${task}, \"cleanup\": true}\n")
endfunction()

function(_lockable_fixture_test test settings options configurations)
  set(name "")
  set(file "")
  _lockable_add_word(name "${test}")
  _lockable_add_word(file "${settings}")
  cmake_language(EVAL CODE "add_test(NAME ${name} ${configurations} COMMAND $<TARGET_FILE:lockable::command> --ctest ${file} ${options})")
endfunction()

# Where who requires that fixture finds what it holds: known wherever, and in whatever order, fixture and tests are declared.
function(_lockable_fixture_folder variable name)
  string(MD5 hash "${name}")
  set(${variable} "${CMAKE_BINARY_DIR}/lockable-fixtures/${hash}" PARENT_SCOPE)
endfunction()

# The folders of fixtures as a JSON array, without characters that mean something in a property.
function(_lockable_fixtures variable fixtures)
  set(folders "")
  foreach(fixture IN LISTS fixtures)
    _lockable_fixture_folder(folder "${fixture}")
    _lockable_add_text(folders "${folder}")
  endforeach()
  foreach(code 36 59 60 62 91 93)  # $ ; < > [ ]
    string(ASCII ${code} character)
    math(EXPR hex "${code}" OUTPUT_FORMAT HEXADECIMAL)
    string(REPLACE "0x" "\\u00" hex "${hex}")
    string(REPLACE "${character}" "${hex}" folders "${folders}")
  endforeach()
  set(${variable} "[${folders}]" PARENT_SCOPE)
endfunction()
