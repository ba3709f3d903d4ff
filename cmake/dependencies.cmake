# Third-party packages: the system's where it has them, else fetched at a fixed version.
include(FetchContent)

# lockable_dependency(<package> <git url> <tag> <target>): makes <target> exist.
function(lockable_dependency package url tag target)
  if(TARGET ${target})
    return()
  endif()
  find_package(${package} QUIET)
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
    return()
  endif()
  message(STATUS "lockable: no ${package} on this system, fetching ${url} ${tag}")
  FetchContent_Declare(${package} GIT_REPOSITORY ${url} GIT_TAG ${tag} GIT_SHALLOW ON)
  FetchContent_MakeAvailable(${package})
endfunction()

lockable_dependency(nlohmann_json https://github.com/nlohmann/json.git v3.11.2 nlohmann_json::nlohmann_json)
# Within our libraries, so that nobody who links to them needs fmt; not so, all is built in half the time.
option(LOCKABLE_FMT_HEADER_ONLY "Take fmt into lockable instead of linking to it" ON)
if(LOCKABLE_FMT_HEADER_ONLY)
  set(LOCKABLE_FMT $<BUILD_INTERFACE:fmt::fmt-header-only>)
else()
  set(LOCKABLE_FMT fmt::fmt)
  set(FMT_INSTALL ON)  # where it is fetched
endif()
lockable_dependency(fmt https://github.com/fmtlib/fmt.git 9.1.0 fmt::fmt)
lockable_dependency(CLI11 https://github.com/CLIUtils/CLI11.git v2.1.2 CLI11::CLI11)
lockable_dependency(GTest https://github.com/google/googletest.git release-1.12.1 GTest::gtest)

# For lockablectl alone, so the installed package does not name it. The static one where there is one: a shared
# one would bring a second libstdc++ into a command that has its own.
set(PUGIXML_INSTALL OFF)
lockable_dependency(pugixml https://github.com/zeux/pugixml.git v1.15 pugixml::pugixml)
add_library(lockable_pugixml INTERFACE)
if(TARGET pugixml::static)
  target_link_libraries(lockable_pugixml INTERFACE pugixml::static)
else()
  target_link_libraries(lockable_pugixml INTERFACE pugixml::pugixml)
endif()

# Its own package has other names for the same library.
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(PCRE2 10.34 QUIET MODULE)
if(NOT TARGET PCRE2::8BIT)
  set(PCRE2_SUPPORT_JIT ON)
  set(PCRE2_BUILD_PCRE2GREP OFF)
  set(PCRE2_BUILD_TESTS OFF)
  lockable_dependency(PCRE2 https://github.com/PCRE2Project/pcre2.git pcre2-10.42 pcre2-8-static)
  add_library(PCRE2::8BIT ALIAS pcre2-8-static)
endif()
find_package(Threads REQUIRED)

# Of libcurl its headers only: the library is loaded by programs that speak to a network, when they do.
find_path(LOCKABLE_CURL_INCLUDE_DIR curl/curl.h DOC "Where the headers of libcurl are")
mark_as_advanced(LOCKABLE_CURL_INCLUDE_DIR)
if(NOT LOCKABLE_CURL_INCLUDE_DIR)
  message(STATUS "lockable: no headers of libcurl on this system, fetching https://github.com/curl/curl.git curl-7_88_1")
  FetchContent_Declare(lockable_curl GIT_REPOSITORY https://github.com/curl/curl.git GIT_TAG curl-7_88_1 GIT_SHALLOW ON
                                     SOURCE_SUBDIR include/not-built)
  FetchContent_MakeAvailable(lockable_curl)
  set(LOCKABLE_CURL_INCLUDE_DIR ${lockable_curl_SOURCE_DIR}/include)
endif()
