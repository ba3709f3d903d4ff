# The property LOCKABLE_REQUIREMENTS on a test of plain add_test(). Included by Lockable.cmake.
#
# It becomes the environment variable of that name, which every program with lockable::gtest reads. So do the directory's defaults, as
# they are at its end: the test must meet those of lockable_add_test() beside it in the same locks. What its own ENVIRONMENT says wins.

function(_lockable_finish_plain_test test text)
  string(REPLACE ";" "\\;" text "${text}")
  set_property(TEST "${test}" APPEND PROPERTY ENVIRONMENT "LOCKABLE_REQUIREMENTS=${text}")
  get_property(own TEST "${test}" PROPERTY ENVIRONMENT)
  _lockable_defaults()
  _lockable_check_options("LOCKABLE_REQUIREMENTS of ${test}")
  if("${LOCKABLE_ALLOCATION_TIMEOUT}" STREQUAL "")
    unset(given_ALLOCATION_TIMEOUT)
  endif()
  _lockable_plain_store()
  set(defaults "")
  foreach(option IN LISTS _lockable_options)
    if(DEFINED given_${option})
      string(REPLACE "ALLOCATION_TIMEOUT" "TIMEOUT" name "${option}")
      string(REPLACE ";" "\\;" value "${given_${option}}")
      string(APPEND defaults "LOCKABLE_${name}=${value};")
    endif()
  endforeach()
  set_property(TEST "${test}" PROPERTY ENVIRONMENT "${defaults}${own}")  # of two values the later one counts
endfunction()

# Of its caller's variables: where the locks are is said by two variables, which come from one place. (As options of a command they would
# hide those of the environment of ctest; and both together are one store.)
macro(_lockable_plain_store)
  if("${own}" MATCHES "(^|;)LOCKABLE_(STORE|LOCK_FOLDER)=")
    unset(given_STORE)
    unset(given_LOCK_FOLDER)
  elseif(DEFINED given_STORE)
    if(DEFINED given_LOCK_FOLDER)
      string(APPEND given_STORE "+file:${given_LOCK_FOLDER}")
    endif()
    set(given_LOCK_FOLDER "")
  elseif(DEFINED given_LOCK_FOLDER)
    set(given_STORE "")
  endif()
endmacro()
