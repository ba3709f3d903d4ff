# What all our targets share: the language level and the warnings.
function(lockable_target target)
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                           -Wold-style-cast -Wconversion -Woverloaded-virtual)
  if(LOCKABLE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
