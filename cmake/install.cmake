# What `cmake --install` puts where, and the package that find_package(lockable) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(LOCKABLE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/lockable)

# With BUILD_SHARED_LIBS the commands find our libraries where they were installed, also when that folder is moved.
if(BUILD_SHARED_LIBS)
  file(RELATIVE_PATH from_bin "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
  set_target_properties(lockable_command lockablectl PROPERTIES INSTALL_RPATH "$ORIGIN/${from_bin}")
  set_target_properties(lockable_gtest lockable_gtest_main PROPERTIES INSTALL_RPATH "$ORIGIN")
endif()

install(
  TARGETS lockable lockable_gtest lockable_gtest_main lockable_command lockablectl
  EXPORT lockableTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lockable DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
  EXPORT lockableTargets
  NAMESPACE lockable::
  DESTINATION ${LOCKABLE_PACKAGE_DIR})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/lockableConfig.cmake.in ${PROJECT_BINARY_DIR}/lockableConfig.cmake
                              INSTALL_DESTINATION ${LOCKABLE_PACKAGE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lockableConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lockableConfig.cmake ${PROJECT_BINARY_DIR}/lockableConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/Lockable.cmake ${PROJECT_SOURCE_DIR}/cmake/lockable_add_fixture.cmake ${PROJECT_SOURCE_DIR}/cmake/lockable_discover_tests.cmake
              ${PROJECT_SOURCE_DIR}/cmake/lockable_plain_test.cmake ${PROJECT_SOURCE_DIR}/cmake/lockable_schedule.cmake ${PROJECT_SOURCE_DIR}/cmake/FindPCRE2.cmake
              ${PROJECT_SOURCE_DIR}/cmake/README.md
        DESTINATION ${LOCKABLE_PACKAGE_DIR})
